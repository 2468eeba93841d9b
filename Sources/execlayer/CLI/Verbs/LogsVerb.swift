internal import ArgumentParser
internal import ToolKit

struct LogsVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Shows what was recorded, newest first.")

    @Option(help: "How many entries, 1 to 1000.")
    var limit = 20
    @Option(help: "Continue a page: the \"next\" of the one before.")
    var before: String?
    @Option(help: "call or change.")
    var kind: String?
    @Option(help: "Only this tool.")
    var tool: String?
    @Option(help: "Only this status, such as ok, error or policy_blocked.")
    var status: String?
    @Option(help: "Only this agent label.")
    var agent: String?
    @Option(help: "Only this token's name.")
    var principal: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard 1...1_000 ~= limit else { throw ValidationError("--limit must be from 1 to 1000") }
    }

    func perform(in session: Session) async throws -> CommandStatus {
        let filters = [
            ("before", before), ("kind", kind), ("tool_name", tool), ("status", status), ("agent_id", agent),
            ("principal", principal),
        ]
        let query = [("limit", String(limit))] + filters.compactMap { name, value in value.map { (name, $0) } }
        let answer = try await connection.door(in: session).demand(
            .api(.get, "logs", query: query.map { (name: $0.0, value: $0.1) }))
        if output.json {
            session.terminal.show(json: answer)
            return .success
        }
        session.terminal.show(AuditText.table(answer["logs"]?.arrayValue ?? []))
        if let next = answer["next"], next != .null {
            session.terminal.note("older entries: --before \(TextCell.text(of: next))")
        }
        return .success
    }
}
