internal import ToolKit

/// Waits until people have decided about a call and it has ended.
struct RunWait {
    let door: any DaemonDoor

    private static let pause = Duration.seconds(1)
    private static let settled: Set<String> = ["done", "failed", "refused", "indeterminate", "cancelled"]

    /// - Parameter waiting: The answer 202 of `/run`.
    /// - Returns: What the call itself would have answered.
    func result(of waiting: DaemonAnswer, in session: Session) async throws -> DaemonAnswer {
        let run = waiting.body["run_id"]?.stringValue ?? ""
        let item = waiting.body["approval_request_id"]?.stringValue ?? ""
        session.terminal.note("waits for a person: execlayer approvals approve \(item)")
        while true {
            let answer = try await door.demand(.api(.get, "runs", run))
            if Self.settled.contains(answer["run"]?["status"]?.stringValue ?? "") {
                return DaemonAnswer(status: 200, body: answer["run"]?["result"] ?? .null)
            }
            try await Task.sleep(for: Self.pause)
        }
    }
}
