internal import ArgumentParser
internal import ToolKit

struct TokenVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Makes, lists and revokes tokens, with or without a running daemon.",
        subcommands: [TokenCreateVerb.self, TokenListVerb.self, TokenRevokeVerb.self])
}

struct TokenCreateVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes a token and shows it once.")

    enum Role: String, ExpressibleByArgument, CaseIterable {
        case agent, viewer, approver, `operator`
    }

    @Option(help: "What it may do: agent, viewer, approver or operator.")
    var role: Role
    @Option(help: "Its name, the principal of its calls in the audit.")
    var name: String
    @Option(help: "For an agent: the only tools it may use, between commas.")
    var tools: String?
    @Option(help: "When it ends: a number and s, m, h, d or w, such as 30d.")
    var expires: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let expires, !Self.isSpan(expires) {
            throw ValidationError("--expires must be a number and s, m, h, d or w, such as 30d")
        }
        if tools != nil, toolNames.isEmpty { throw ValidationError("--tools must name at least one tool") }
    }

    private var toolNames: [String] {
        (tools ?? "").split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    }

    private static func isSpan(_ text: String) -> Bool {
        guard let unit = text.last, "smhdw".contains(unit), let number = Int(text.dropLast()) else { return false }
        return number > 0 && text.utf8.first != UInt8(ascii: "+")
    }

    func perform(in session: Session) async throws -> CommandStatus {
        var body: [String: JSONValue] = ["role": .string(role.rawValue), "name": .string(name)]
        if tools != nil { body["tools"] = .array(toolNames.map(JSONValue.string)) }
        if let expires { body["expires"] = .string(expires) }
        let request = JSONValue.object(body)
        let answer = try await session.withReach(ReachOptions(connection: connection, home: home)) { reach in
            switch reach {
            case .daemon(let door): try await door.demand(.api(.post, "tokens", body: request))
            case .offline(let home): try await home.createToken(request)
            }
        }
        if output.json {
            session.terminal.show(json: answer)
            return .success
        }
        var lines = NamedLines()
        lines.add("token_id", answer["token_id"]?.stringValue ?? "")
        lines.add("token", answer["token"]?.stringValue ?? "")
        session.terminal.show(lines.text)
        session.terminal.note("keep the token now: it is stored as a hash and never shown again")
        return .success
    }
}

struct TokenListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists all tokens ever made, without the tokens themselves.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let answer = try await session.withReach(ReachOptions(connection: connection, home: home)) { reach in
            switch reach {
            case .daemon(let door): try await door.demand(.api(.get, "tokens"))
            case .offline(let home): try await home.listTokens()
            }
        }
        if output.json {
            session.terminal.show(json: answer)
        } else {
            session.terminal.show(TokenText.table(answer["tokens"]?.arrayValue ?? []))
        }
        return .success
    }
}

struct TokenRevokeVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "Ends a token at once.")

    @Argument(help: "Its token_id; token list shows it.")
    var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let answer = try await session.withReach(ReachOptions(connection: connection, home: home)) { reach in
            switch reach {
            case .daemon(let door): try await door.demand(.api(.delete, "tokens", id))
            case .offline(let home): try await home.revokeToken(id)
            }
        }
        if output.json {
            session.terminal.show(json: answer)
        } else {
            session.terminal.show("revoked \(TerminalText.safe(id))\n")
        }
        return .success
    }
}
