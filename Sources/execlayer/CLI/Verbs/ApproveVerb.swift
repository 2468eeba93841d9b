internal import ArgumentParser
internal import ToolKit

struct ApproveVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Approves one call of a tool.",
        discussion: "With arguments the approval is good for exactly those; without, for any call of the tool.")

    @Argument(help: "The tool.")
    var tool: String
    @OptionGroup var arguments: CallArguments
    @Option(help: "Good only for calls with this agent label.")
    var agent: String?
    @Option(help: "Good only for the token of this name (default: yours).")
    var principal: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let session = BufferedInput(session).session
        try arguments.requireReadable(in: session)
        let door = try connection.door(in: session)
        let answer = try await door.demand(
            .api(.post, "approve", query: [("tool_name", tool)], body: try await binding(through: door, in: session)))
        if output.json {
            session.terminal.show(json: answer)
        } else if let id = answer["approval_id"]?.stringValue {
            var lines = NamedLines()
            lines.add("approval_id", id)
            lines.add("tool", answer["tool_name"]?.stringValue ?? tool)
            lines.add("good for", answer["bound"]?.boolValue == true ? "exactly this call" : "any call of the tool")
            if let seconds = answer["ttl_seconds"]?.integerValue { lines.add("expires in", "\(seconds) s") }
            session.terminal.show(lines.text)
        } else {
            session.terminal.show(
                TerminalText.safe(answer["message"]?.stringValue ?? "this call needs no approval") + "\n")
        }
        return .success
    }

    /// `nil` for an approval of any call.
    private func binding(through door: any DaemonDoor, in session: Session) async throws -> JSONValue? {
        var binding: [String: JSONValue] = [:]
        if !arguments.isEmpty {
            var schema: JSONValue?
            if try arguments.needsSchema() {
                schema = ToolList(try await door.demand(.api(.get, "tools"))).inputSchema(of: tool)
            }
            binding["args"] = .object(
                try arguments.object(typedBy: ArgumentTyping(inputSchema: schema), in: session))
        }
        if let agent { binding["agent_id"] = .string(agent) }
        if let principal { binding["principal"] = .string(principal) }
        return binding.isEmpty ? nil : .object(binding)
    }
}
