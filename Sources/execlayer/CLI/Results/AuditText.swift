internal import ToolKit

/// Audit entries for people: a table of many, or one with everything that it says.
enum AuditText {
    static func table(_ entries: [JSONValue]) -> String {
        var table = TextTable(
            .init(title: "time"), .init(title: "status"), .init(title: "tool", limit: 32),
            .init(title: "principal", limit: 24), .init(title: "agent", limit: 24),
            .init(title: "ms", alignment: .right), .init(title: "audit id", limit: 64),
            .init(title: "what", limit: 80))
        for entry in entries {
            table.add([
                entry["ts"]?.doubleValue.map(Timestamp.text) ?? "", text(entry, "status"), text(entry, "tool_name"),
                text(entry, "principal"), text(entry, "agent_id"), text(entry, "duration_ms"), text(entry, "audit_id"),
                what(entry),
            ])
        }
        return table.text
    }

    /// - Parameter answer: The answer of `GET /audit/{audit_id}`.
    static func details(_ answer: JSONValue) -> String {
        var text = DetailText.text(of: answer["entry"] ?? answer)
        if let receipt = answer["receipt"], receipt != .null { text += "\nreceipt:\n" + DetailText.text(of: receipt) }
        return text
    }

    private static func what(_ entry: JSONValue) -> String {
        if let error = entry["error"]?.stringValue, !error.isEmpty { return error }
        let summaries = ["args_summary", "result_summary"].map { text(entry, $0) }
        return summaries.filter { !$0.isEmpty }.joined(separator: " -> ")
    }

    private static func text(_ entry: JSONValue, _ name: String) -> String {
        entry[name].map { TextCell.text(of: $0) } ?? ""
    }
}
