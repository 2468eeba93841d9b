internal import ArgumentParser
internal import ToolKit

struct TaskRunVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs the next step of a task and waits for it.")

    @Argument(help: "Its id.")
    var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session, patience: 3_700)
        let answer = try await door.demand(.api(.post, "tasks", id, "run"))
        let result = answer["step_result"] ?? .null
        let status = answer["task"]?["status"]?.stringValue ?? ""
        if output.json {
            session.terminal.show(json: answer)
        } else if result != .null {
            session.terminal.show(TaskText.line(result))
        }
        if let message = answer["message"]?.stringValue { session.terminal.note(message) }
        if !output.json { session.terminal.note("the task is \(status)") }
        TaskText.noteWaiting(answer["task"] ?? .null, on: session.terminal)
        return result["success"]?.boolValue == false || status == "failed" ? .failed : .success
    }
}

/// What the verbs that take a task further, or keep it from going, share.
private func control(
    _ deed: String, _ id: String, _ connection: ConnectionOptions, _ output: OutputOptions, isFollowed: Bool = false,
    in session: Session
) async throws -> CommandStatus {
    let door = try connection.door(in: session)
    let answer = try await door.demand(.api(.post, "tasks", id, deed))
    if isFollowed { return try await TaskFollow(door: door, output: output).follow(id, in: session) }
    return showStanding(answer, output, in: session)
}

private func showStanding(_ answer: JSONValue, _ output: OutputOptions, in session: Session) -> CommandStatus {
    if output.json {
        session.terminal.show(json: answer)
    } else {
        session.terminal.note("the task is \(answer["task"]?["status"]?.stringValue ?? "")")
    }
    return .success
}

struct TaskStartVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Lets a task run on by itself, over restarts too.")

    @Argument(help: "Its id.")
    var id: String
    @Flag(help: "Show every step as it ends, until the task has.")
    var follow = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        try await control("start", id, connection, output, isFollowed: follow, in: session)
    }
}

struct TaskPauseVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Lets a task begin no further step.")

    @Argument(help: "Its id.")
    var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        try await control("pause", id, connection, output, in: session)
    }
}

struct TaskResumeVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Lets a paused task go on.")

    @Argument(help: "Its id.")
    var id: String
    @Flag(help: "Show every step as it ends, until the task has.")
    var follow = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        try await control("resume", id, connection, output, isFollowed: follow, in: session)
    }
}

struct TaskCancelVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Ends a task, and the step that runs.")

    @Argument(help: "Its id.")
    var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        try await control("cancel", id, connection, output, in: session)
    }
}

struct TaskRetryVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Lets a step that failed be tried again.")

    @Argument(help: "The task's id.")
    var id: String
    @Argument(help: "The number of the step; the first is 1.")
    var step: Int
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard step >= 1 else { throw ValidationError("the first step is 1") }
    }

    func perform(in session: Session) async throws -> CommandStatus {
        let answer = try await connection.door(in: session)
            .demand(.api(.post, "tasks", id, "steps", String(step), "retry"))
        return showStanding(answer, output, in: session)
    }
}

struct TaskArtifactsVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "artifacts", abstract: "Lists the files that a task has made, or fetches one.",
        discussion:
            "The bytes go to the output, or with --save into a new file. A program made them: look before you open.")

    @Argument(help: "The task's id.")
    var id: String
    @Argument(help: "A file to fetch, by its name in the list.")
    var name: String?
    @Option(help: "A file to make; one that exists is not overwritten.")
    var save: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if save != nil, name == nil { throw ValidationError("--save needs the name of a file") }
        if output.json, name != nil, save == nil { throw ValidationError("--json needs --save") }
    }

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session)
        guard let name else {
            let answer = try await door.demand(.api(.get, "tasks", id, "artifacts"))
            if output.json {
                session.terminal.show(json: answer)
            } else {
                session.terminal.show(DetailText.text(of: answer["files"] ?? answer["artifacts"] ?? .array([])))
            }
            return .success
        }
        let file = FileOutput(session: session, output: output, save: save)
        try file.requireDestination()
        let bytes = try await door.download(.api(.get, "tasks", id, "artifacts", name))
        try file.deliver(bytes, ["task_id": .string(id), "name": .string(name)])
        return .success
    }
}
