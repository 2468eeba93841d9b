internal import ToolKit

/// Tasks for people.
enum TaskText {
    static func table(_ tasks: [JSONValue]) -> String {
        var table = TextTable(
            .init(title: "id", limit: 64), .init(title: "status"), .init(title: "steps", alignment: .right),
            .init(title: "changed"), .init(title: "from", limit: 24), .init(title: "goal", limit: 60))
        for task in tasks {
            let done = task["steps_done"]?.integerValue.map { "\($0)/" } ?? ""
            table.add([
                text(task, "task_id"), text(task, "status"), done + text(task, "step_count"),
                task["updated_at"]?.doubleValue.map(Timestamp.text) ?? "", text(task, "principal"), text(task, "goal"),
            ])
        }
        return table.text
    }

    static func details(_ task: JSONValue) -> String {
        var lines = NamedLines()
        for name in ["task_id", "goal", "status", "note", "principal", "agent_id", "playbook_id"] {
            let text = text(task, name)
            if !text.isEmpty { lines.add(name.replacing("_", with: " "), text) }
        }
        lines.add("steps", "\(text(task, "step_count")) of at most \(text(task, "max_steps"))")
        lines.add("retries", "at most \(text(task, "max_retries"))")
        for name in ["created_at", "updated_at"] {
            if let at = task[name]?.doubleValue { lines.add(name.replacing("_at", with: ""), Timestamp.text(at)) }
        }
        let steps = (task["steps"]?.arrayValue ?? []).map(line).joined()
        let waiting = (task["required_approvals"]?.arrayValue ?? []).compactMap {
            $0["approval_request_id"]?.stringValue
        }
        .map { "decide: execlayer approvals approve \(TerminalText.safe($0))\n" }.joined()
        return [lines.text, steps, waiting].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// One step on one line.
    static func line(_ step: JSONValue) -> String {
        let attempts = step["attempts"]?.integerValue ?? 0
        var line = "\(text(step, "step")). \(text(step, "tool_name")): \(text(step, "status"))"
        if attempts > 1 { line += " after \(attempts) attempts" }
        let failure = step["failure"]?["message"]?.stringValue
        let isDone = step["status"]?.stringValue == "done"
        if let words = isDone ? step["result_summary"]?.stringValue : failure ?? step["error"]?.stringValue,
            !words.isEmpty
        {
            line += ": \(words)"
        }
        return TerminalText.safe(line) + "\n"
    }

    /// Says how what a task waits for is decided.
    static func noteWaiting(_ task: JSONValue, on terminal: Terminal) {
        for item in task["required_approvals"]?.arrayValue ?? [] {
            guard let id = item["approval_request_id"]?.stringValue else { continue }
            terminal.note("waits for a person: execlayer approvals approve \(id)")
        }
    }

    private static func text(_ item: JSONValue, _ name: String) -> String {
        item[name].map { TextCell.text(of: $0) } ?? ""
    }
}
