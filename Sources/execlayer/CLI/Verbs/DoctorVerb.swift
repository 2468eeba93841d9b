internal import ArgumentParser
internal import ToolKit

struct DoctorVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Says what is enforced here, what is not, and how to fix it.",
        discussion: """
            It attacks this host, its sandbox and its policy with files, processes and listeners of its own; a workspace \
            is only looked at. Takes some seconds. Ends with 0 when nothing is missing, else with 1.
            """,
        subcommands: hostilePrograms)

    /// What it starts behind the walls, itself once more.
    private static var hostilePrograms: [any ParsableCommand.Type] {
        #if os(Linux)
            [ProbeVerb.self]
        #else
            []
        #endif
    }

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        var findings = try await DaemonCheckup(door: connection.door(in: session, patience: 10)).findings()
        findings += await homeFindings(in: session)
        let isGood = findings.allSatisfy(\.isGood)
        if output.json {
            session.terminal.show(json: ["success": .bool(isGood), "findings": .array(findings.map(\.json))])
        } else {
            session.terminal.show(DoctorText.table(findings))
        }
        return isGood ? .success : .failed
    }

    /// A home that cannot be opened is a finding, not the end of the examination.
    private func homeFindings(in session: Session) async -> [DoctorFinding] {
        do {
            return try await session.withOfflineHome(home) { try await $0.doctorFindings() }
        } catch {
            let failure = CommandFailure(error)
            return [DoctorFinding("home", .missing, failure.message, fix: failure.remedy)]
        }
    }
}
