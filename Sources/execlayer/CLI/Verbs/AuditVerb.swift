internal import ArgumentParser
internal import ToolKit

struct AuditVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Verifies, shows and reindexes the audit.",
        subcommands: [AuditVerifyVerb.self, AuditShowVerb.self, AuditReindexVerb.self, AuditAcknowledgeVerb.self])
}

struct AuditVerifyVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Reads every line and proves that none was changed, added or cut off.",
        discussion:
            "Never needs the daemon. Ends with 0 when the log is intact, a torn last line included, else with 1.")

    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        try await session.withOfflineHome(home) { home in
            let progress = ProgressLine("verifying", on: session.terminal)
            defer { progress.end() }
            return try await home.verifyAudit { progress.report($0) }
        }.show(output, in: session)
    }
}

struct AuditAcknowledgeVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "acknowledge",
        abstract: "Takes note of lines that a start found missing; the daemon must be stopped.",
        discussion: "It is recorded, and verify still shows them. Find out first who changed the log.")

    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        do {
            return try await session.withOfflineHome(home) { try await $0.acknowledgeLosses() }
                .show(output, in: session)
        } catch let held as HomeInUse {
            throw CommandFailure(.failed, held.message, remedy: "stop it first")
        }
    }
}

struct AuditReindexVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "reindex",
        abstract: "Builds the index of the audit anew from its lines; the daemon must be stopped.")

    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        do {
            return try await session.withOfflineHome(home) { home in
                let progress = ProgressLine("reindexing", on: session.terminal)
                defer { progress.end() }
                return try await home.reindexAudit { progress.report($0) }
            }.show(output, in: session)
        } catch let held as HomeInUse {
            throw CommandFailure(.failed, held.message, remedy: "stop it first")
        }
    }
}

extension OfflineReport {
    func show(_ output: OutputOptions, in session: Session) -> CommandStatus {
        if output.json {
            session.terminal.show(json: json)
        } else {
            session.terminal.show(lines.map { TerminalText.safe($0) + "\n" }.joined())
        }
        return isGood ? .success : .failed
    }
}

struct AuditShowVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one entry with its receipt.")

    @Argument(help: "The audit_id.")
    var id: String
    @Flag(help: "Read the home even if a daemon answers.")
    var offline = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let options = ReachOptions(connection: connection, home: home, isOffline: offline)
        let answer = try await session.withReach(options) { reach in
            switch reach {
            case .daemon(let door): try await door.demand(.api(.get, "audit", id))
            case .offline(let home): try await home.auditEntry(id)
            }
        }
        if output.json {
            session.terminal.show(json: answer)
        } else {
            session.terminal.show(AuditText.details(answer))
        }
        return .success
    }
}
