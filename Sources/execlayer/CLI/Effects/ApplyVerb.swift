internal import ArgumentParser
internal import ToolKit

struct ApplyVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Puts a previewed effect onto the workspace: exactly it, or nothing.",
        discussion: """
            What changed since the preview is a conflict, and then nothing is changed. Without --digest the effect is \
            applied as it is kept; with it only if it is the one that you looked at. execlayer undo takes it back.
            """)

    @Argument(help: "The effect_id; execlayer effects lists them.")
    var id: String
    @Option(help: "The effect_digest that was looked at.")
    var digest: String?
    @Option(help: "The approval to spend.")
    var approval: String?
    @Flag(help: "Where an approval is needed, ask for one and wait until somebody has decided.")
    var wait = false
    @Flag(help: "Say what would happen and do nothing.")
    var dryRun = false
    @Option(help: "Why; it is recorded.")
    var reason: String?
    @Flag(help: "No colours, also on a terminal.")
    var noColor = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session, patience: 900)
        let kept = digest == nil ? try await door.demand(.api(.get, "effects", id)) : .null
        var body: [String: JSONValue] = [
            "effect_digest": digest.map(JSONValue.string) ?? kept["effect_digest"] ?? .null
        ]
        if let approval { body["approval_id"] = .string(approval) }
        if let reason { body["reason"] = .string(reason) }
        if wait { body["wait_for_approval"] = true }
        if dryRun { body["dry_run"] = true }
        var answer = try await door.send(.api(.post, "effects", id, "apply", body: .object(body)))
        if answer.status == 202 { answer = try await RunWait(door: door).result(of: answer, in: session) }
        return EffectAnswer(session: session, output: output, noColor: noColor).show(answer, listing: "applied")
    }
}

struct UndoVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Takes back what one call changed: all of it, or nothing.",
        discussion: """
            What changed since is a conflict, and then nothing is changed. An undo can be undone as well, by its own \
            audit id. execlayer logs shows them.
            """)

    @Argument(help: "The audit_id of the call.")
    var auditID: String
    @Flag(help: "Say what would be restored and do nothing.")
    var dryRun = false
    @Option(help: "The approval to spend.")
    var approval: String?
    @Flag(help: "Where an approval is needed, ask for one and wait until somebody has decided.")
    var wait = false
    @Option(help: "Why; it is recorded.")
    var reason: String?
    @Flag(help: "No colours, also on a terminal.")
    var noColor = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session, patience: 900)
        var body: [String: JSONValue] = [:]
        if let approval { body["approval_id"] = .string(approval) }
        if let reason { body["reason"] = .string(reason) }
        if wait { body["wait_for_approval"] = true }
        if dryRun { body["dry_run"] = true }
        var answer = try await door.send(.api(.post, "undo", auditID, body: .object(body)))
        if answer.status == 202 { answer = try await RunWait(door: door).result(of: answer, in: session) }
        return EffectAnswer(session: session, output: output, noColor: noColor).show(answer, listing: "restored")
    }
}

/// What applying and undoing answer, for people and scripts.
struct EffectAnswer {
    let session: Session
    let output: OutputOptions
    let noColor: Bool

    /// - Parameter list: The member that says which files.
    func show(_ answer: DaemonAnswer, listing list: String) -> CommandStatus {
        let terminal = session.terminal
        let status = ResultReading.status(of: answer)
        let body = answer.body
        if output.json { terminal.show(json: body) }
        guard body["success"]?.boolValue == true else {
            if !output.json {
                for path in body["conflicts"]?.arrayValue ?? [] {
                    terminal.show("conflict  \(TerminalText.safe(path.stringValue ?? ""))\n")
                }
            }
            terminal.note(ResultReading.failure(of: body, status: status).text)
            return status
        }
        guard !output.json else { return status }
        if body["dry_run"]?.boolValue == true {
            terminal.note("dry run: nothing was changed")
            terminal.show(
                EffectText(for: session, noColor: noColor).text(of: body["result"]?["plan"] ?? .null))
            for path in body["conflicts"]?.arrayValue ?? [] {
                terminal.show("conflict  \(TerminalText.safe(path.stringValue ?? ""))\n")
            }
        } else {
            for path in (body[list] ?? body["result"]?[list])?.arrayValue ?? [] {
                terminal.show("\(list)  \(TerminalText.safe(path.stringValue ?? ""))\n")
            }
        }
        if let id = body["audit_id"]?.stringValue, body["dry_run"]?.boolValue != true {
            terminal.note("recorded as \(id); execlayer undo \(id) takes it back")
        }
        return status
    }
}
