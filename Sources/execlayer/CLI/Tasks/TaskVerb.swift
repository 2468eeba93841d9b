internal import ArgumentParser
internal import ToolKit

struct TaskVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: "Work of several steps that survives restarts: makes, runs and follows it.",
        subcommands: [
            TaskListVerb.self, TaskShowVerb.self, TaskNewVerb.self, TaskRunVerb.self, TaskStartVerb.self,
            TaskPauseVerb.self, TaskResumeVerb.self, TaskCancelVerb.self, TaskRetryVerb.self, TaskArtifactsVerb.self,
        ],
        defaultSubcommand: TaskListVerb.self)
}

struct TaskListVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists tasks, newest first.")

    @Option(help: "How many, 1 to 1000.")
    var limit = 50
    @Option(help: "Continue a page: the \"next\" of the one before.")
    var before: Int?
    @Option(help: "pending, running, waiting_approval, paused, completed, failed or cancelled.")
    var status: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard 1...1_000 ~= limit else { throw ValidationError("--limit must be from 1 to 1000") }
    }

    func perform(in session: Session) async throws -> CommandStatus {
        var query = [(name: "limit", value: String(limit))]
        if let before { query.append((name: "before", value: String(before))) }
        if let status { query.append((name: "status", value: status)) }
        let answer = try await connection.door(in: session).demand(.api(.get, "tasks", query: query))
        if output.json {
            session.terminal.show(json: answer)
            return .success
        }
        let tasks = answer["tasks"]?.arrayValue ?? []
        if tasks.isEmpty {
            session.terminal.note("there are none")
        } else {
            session.terminal.show(TaskText.table(tasks))
        }
        if let next = answer["next"], next != .null {
            session.terminal.note("older: --before \(TextCell.text(of: next))")
        }
        return .success
    }
}

struct TaskShowVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one with its steps.")

    @Argument(help: "Its id; task list shows it.")
    var id: String
    @Flag(help: "Show every step as it ends, until the task has.")
    var follow = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session)
        if follow { return try await TaskFollow(door: door, output: output).follow(id, in: session) }
        let answer = try await door.demand(.api(.get, "tasks", id))
        if output.json {
            session.terminal.show(json: answer)
        } else {
            session.terminal.show(TaskText.details(answer["task"] ?? .null))
        }
        return .success
    }
}

struct TaskNewVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Makes a task; nothing of it runs before it is run or started.",
        discussion: """
            Without steps the planner of the daemon makes some of the goal.
            Example: execlayer task new "run the tests" --start --follow
            """)

    @Argument(help: "What shall be reached.")
    var goal: String
    @Option(
        help: "The steps as a JSON array of {tool_name, args, expect?}: the array itself, @FILE, or - for the input.")
    var steps: String?
    @Option(help: "A playbook whose steps these are, by name or id.")
    var playbook: String?
    @OptionGroup var variables: VariableOptions
    @Option(help: "Steps it may take, 1 to 10000; the configuration may lower it.")
    var maxSteps: Int?
    @Option(help: "How often a step is tried again, 0 to 100; the configuration may lower it.")
    var maxRetries: Int?
    @Option(help: "A label for who calls; it is recorded and grants nothing.")
    var agent: String?
    @Flag(help: "Let it run on by itself at once.")
    var start = false
    @Flag(help: "With --start: show every step as it ends, until the task has.")
    var follow = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if steps != nil, playbook != nil { throw ValidationError("--steps and --playbook exclude each other") }
        if !variables.variables.isEmpty, playbook == nil { throw ValidationError("--var needs --playbook") }
        if follow, !start { throw ValidationError("--follow needs --start") }
    }

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session)
        var body: [String: JSONValue] = ["goal": .string(goal)]
        body["max_steps"] = maxSteps.map(JSONValue.integer)
        body["max_retries"] = maxRetries.map(JSONValue.integer)
        body["agent_id"] = agent.map(JSONValue.string)
        if let steps { body["steps"] = try Self.steps(steps, in: session) }
        if let playbook {
            let found = try await door.playbook(named: playbook)
            body["playbook_id"] = found["playbook_id"]
            body["variables"] = .object(try variables.object(for: found, in: session))
        }
        let answer = try await door.demand(.api(.post, "tasks", body: .object(body)))
        let id = answer["task_id"]?.stringValue ?? ""
        if output.json, !follow { session.terminal.show(json: answer) }
        if !output.json { session.terminal.show(TerminalText.safe(id) + "\n") }
        guard start else { return .success }
        _ = try await door.demand(.api(.post, "tasks", id, "start"))
        return follow ? try await TaskFollow(door: door, output: output).follow(id, in: session) : .success
    }

    private static func steps(_ text: String, in session: Session) throws -> JSONValue {
        let bytes =
            text == "-"
            ? try session.readInput(.standardInput)
            : text.hasPrefix("@") ? try session.readInput(.file(String(text.dropFirst()))) : Array(text.utf8)
        do throws(JSONSyntaxError) {
            let value = try JSONReader.read(bytes)
            if value.arrayValue != nil { return value }
        } catch {
            throw CommandFailure(.usage, "--steps is not JSON: \(error)", remedy: "pass an array, @FILE or -")
        }
        throw CommandFailure(.usage, "--steps must be a JSON array", remedy: "wrap it in [ ]")
    }
}
