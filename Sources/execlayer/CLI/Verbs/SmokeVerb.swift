internal import ArgumentParser
internal import ToolKit

struct SmokeVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "smoke", abstract: "Tests a running daemon from end to end.",
        discussion: """
            Lists tools, makes a dry run and a real run and finds it in the audit; nothing is changed. With --token (an \
            operator's) it also proves that the token is asked for and that a patch needs an approval: for that it \
            changes approval_mode and switches apply_patch on, and puts both back.
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let target = try connection.target(in: session)
        let door = try session.connect(target)
        let gate = try connection.token == nil ? nil : SmokeGate(door: door, stranger: session.connect(target.stranger))
        let terminal = session.terminal
        let isQuiet = output.json
        // A task of its own, so that an interruption can cancel it and still wait for what it puts back.
        let work = Task {
            var record = SmokeProtocol { check in
                if !isQuiet { terminal.show(check.line(isInteractive: terminal.isInteractive)) }
            }
            try await SmokeTest(door: door).run(into: &record)
            await gate?.run(into: &record)
            return record.checks
        }
        let interruption = Interruption { work.cancel() }
        defer { interruption.end() }
        return conclude(try await work.value, on: terminal)
    }

    private func conclude(_ checks: [SmokeCheck], on terminal: Terminal) -> CommandStatus {
        let failures = checks.count(where: \.hasFailed)
        if output.json {
            terminal.show(json: ["success": .bool(failures == 0), "checks": .array(checks.map(\.json))])
        } else {
            let end =
                failures == 0 ? "all \(checks.count) checks passed" : "\(failures) of \(checks.count) checks FAILED"
            terminal.show(end + "\n")
        }
        return failures == 0 ? .success : .failed
    }
}

extension DaemonTarget {
    /// Somebody with a token that no daemon has ever made.
    var stranger: DaemonTarget {
        let token = "smoke-" + Hex.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
        return DaemonTarget(
            address: address, isNamed: isNamed, token: token, timeoutSeconds: timeoutSeconds, isInsecure: isInsecure)
    }
}
