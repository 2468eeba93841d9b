internal import ArgumentParser
internal import ToolKit

struct ArtifactsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifacts", abstract: "Lists and fetches the files that calls have kept.",
        subcommands: [ArtifactsListVerb.self, ArtifactsGetVerb.self])
}

struct ArtifactsListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows what is kept, newest first.")

    @Argument(help: "Only of this call, by its audit id.")
    var auditID: String?
    @Option(help: "How many, 1 to 1000.")
    var limit = 100
    @Option(help: "Continue a page: the \"next\" of the one before.")
    var before: Int?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard 1...1_000 ~= limit else { throw ValidationError("--limit must be from 1 to 1000") }
    }

    func perform(in session: Session) async throws -> CommandStatus {
        var query = [(name: "limit", value: String(limit))]
        if let auditID { query.append(("audit_id", auditID)) }
        if let before { query.append(("before", String(before))) }
        let answer = try await connection.door(in: session).demand(.api(.get, "artifacts", query: query))
        if output.json {
            session.terminal.show(json: answer)
            return .success
        }
        session.terminal.show(ArtifactText.table(answer["artifacts"]?.arrayValue ?? []))
        if let next = answer["next"], next != .null {
            session.terminal.note("older ones: --before \(TextCell.text(of: next))")
        }
        return .success
    }
}

struct ArtifactsGetVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Fetches one kept file.",
        discussion:
            "The bytes go to the output, or with --save into a new file. A program made them: look before you open.")

    @Argument(help: "Its artifact_id; artifacts list shows it.")
    var id: String
    @Option(help: "A file to make; one that exists is not overwritten.")
    var save: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !output.json || save != nil else { throw ValidationError("--json needs --save") }
    }

    func perform(in session: Session) async throws -> CommandStatus {
        let file = FileOutput(session: session, output: output, save: save)
        try file.requireDestination()
        let bytes = try await connection.door(in: session).download(.api(.get, "artifacts", id))
        try file.deliver(bytes, ["artifact_id": .string(id)])
        return .success
    }
}
