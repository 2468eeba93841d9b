internal import ToolKit

/// Shows the steps of a task as they end, until it has ended or only a person can take it further.
struct TaskFollow {
    let door: any DaemonDoor
    let output: OutputOptions

    private static let pause = Duration.seconds(1)

    /// - Returns: Success for a task that was completed.
    func follow(_ id: String, in session: Session) async throws -> CommandStatus {
        var shown = 0
        var lastStatus = ""
        while true {
            let answer = try await task(id, from: shown + 1)
            let task = answer["task"] ?? .null
            let status = task["status"]?.stringValue ?? ""
            let steps = (task["steps"]?.arrayValue ?? []).filter { ($0["step"]?.integerValue ?? 0) > shown }
            for step in steps {
                guard Self.isEnded(step) else { break }
                shown = step["step"]?.integerValue ?? shown + 1
                if output.json { session.terminal.show(json: step) } else { session.terminal.show(TaskText.line(step)) }
            }
            // A page at a time, without waiting in between.
            if task["next_step"]?.integerValue.map({ $0 <= shown + 1 }) == true { continue }
            if status != lastStatus {
                lastStatus = status
                if !output.json || status == "waiting_approval" { session.terminal.note(Self.sentence(task, status)) }
                if status == "waiting_approval" { TaskText.noteWaiting(task, on: session.terminal) }
            }
            switch status {
            case "completed": return .success
            case "failed", "cancelled", "paused": return .failed
            // Nobody takes it further unless somebody starts it.
            case "pending", "running":
                if task["started"]?.boolValue == false { return .failed }
            default: break
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Steps in front of this one were shown. A task that has not come as far answers without it.
    private func task(_ id: String, from step: Int) async throws -> JSONValue {
        var request = DaemonRequest.api(.get, "tasks", id)
        if step > 1 { request.query = [(name: "from_step", value: String(step))] }
        return try await door.demand(request)
    }

    private static func isEnded(_ step: JSONValue) -> Bool {
        ["done", "failed", "cancelled", "skipped"].contains(step["status"]?.stringValue ?? "")
    }

    private static func sentence(_ task: JSONValue, _ status: String) -> String {
        let note = task["note"]?.stringValue.map { ": \($0)" } ?? ""
        let isIdle = task["started"]?.boolValue == false && (status == "pending" || status == "running")
        return "the task is \(status)\(note)" + (isIdle ? "; execlayer task start lets it go on" : "")
    }
}
