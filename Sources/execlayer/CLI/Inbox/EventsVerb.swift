internal import ArgumentParser
internal import ToolKit

struct EventsVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Shows what happens as it happens, until it is interrupted.")

    @Option(help: "Only events of this kind; may be repeated: run, approval, config, lockdown, output, gap.")
    var kind: [String] = []
    @Option(help: "Begin behind this id, the seq of an audit line.")
    var after: Int?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session)
        try await EventFollower(door: door).follow(after: after, in: session) { event in
            guard kind.isEmpty || kind.contains(event.name) else { return }
            if output.json {
                session.terminal.show(
                    json: ["event": .string(event.name), "id": JSONValue(event.id), "data": event.data])
            } else {
                session.terminal.show(Self.line(event))
            }
        }
        return .success
    }

    private static func line(_ event: ServerEvent) -> String {
        let data = event.data
        let at = data["ts"]?.doubleValue.map(Timestamp.text) ?? ""
        let what: String
        switch event.name {
        case "run":
            let status = data["status"]?.stringValue ?? ""
            what = "\(status) \(data["tool_name"]?.stringValue ?? "") \(data["args_summary"]?.stringValue ?? "")"
        case "approval":
            let id = data["approval_request_id"]?.stringValue ?? data["grant_id"]?.stringValue ?? ""
            what = "\(data["approval_status"]?.stringValue ?? "changed") \(id)"
        case "lockdown": what = data["active"]?.boolValue == true ? "ON" : "off"
        case "output": what = "\(data["stream"]?.stringValue ?? "") \(data["text"]?.stringValue ?? "")"
        case "gap": what = "more happened than is told; execlayer logs has it all"
        default: what = data["tool_name"]?.stringValue ?? ""
        }
        let who = data["principal"]?.stringValue.map { " by \($0)" } ?? ""
        return TerminalText.safe("\(at) \(event.name): \(what)\(who)") + "\n"
    }
}

/// Follows the daemon's events over breaks of the connection.
struct EventFollower {
    let door: any DaemonDoor

    private static let pause = Duration.seconds(2)

    /// Goes on until the task is cancelled or the daemon refuses.
    func follow(
        after first: Int? = nil, in session: Session, _ receive: (ServerEvent) async throws -> Void
    ) async throws {
        var last = first
        var isFirst = true
        while !Task.isCancelled {
            do {
                try await door.watch(after: last) { event in
                    isFirst = false
                    if let id = event.id { last = id }
                    try await receive(event)
                    return true
                }
            } catch let failure as ClientFailure where !isFirst {
                session.terminal.note("\(failure.commandFailure.message); trying again")
            }
            try await Task.sleep(for: Self.pause)
        }
    }
}
