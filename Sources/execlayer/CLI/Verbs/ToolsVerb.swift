internal import ArgumentParser
internal import ToolKit

struct ToolsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tools", abstract: "Lists the tools, shows one, or switches one on or off.",
        subcommands: [ToolsShowVerb.self, ToolsEnableVerb.self, ToolsDisableVerb.self],
        defaultSubcommand: ToolsShowVerb.self)
}

struct ToolsShowVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Lists all tools, or shows one with its arguments.")

    @Argument(help: "A tool; all of them when it is left out.")
    var tool: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let options = ReachOptions(connection: connection, home: home)
        let answer = try await session.withReach(options) { try await $0.toolList() }
        let list = ToolList(answer)
        guard let tool else {
            if output.json { session.terminal.show(json: answer) } else { session.terminal.show(ToolText.table(list)) }
            return .success
        }
        let entry = try list.require(tool)
        if output.json {
            session.terminal.show(json: entry)
        } else {
            session.terminal.show(ToolText.details(entry, schema: list.inputSchema(of: tool)))
        }
        return .success
    }
}

/// What enabling and disabling share.
private func toggle(
    _ tool: String, to isEnabled: Bool, _ connection: ConnectionOptions, _ output: OutputOptions, in session: Session
) async throws -> CommandStatus {
    let answer = try await connection.door(in: session).demand(
        .api(.patch, "tools", tool, "enabled", query: [("enabled", isEnabled ? "true" : "false")]))
    if output.json {
        session.terminal.show(json: answer)
    } else {
        let name = TerminalText.safe(answer["tool_name"]?.stringValue ?? tool)
        session.terminal.show("\(name) is \(answer["enabled"]?.boolValue == true ? "on" : "off")\n")
    }
    return .success
}

struct ToolsEnableVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "enable", abstract: "Switches a tool on.")

    @Argument(help: "The tool.")
    var tool: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        try await toggle(tool, to: true, connection, output, in: session)
    }
}

struct ToolsDisableVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "disable", abstract: "Switches a tool off.")

    @Argument(help: "The tool.")
    var tool: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        try await toggle(tool, to: false, connection, output, in: session)
    }
}
