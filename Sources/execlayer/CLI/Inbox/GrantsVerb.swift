internal import ArgumentParser
internal import ToolKit

struct GrantsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grants", abstract: "What passes without asking, because somebody said so.",
        subcommands: [GrantsListVerb.self, GrantsRevokeVerb.self], defaultSubcommand: GrantsListVerb.self)
}

struct GrantsListVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the grants in force.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let answer = try await connection.door(in: session).demand(.api(.get, "grants"))
        if output.json {
            session.terminal.show(json: answer)
            return .success
        }
        var table = TextTable(
            .init(title: "grant id", limit: 64), .init(title: "tool", limit: 32), .init(title: "rule", limit: 80),
            .init(title: "for", limit: 24), .init(title: "uses left", alignment: .right), .init(title: "expires"),
            .init(title: "given by", limit: 24))
        for grant in answer["grants"]?.arrayValue ?? [] {
            let who = [grant["principal"], grant["agent_id"]].compactMap { $0?.stringValue }
            table.add([
                text(grant, "grant_id"), text(grant, "tool_name"), text(grant, "args"),
                who.isEmpty ? "all" : who.joined(separator: "/"), text(grant, "uses_left"),
                grant["expires_at"]?.doubleValue.map(Timestamp.text) ?? "-", text(grant, "created_by"),
            ])
        }
        if table.rows.isEmpty {
            session.terminal.note("no grant is in force")
        } else {
            session.terminal.show(table.text)
        }
        return .success
    }

    private func text(_ grant: JSONValue, _ name: String) -> String { grant[name].map { TextCell.text(of: $0) } ?? "" }
}

struct GrantsRevokeVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "Ends a grant at once.")

    @Argument(help: "Its grant_id; grants list shows it.")
    var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let answer = try await connection.door(in: session).demand(.api(.delete, "grants", id))
        if output.json {
            session.terminal.show(json: answer)
        } else {
            session.terminal.show("revoked \(TerminalText.safe(id))\n")
        }
        return .success
    }
}
