internal import ArgumentParser
internal import ToolKit

struct PlaybookRunVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs one, step by step.",
        discussion: """
            Example: execlayer playbook run check-a-change --var runner="swift test"
            A run is a task: when a step waits for a person, this waits as well, unless --no-wait is given; the task \
            goes on by itself either way.
            """)

    @Argument(help: "Its name or id.")
    var name: String
    @OptionGroup var variables: VariableOptions
    @Flag(inversion: .prefixedNo, help: "Say what every step would do and do nothing (default: the configuration's).")
    var dryRun: Bool?
    @Flag(inversion: .prefixedNo, help: "Where a step waits for a person, wait until the task has ended.")
    var wait = true
    @Option(help: "A label for who calls; it is recorded and grants nothing.")
    var agent: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session, patience: 3_700)
        let playbook = try await door.playbook(named: name)
        var body: [String: JSONValue] = ["variables": .object(try variables.object(for: playbook, in: session))]
        if let dryRun { body["dry_run"] = .bool(dryRun) }
        if let agent { body["agent_id"] = .string(agent) }
        let id = playbook["playbook_id"]?.stringValue ?? ""
        let answer = try await door.send(.api(.post, "playbooks", id, "run", body: .object(body)))
        guard let results = answer.body["results"]?.arrayValue else {
            let status = answer.isSuccess ? CommandStatus.success : ResultReading.status(of: answer)
            throw DaemonRefusal(answer: answer, failure: ResultReading.failure(of: answer.body, status: status))
        }
        if output.json {
            session.terminal.show(json: answer.body)
        } else {
            session.terminal.show(PlaybookText.results(results, isPlan: answer.body["dry_run"]?.boolValue == true))
        }
        guard answer.body["status"]?.stringValue == "waiting_approval" else {
            guard answer.body["success"]?.boolValue != true else { return .success }
            session.terminal.note("execlayer: " + (answer.body["detail"]?.stringValue ?? "it failed"))
            return .failed
        }
        let item = answer.body["approval_request_id"]?.stringValue ?? ""
        session.terminal.note("waits for a person: execlayer approvals approve \(item)")
        guard wait, let task = answer.body["execution_id"]?.stringValue else { return .failed }
        return try await TaskFollow(door: door, output: output).follow(task, in: session)
    }
}

/// Values of a playbook's variables on the command line.
struct VariableOptions: ParsableArguments {
    @Option(
        name: .customLong("var"),
        help: ArgumentHelp(
            "A variable; may be repeated.",
            discussion: "name=value (typed by the playbook), name:=JSON, or name@=FILE for a file's text."))
    var variables: [String] = []

    /// - Parameter playbook: As the daemon shows it.
    func object(for playbook: JSONValue, in session: Session) throws -> [String: JSONValue] {
        var properties: [String: JSONValue] = [:]
        for (name, variable) in playbook["variables"]?.objectValue ?? [:] {
            guard let type = variable["type"]?.stringValue, type != "any" else { continue }
            properties[name] = ["type": .string(type)]
        }
        let typing = ArgumentTyping(inputSchema: ["properties": .object(properties)])
        var words = CallArguments()
        words.words = variables
        words.args = nil
        return try words.object(typedBy: typing, in: BufferedInput(session).session)
    }
}

extension DaemonDoor {
    /// - Throws: ``CommandFailure`` that names the nearest one, when there is none of this name or id.
    func playbook(named name: String) async throws -> JSONValue {
        let answer = try await demand(.api(.get, "playbooks", query: [(name: "order", value: "name")]))
        let playbooks = answer["playbooks"]?.arrayValue ?? []
        if let playbook = playbooks.first(where: { $0["playbook_id"]?.stringValue == name }) { return playbook }
        if let playbook = playbooks.first(where: { $0["name"]?.stringValue?.lowercased() == name.lowercased() }) {
            return playbook
        }
        let nearest = Spelling.nearest(to: name, among: playbooks.compactMap { $0["name"]?.stringValue })
        throw CommandFailure(
            .refused, "unknown playbook: \(name.prefix(64))",
            remedy: nearest.map { "did you mean \($0)?" } ?? "execlayer playbook list shows them")
    }

    func playbookID(named name: String) async throws -> String {
        try await playbook(named: name)["playbook_id"]?.stringValue ?? name
    }
}
