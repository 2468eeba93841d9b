internal import ArgumentParser
internal import ToolKit

struct ConfigVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Shows or changes the running daemon's configuration.",
        subcommands: [ConfigShowVerb.self, ConfigGetVerb.self, ConfigSetVerb.self],
        defaultSubcommand: ConfigShowVerb.self)
}

struct ConfigShowVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Shows all of it.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let answer = try await connection.door(in: session).demand(.api(.get, "config"))
        if output.json {
            session.terminal.show(json: answer)
        } else {
            session.terminal.show(DetailText.text(of: answer["config"] ?? answer))
        }
        return .success
    }
}

struct ConfigGetVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "get", abstract: "Prints one value.")

    @Argument(help: "The key.")
    var key: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let answer = try await connection.door(in: session).demand(.api(.get, "config"))
        let value = try ConfigKeys(answer).value(of: key)
        if output.json {
            session.terminal.show(json: value)
        } else {
            session.terminal.show(DetailText.text(of: value))
        }
        return .success
    }
}

struct ConfigSetVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "set", abstract: "Changes one value.")

    @Argument(help: "The key.")
    var key: String
    @Argument(help: "The value.")
    var value: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session)
        let current = try ConfigKeys(try await door.demand(.api(.get, "config"))).value(of: key)
        let answer = try await door.demand(
            .api(.patch, "config", body: .object([key: ConfigKeys.value(value, like: current)])))
        if output.json {
            session.terminal.show(json: answer)
        } else {
            let now = answer["config"]?[key].map {
                String(decoding: JSONWriter.write($0, escaping: .invisible), as: UTF8.self)
            }
            session.terminal.show("\(TerminalText.safe(key)) = \(now ?? TerminalText.safe(value))\n")
        }
        return .success
    }
}

/// The keys of a daemon's configuration, whatever this build of the command line knows.
struct ConfigKeys {
    private let members: [String: JSONValue]

    init(_ answer: JSONValue) { members = answer["config"]?.objectValue ?? [:] }

    func value(of key: String) throws(CommandFailure) -> JSONValue {
        if let value = members[key] { return value }
        let remedy = Spelling.nearest(to: key, among: members.keys).map { "did you mean \($0)?" }
        throw CommandFailure(
            .usage, "unknown configuration key: \(key.prefix(64))", remedy: remedy ?? "execlayer config lists them")
    }

    /// `text` as the type that the key has now. What does not fit stays a string, and the daemon says what would fit.
    static func value(_ text: String, like current: JSONValue) -> JSONValue {
        if current.stringValue != nil { return .string(text) }
        do throws(JSONSyntaxError) { return try JSONReader.read(text) } catch { return .string(text) }
    }
}
