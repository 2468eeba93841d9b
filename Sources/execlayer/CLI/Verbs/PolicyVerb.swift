internal import ArgumentParser
internal import ToolKit

struct PolicyVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Explains the policy.", subcommands: [PolicyCheckVerb.self])
}

struct PolicyCheckVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Explains a verdict without running anything.",
        discussion: """
            Works on the home's policy.yaml, with or without a daemon. Without a question it checks that the file loads \
            and that the examples of its rules hold. A command is asked about by its words, behind two dashes: \
            execlayer policy check -- git push. Ends with 0 when policy allows, with 2 when it asks or denies.
            """)

    @Option(help: "May this path be read?")
    var read: String?
    @Option(help: "May this path be written?")
    var write: String?
    @Option(help: "May what lies below this folder be searched?")
    var search: String?
    @Option(help: "May this URL be fetched?")
    var url: String?
    @Option(help: "May this tool do what its arguments say?")
    var tool: String?
    @Option(help: "May this effect, which was previewed, be applied?")
    var effect: String?
    @OptionGroup var arguments: CallArguments
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [read, write, search, url, tool, effect].compactMap(\.self).count <= 1 else {
            throw ValidationError("ask one question at a time: --read, --write, --search, --url, --tool or --effect")
        }
        guard tool != nil || arguments.args == nil else { throw ValidationError("--args needs --tool") }
        guard tool != nil || arguments.words.isEmpty || [read, write, search, url, effect].allSatisfy({ $0 == nil })
        else {
            throw ValidationError("ask one question at a time: a path, a tool, or a command")
        }
    }

    func perform(in session: Session) async throws -> CommandStatus {
        let session = BufferedInput(session).session
        if tool != nil { try arguments.requireReadable(in: session) }
        let report = try await session.withOfflineHome(home) { home in
            try await home.explainPolicy(question(to: home, in: session))
        }
        if output.json {
            session.terminal.show(json: report.json)
        } else {
            session.terminal.show(report.lines.map { TerminalText.safe($0) + "\n" }.joined())
        }
        return report.isGood ? .success : .refused
    }

    private func question(to home: any OfflineHome, in session: Session) async throws -> PolicyQuestion {
        if let read { return .path(read, .read) }
        if let write { return .path(write, .write) }
        if let search { return .path(search, .search) }
        if let url { return .url(url) }
        if let effect { return .effect(effect) }
        guard let tool else { return arguments.words.isEmpty ? .summary : .command(arguments.words) }
        let list = ToolList(try await home.toolList())
        let typing = ArgumentTyping(inputSchema: list.inputSchema(of: tool))
        return .call(tool: tool, arguments: try arguments.object(typedBy: typing, in: session))
    }
}
