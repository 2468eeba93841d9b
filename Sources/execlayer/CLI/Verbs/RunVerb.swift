internal import ArgumentParser
internal import ToolKit

struct RunVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs one tool.",
        discussion: """
            Speaks to the daemon, or runs the same engine on the home when no daemon answers.
            Example: execlayer run workspace_search query=TODO max_matches=5
            """)

    @Argument(help: "The tool; execlayer tools lists them.")
    var tool: String
    @OptionGroup var arguments: CallArguments
    @Flag(inversion: .prefixedNo, help: "Say what would happen and do nothing (default: the configuration's).")
    var dryRun: Bool?
    @Option(help: "The approval to spend.")
    var approval: String?
    @Option(help: "A label for who calls; it is recorded and grants nothing.")
    var agent: String?
    @Option(help: "Why; it is recorded.")
    var reason: String?
    @Flag(help: "Where an approval is needed, ask for one and wait until somebody has decided.")
    var wait = false
    @Option(help: "A key of your own: the same call sent again under it gets the first answer and does not run again.")
    var key: String?
    @Flag(help: "Use the home even if a daemon answers.")
    var offline = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let options = ReachOptions(connection: connection, home: home, isOffline: offline, patience: 900)
        // Read once, before anything is sent: the standard input cannot be read again.
        let buffered = BufferedInput(session)
        try arguments.requireReadable(in: buffered.session)
        return try await session.withReach(options) { reach in
            let typing = try await typing(through: reach)
            let call = try call(with: arguments.object(typedBy: typing, in: buffered.session))
            switch reach {
            case .daemon(let door):
                var answer = try await door.send(.api(.post, "run", body: call))
                if answer.status == 202 { answer = try await RunWait(door: door).result(of: answer, in: session) }
                return show(answer.body, status: ResultReading.status(of: answer), in: session)
            case .offline(let home):
                let answer = try await home.run(call: call)
                return show(answer, status: ResultReading.status(of: answer), in: session)
            }
        }
    }

    private func typing(through reach: Reach) async throws -> ArgumentTyping {
        guard try arguments.needsSchema() else { return ArgumentTyping(inputSchema: nil) }
        let list = ToolList(try await reach.toolList())
        return ArgumentTyping(inputSchema: list.inputSchema(of: tool))
    }

    private func call(with arguments: [String: JSONValue]) -> JSONValue {
        var call: [String: JSONValue] = ["tool_name": .string(tool), "args": .object(arguments)]
        if let dryRun { call["dry_run"] = .bool(dryRun) }
        if let approval { call["approval_id"] = .string(approval) }
        if let agent { call["agent_id"] = .string(agent) }
        if wait { call["wait_for_approval"] = true }
        if let key { call["idempotency_key"] = .string(key) }
        if let reason { call["reason"] = .string(reason) }
        return .object(call)
    }

    private func show(_ answer: JSONValue, status: CommandStatus, in session: Session) -> CommandStatus {
        let terminal = session.terminal
        let isAnswer = answer["success"]?.boolValue == true
        if output.json {
            terminal.show(json: answer)
        } else if isAnswer {
            ResultText(terminal: terminal).show(answer)
        }
        if !isAnswer { terminal.note(ResultReading.failure(of: answer, status: status).text) }
        if terminal.isWatched, let id = answer["audit_id"]?.stringValue { terminal.note("recorded as \(id)") }
        return status
    }
}

extension Reach {
    func toolList() async throws -> JSONValue {
        switch self {
        case .daemon(let door): try await door.demand(.api(.get, "tools"))
        case .offline(let home): try await home.toolList()
        }
    }
}
