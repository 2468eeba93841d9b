internal import ArgumentParser
internal import ToolKit

struct PlaybookVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "playbook", abstract: "Steps worth doing again: lists, adds, exports and runs them.",
        subcommands: [
            PlaybookListVerb.self, PlaybookShowVerb.self, PlaybookAddVerb.self, PlaybookExportVerb.self,
            PlaybookRemoveVerb.self, PlaybookRunVerb.self,
        ],
        defaultSubcommand: PlaybookListVerb.self)
}

struct PlaybookListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the playbooks, those that fared best first.")

    @Option(help: "best, used, newest or name.")
    var order = "best"
    @Option(help: "Only those of this category.")
    var category: String?
    @Option(help: "Only those with this tag.")
    var tag: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        var query = [(name: "order", value: order)]
        if let category { query.append((name: "category", value: category)) }
        if let tag { query.append((name: "tag", value: tag)) }
        let answer = try await connection.door(in: session).demand(.api(.get, "playbooks", query: query))
        if output.json {
            session.terminal.show(json: answer)
        } else {
            session.terminal.show(PlaybookText.table(answer["playbooks"]?.arrayValue ?? []))
        }
        return .success
    }
}

struct PlaybookShowVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one: its variables and its steps.")

    @Argument(help: "Its name or id.")
    var name: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let playbook = try await connection.door(in: session).playbook(named: name)
        if output.json {
            session.terminal.show(json: playbook)
        } else {
            session.terminal.show(PlaybookText.details(playbook))
        }
        return .success
    }
}

struct PlaybookAddVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Adds a playbook from a file of YAML or JSON.",
        discussion: "What is wrong with it is named field by field, and nothing is added then.")

    @Argument(help: "The file; - is the input.")
    var file: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        guard let text = String(validating: try session.readInput(InputSource(file)), as: UTF8.self) else {
            throw CommandFailure(.usage, "the file is not UTF-8", remedy: "pass a text file")
        }
        let isJSON = text.utf8.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "{")
        let body = isJSON ? try Self.json(text) : ["yaml": .string(text)]
        let answer = try await connection.door(in: session).demand(.api(.post, "playbooks", body: body))
        if output.json {
            session.terminal.show(json: answer)
        } else {
            let name = TerminalText.safe(answer["playbook"]?["name"]?.stringValue ?? "")
            session.terminal.show("\(name) is \(TerminalText.safe(answer["playbook_id"]?.stringValue ?? ""))\n")
        }
        return .success
    }

    private static func json(_ text: String) throws(CommandFailure) -> JSONValue {
        do throws(JSONSyntaxError) {
            return try JSONReader.read(text)
        } catch {
            throw CommandFailure(
                .usage, "the file begins as JSON and is none: \(error)",
                remedy: "correct it, or write YAML without braces around it")
        }
    }
}

struct PlaybookExportVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes one as YAML that add takes again.")

    @Argument(help: "Its name or id.")
    var name: String
    @Option(help: "A file to make; one that exists is not overwritten.")
    var save: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session)
        let id = try await door.playbookID(named: name)
        let answer = try await door.demand(.api(.get, "playbooks", id, "export"))
        let yaml = answer["yaml"]?.stringValue ?? ""
        if let save {
            let path = session.path(save)
            try NewFile.make(path, Array(yaml.utf8))
            if !output.json { session.terminal.show("\(yaml.utf8.count) bytes in \(TerminalText.safe(path))\n") }
        }
        if output.json {
            session.terminal.show(json: answer)
        } else if save == nil {
            session.terminal.showContent(yaml)
        }
        return .success
    }
}

struct PlaybookRemoveVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Deletes one, with what is known of its runs.")

    @Argument(help: "Its name or id.")
    var name: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session)
        let id = try await door.playbookID(named: name)
        let answer = try await door.demand(.api(.delete, "playbooks", id))
        if output.json { session.terminal.show(json: answer) } else { session.terminal.note("deleted \(id)") }
        return .success
    }
}
