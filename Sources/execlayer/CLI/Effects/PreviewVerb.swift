internal import ArgumentParser
internal import ToolKit

struct PreviewVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Shows what one call would do to the workspace, and keeps that to be applied.",
        discussion: """
            The call runs for real over a throw-away layer of the workspace, without a network. What goes is named first, \
            then everything else, then the diffs: a form that pages well (| less). execlayer apply puts exactly that in \
            place.
            Example: execlayer preview shell_exec command="sed -i s/one/two/ notes.txt"
            """)

    @Argument(help: "The tool; execlayer tools lists them.")
    var tool: String
    @OptionGroup var arguments: CallArguments
    @Option(help: "A label for who calls; it is recorded and grants nothing.")
    var agent: String?
    @Option(help: "Why; it is recorded.")
    var reason: String?
    @Flag(help: "Only the list of files, without diffs.")
    var stat = false
    @Flag(help: "No colours, also on a terminal.")
    var noColor = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let buffered = BufferedInput(session)
        try arguments.requireReadable(in: buffered.session)
        let door = try connection.door(in: session, patience: 900)
        let typing =
            try arguments.needsSchema()
            ? ArgumentTyping(inputSchema: ToolList(try await door.demand(.api(.get, "tools"))).inputSchema(of: tool))
            : ArgumentTyping(inputSchema: nil)
        var call: [String: JSONValue] = [
            "tool_name": .string(tool), "args": .object(try arguments.object(typedBy: typing, in: buffered.session)),
        ]
        if let agent { call["agent_id"] = .string(agent) }
        if let reason { call["reason"] = .string(reason) }
        let answer = try await door.send(.api(.post, "preview", body: .object(call)))
        let status = ResultReading.status(of: answer)
        if output.json {
            session.terminal.show(json: answer.body)
        } else if answer.body["effect_id"]?.stringValue != nil {
            show(answer.body, in: session)
        }
        if answer.body["success"]?.boolValue != true {
            session.terminal.note(ResultReading.failure(of: answer.body, status: status).text)
        }
        return status
    }

    private func show(_ answer: JSONValue, in session: Session) {
        let terminal = session.terminal
        if answer["result"]?["stdout"]?.stringValue != nil {
            ResultText(terminal: terminal).show(answer)
            terminal.show("\n")
        }
        terminal.show(EffectText(for: session, noColor: noColor).text(of: answer, statOnly: stat))
        let id = answer["effect_id"]?.stringValue ?? ""
        terminal.note("kept as \(id); execlayer apply \(id) puts exactly this in place")
    }
}
