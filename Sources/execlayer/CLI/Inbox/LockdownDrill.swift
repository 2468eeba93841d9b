internal import ToolKit

/// Tries the red switch for real: how long until a running program is gone?
struct LockdownDrill {
    let door: any DaemonDoor

    /// A program that never ends by itself and touches nothing.
    private static let call: JSONValue = [
        "tool_name": "shell_exec", "args": ["command": ["tail", "-f"], "timeout_sec": 60],
        "reason": "lockdown drill",
    ]

    func run(_ output: OutputOptions, in session: Session) async throws -> CommandStatus {
        let state = try await door.demand(.api(.get, "lockdown"))
        guard state["active"]?.boolValue != true else {
            throw CommandFailure(.refused, "a lockdown is on already", remedy: "end it first: execlayer lockdown off")
        }
        // Approvers may start a lockdown and not end it: whoever cannot end this one shall not begin.
        try await end()
        session.terminal.note("this ends every call that runs now; nothing new is let in while it lasts")
        let (stopped, program, milliseconds): (JSONValue, JSONValue, Double)
        do {
            (stopped, program, milliseconds) = try await measure()
        } catch {
            // Whatever came of it, the daemon is left as it was found.
            try? await end()
            throw error
        }
        try await end()
        let isWhole = program["code"] == "cancelled" && stopped["still_running"] == 0
        let report: JSONValue = [
            "success": .bool(isWhole), "stop_ms": .number(milliseconds), "stopped": stopped,
            "program": program["error"] ?? .null,
        ]
        if output.json {
            session.terminal.show(json: report)
        } else if isWhole {
            session.terminal.show(
                "a running program was gone \(TextCell.text(of: .number(milliseconds))) ms after the order; "
                    + "the lockdown is off again\n")
        } else {
            session.terminal.note(
                "the drill's program, tail -f, did not run until it was ended: "
                    + (program["error"]?.stringValue ?? "it was never started"))
        }
        return isWhole ? .success : .failed
    }

    private func end() async throws { _ = try await door.demand(.api(.post, "lockdown", body: ["active": false])) }

    private func measure() async throws -> (stopped: JSONValue, program: JSONValue, milliseconds: Double) {
        async let program = door.send(.api(.post, "run", body: Self.call))
        try await Task.sleep(for: .seconds(1))
        let start = ContinuousClock.now
        let locked: JSONValue
        do {
            locked = try await door.demand(
                .api(.post, "lockdown", body: ["active": true, "reason": "lockdown drill"]))
        } catch {
            _ = try? await program
            throw error
        }
        let ended = try await program.body
        return (locked["stopped"] ?? .null, ended, (ContinuousClock.now - start) / .milliseconds(1))
    }
}
