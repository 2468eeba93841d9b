internal import ArgumentParser
internal import ToolKit

struct ApprovalsResolveVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Says what became of a run that nobody knows the end of.",
        discussion: """
            happened: it did what it should. retry: it did nothing that matters, and runs again. abandon: it is given up \
            as it is.
            """)

    enum Resolution: String, CaseIterable, ExpressibleByArgument {
        case happened
        case retry
        case abandon
    }

    @Argument(help: "Its id.")
    var id: String
    @Argument(help: "happened, retry or abandon.")
    var resolution: Resolution
    @Option(help: "How you know, for the record.")
    var note: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        var body: [String: JSONValue] = ["resolution": .string(resolution.rawValue)]
        body["note"] = note.map(JSONValue.string)
        let door = try connection.door(in: session, patience: 3_700)
        let answer = try await door.demand(.api(.post, "approvals", id, body: .object(body)))
        let result = answer["execution_result"] ?? .null
        // What was given up has failed as a run; saying so has not.
        let status: CommandStatus =
            resolution == .retry && result != .null ? ResultReading.status(of: result) : .success
        if output.json {
            session.terminal.show(json: answer)
            return status
        }
        session.terminal.note("\(id): \(resolution.rawValue)")
        guard resolution == .retry, result != .null else { return status }
        if result["success"]?.boolValue == true {
            ResultText(terminal: session.terminal).show(result)
        } else {
            session.terminal.note(ResultReading.failure(of: result, status: status).text)
        }
        return status
    }
}
