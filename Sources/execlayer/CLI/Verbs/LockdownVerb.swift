internal import ArgumentParser
internal import ToolKit

struct LockdownVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lockdown", abstract: "Stops every run at once, until an operator ends it.",
        subcommands: [LockdownStatusVerb.self, LockdownOnVerb.self, LockdownOffVerb.self],
        defaultSubcommand: LockdownStatusVerb.self)

    static func show(_ answer: JSONValue, _ output: OutputOptions, in session: Session) -> CommandStatus {
        if output.json {
            session.terminal.show(json: answer)
            return .success
        }
        guard answer["active"]?.boolValue == true else {
            session.terminal.show("lockdown is off\n")
            return .success
        }
        let since = answer["since_at"]?.doubleValue.map { " since \(Timestamp.text($0))" } ?? ""
        let reason = answer["reason"]?.stringValue.flatMap { $0.isEmpty ? nil : ": \(TerminalText.safe($0))" } ?? ""
        session.terminal.show("lockdown is ON\(since)\(reason)\n")
        if let stopped = answer["stopped"], let calls = stopped["calls"]?.integerValue {
            let elapsed = stopped["duration_ms"].map { TextCell.text(of: $0) } ?? "?"
            let still = stopped["still_running"]?.integerValue ?? 0
            session.terminal.show("ended \(calls) running calls in \(elapsed) ms\n")
            if still > 0 { session.terminal.note("\(still) of them had not ended yet") }
        }
        return .success
    }
}

struct LockdownStatusVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Says whether it is on.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let answer = try await connection.door(in: session).demand(.api(.get, "lockdown"))
        return LockdownVerb.show(answer, output, in: session)
    }
}

struct LockdownOnVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "on", abstract: "Starts it.")

    @Option(help: "Why; everybody who is refused reads it.")
    var reason = ""
    @Flag(
        help: """
            Starts a harmless program, locks down, measures until it is gone, and ends the lockdown again. Ends every \
            other call as well; needs an operator.
            """)
    var drill = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let door = try connection.door(in: session)
        if drill { return try await LockdownDrill(door: door).run(output, in: session) }
        let answer = try await door.demand(
            .api(.post, "lockdown", body: ["active": true, "reason": .string(reason)]))
        return LockdownVerb.show(answer, output, in: session)
    }
}

struct LockdownOffVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "off", abstract: "Ends it.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let answer = try await connection.door(in: session).demand(
            .api(.post, "lockdown", body: ["active": false]))
        return LockdownVerb.show(answer, output, in: session)
    }
}
