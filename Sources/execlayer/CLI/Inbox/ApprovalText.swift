internal import ToolKit

/// Items of the inbox for people.
enum ApprovalText {
    static func table(_ items: [JSONValue]) -> String {
        var table = TextTable(
            .init(title: "id", limit: 64), .init(title: "asked"), .init(title: "tool", limit: 32), .init(title: "risk"),
            .init(title: "from", limit: 24), .init(title: "agent", limit: 24), .init(title: "status"),
            .init(title: "why", limit: 60))
        for item in items {
            table.add([
                text(item, "approval_request_id"), item["created_at"]?.doubleValue.map(Timestamp.text) ?? "",
                text(item, "tool_name"), text(item, "risk"), text(item, "principal"), text(item, "agent_id"),
                text(item, "status"), text(item, "reason"),
            ])
        }
        return table.text
    }

    /// Everything a person needs to decide: what exactly, what it would do, who asks and why.
    static func details(_ item: JSONValue) -> String {
        var lines = NamedLines()
        lines.add("id", text(item, "approval_request_id"))
        lines.add("kind", text(item, "request_type").replacing("_", with: " "))
        lines.add("status", text(item, "status"))
        if item["task_id"]?.stringValue != nil {
            lines.add("task", "\(text(item, "task_id")), step \(text(item, "step"))")
        }
        lines.add("tool", text(item, "tool_name"))
        lines.add("risk", text(item, "risk"))
        lines.add("from", text(item, "principal"))
        if item["agent_id"]?.stringValue != nil { lines.add("agent label", text(item, "agent_id")) }
        if item["reason"]?.stringValue?.isEmpty == false { lines.add("reason", text(item, "reason")) }
        for name in ["created_at", "expires_at", "decided_at"] {
            guard let at = item[name]?.doubleValue else { continue }
            lines.add(name.replacing("_at", with: ""), Timestamp.text(at))
        }
        if item["decided_by"]?.stringValue != nil { lines.add("decided by", text(item, "decided_by")) }
        if item["note"]?.stringValue != nil { lines.add("note", text(item, "note")) }
        let isIncident = item["request_type"] == "incident"
        if !isIncident { lines.add("can be undone", item["undoable"]?.boolValue == true ? "yes" : "no") }
        var parts = [lines.text]
        if let arguments = item["args"]?.objectValue, !arguments.isEmpty {
            parts.append("arguments:\n" + DetailText.text(of: arguments))
        }
        if let plan = item["plan"], plan != .null {
            parts.append((isIncident ? "what happened:\n" : "what would happen:\n") + DetailText.text(of: plan))
        }
        if let result = item["execution_result"], result != .null {
            parts.append("what came of it:\n" + DetailText.text(of: result))
        }
        return parts.joined(separator: "\n")
    }

    private static func text(_ item: JSONValue, _ name: String) -> String {
        item[name].map { TextCell.text(of: $0) } ?? ""
    }
}
