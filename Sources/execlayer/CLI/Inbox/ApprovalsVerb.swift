internal import ArgumentParser
internal import ToolKit

struct ApprovalsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approvals", abstract: "What waits for a person, and deciding about it.",
        subcommands: [
            ApprovalsListVerb.self, ApprovalsShowVerb.self, ApprovalsApproveVerb.self, ApprovalsDenyVerb.self,
            ApprovalsResolveVerb.self, ApprovalsWatchVerb.self,
        ],
        defaultSubcommand: ApprovalsListVerb.self)
}

struct ApprovalsListVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists what waits, newest first.")

    @Option(help: "How many, 1 to 1000.")
    var limit = 50
    @Option(help: "Continue a page: the \"next\" of the one before.")
    var before: Int?
    @Flag(help: "Requests that were decided as well.")
    var all = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard 1...1_000 ~= limit else { throw ValidationError("--limit must be from 1 to 1000") }
    }

    func perform(in session: Session) async throws -> CommandStatus {
        var query = [(name: "limit", value: String(limit))]
        if let before { query.append((name: "before", value: String(before))) }
        let name = all ? "requests" : "approvals"
        let answer = try await connection.door(in: session).demand(.api(.get, name, query: query))
        if output.json {
            session.terminal.show(json: answer)
            return .success
        }
        let items = answer[name]?.arrayValue ?? []
        if items.isEmpty {
            session.terminal.note("nothing waits")
        } else {
            session.terminal.show(ApprovalText.table(items))
        }
        if let next = answer["next"], next != .null {
            session.terminal.note("older: --before \(TextCell.text(of: next))")
        }
        return .success
    }
}

struct ApprovalsShowVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one: its exact arguments and what it would do.")

    @Argument(help: "Its id; approvals list shows it.")
    var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let answer = try await connection.door(in: session).demand(.api(.get, "approvals", id))
        if output.json {
            session.terminal.show(json: answer)
        } else {
            session.terminal.show(ApprovalText.details(answer["approval"] ?? .null))
        }
        return .success
    }
}

struct ApprovalsApproveVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Approves one; exactly what was shown runs, and its result is printed.",
        discussion: """
            --grant lets more calls pass from now on without asking, as far as its rule covers them:
            execlayer approvals approve ID --grant '{"tool_name": "filesystem_write", "args": {"path": {"prefix": "docs"}, \
            "content": {"type": "string"}}, "uses": 20}'
            """)

    @Argument(help: "Its id.")
    var id: String
    @Option(help: "Why, for who asked and for the record.")
    var note: String?
    @Option(help: "A standing grant as JSON, with uses or expires_in_s.")
    var grant: String?
    @Flag(help: "Only say which calls of the last 30 days the grant would have covered.")
    var reach = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard let grant else {
            if reach { throw ValidationError("--reach needs --grant") }
            return
        }
        guard let value = try? JSONReader.read(grant), value.objectValue != nil else {
            throw ValidationError("--grant must be a JSON object")
        }
    }

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session, patience: 3_700)
        let rule = grant.flatMap { try? JSONReader.read($0) }
        if reach, let rule { return try await showReach(of: rule, through: door, in: session) }
        var body: [String: JSONValue] = ["approved": true]
        body["note"] = note.map(JSONValue.string)
        body["grant"] = rule
        let answer = try await door.demand(.api(.post, "approvals", id, body: .object(body)))
        let result = answer["execution_result"] ?? .null
        let status: CommandStatus = result == .null ? .success : ResultReading.status(of: result)
        if output.json {
            session.terminal.show(json: answer)
        } else {
            session.terminal.note(
                "approved \(id)" + (answer["grant_id"]?.stringValue.map { ", with grant \($0)" } ?? ""))
            if result["success"]?.boolValue == true { ResultText(terminal: session.terminal).show(result) }
        }
        if result != .null, result["success"]?.boolValue != true {
            session.terminal.note(ResultReading.failure(of: result, status: status).text)
        }
        return status
    }

    private func showReach(
        of rule: JSONValue, through door: any DaemonDoor, in session: Session
    ) async throws -> CommandStatus {
        let answer = try await door.demand(.api(.post, "approvals", id, "reach", body: ["grant": rule]))
        if output.json {
            session.terminal.show(json: answer)
            return .success
        }
        let count = answer["count"]?.integerValue ?? 0
        session.terminal.note("\(count) calls of the last 30 days would have been covered")
        if let undecided = answer["undecided"]?.integerValue, undecided > 0 {
            session.terminal.note("of \(undecided) more the record keeps too little to say")
        }
        if answer["truncated"]?.boolValue == true { session.terminal.note("there are more calls than were looked at") }
        if count > 0 { session.terminal.show(AuditText.table(answer["calls"]?.arrayValue ?? [])) }
        return .success
    }
}

struct ApprovalsDenyVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "deny", abstract: "Denies one; nothing runs.")

    @Argument(help: "Its id.")
    var id: String
    @Option(help: "Why; who asked reads it.")
    var note: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        var body: [String: JSONValue] = ["approved": false]
        body["note"] = note.map(JSONValue.string)
        let answer = try await connection.door(in: session).demand(.api(.post, "approvals", id, body: .object(body)))
        if output.json { session.terminal.show(json: answer) } else { session.terminal.note("denied \(id)") }
        return .success
    }
}

struct ApprovalsWatchVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Shows what waits, and whatever comes, until it is interrupted.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session)
        let waiting = try await door.demand(.api(.get, "approvals", query: [(name: "limit", value: "1000")]))
        for item in (waiting["approvals"]?.arrayValue ?? []).reversed() { show(item, in: session) }
        try await EventFollower(door: door).follow(in: session) { event in
            guard event.name == "approval", let id = event.data["approval_request_id"]?.stringValue else { return }
            switch event.data["approval_status"]?.stringValue {
            case "pending":
                let answer = try await door.demand(.api(.get, "approvals", id))
                show(answer["approval"] ?? .null, in: session)
            case let status?:
                if output.json {
                    session.terminal.show(json: event.data)
                } else {
                    session.terminal.note("\(id): \(status)")
                }
            case nil: break
            }
        }
        return .success
    }

    private func show(_ item: JSONValue, in session: Session) {
        guard !output.json else { return session.terminal.show(json: item) }
        session.terminal.show(ApprovalText.details(item))
        let id = TerminalText.safe(item["approval_request_id"]?.stringValue ?? "")
        let ways =
            item["request_type"] == "indeterminate"
            ? "execlayer approvals resolve \(id) happened|retry|abandon"
            : "execlayer approvals approve \(id)   or   execlayer approvals deny \(id)"
        session.terminal.show("decide: \(ways)\n\n")
    }
}
