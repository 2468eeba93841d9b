internal import ArgumentParser
internal import ToolKit

struct EffectsVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "effects", abstract: "Lists previewed effects, or shows one.",
        discussion: "With an id the whole effect: what goes first, then everything else, then the diffs.")

    @Argument(help: "Only this one, by its effect_id.")
    var id: String?
    @Option(help: "How many, 1 to 1000.")
    var limit = 50
    @Option(help: "Continue a page: the \"next\" of the one before.")
    var before: Int?
    @Flag(help: "Give this one up, so that nobody applies it.")
    var discard = false
    @Flag(help: "Only the list of files, without diffs.")
    var stat = false
    @Flag(help: "No colours, also on a terminal.")
    var noColor = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard 1...1_000 ~= limit else { throw ValidationError("--limit must be from 1 to 1000") }
        guard !discard || id != nil else { throw ValidationError("--discard needs an effect_id") }
    }

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session)
        if let id { return try await (discard ? discard(id, door, session) : show(id, door, session)) }
        var query = [(name: "limit", value: String(limit))]
        if let before { query.append((name: "before", value: String(before))) }
        let answer = try await door.demand(.api(.get, "effects", query: query))
        if output.json {
            session.terminal.show(json: answer)
            return .success
        }
        let effects = answer["effects"]?.arrayValue ?? []
        if effects.isEmpty {
            session.terminal.note("nothing was previewed")
        } else {
            session.terminal.show(EffectText.table(effects))
        }
        if let next = answer["next"], next != .null {
            session.terminal.note("older: --before \(TextCell.text(of: next))")
        }
        return .success
    }

    private func show(_ id: String, _ door: any DaemonDoor, _ session: Session) async throws -> CommandStatus {
        let answer = try await door.demand(.api(.get, "effects", id))
        guard !output.json else {
            session.terminal.show(json: answer)
            return .success
        }
        var lines = NamedLines()
        for (title, name) in [
            ("effect", "effect_id"), ("state", "state"), ("tool", "tool_name"), ("from", "principal"),
        ] {
            lines.add(title, answer[name].map { TextCell.text(of: $0) } ?? "")
        }
        lines.add("digest", answer["effect_digest"]?.stringValue ?? "")
        if let at = answer["expires_at"]?.doubleValue, answer["state"] == "previewed" {
            lines.add("until", Timestamp.text(at))
        }
        if let applied = answer["applied_audit_id"]?.stringValue { lines.add("applied as", applied) }
        session.terminal.show(
            lines.text + "\n" + EffectText(for: session, noColor: noColor).text(of: answer, statOnly: stat))
        return .success
    }

    private func discard(_ id: String, _ door: any DaemonDoor, _ session: Session) async throws -> CommandStatus {
        let answer = try await door.demand(.api(.delete, "effects", id))
        if output.json { session.terminal.show(json: answer) } else { session.terminal.note("discarded \(id)") }
        return .success
    }
}
