internal import ToolKit

/// Playbooks for people.
enum PlaybookText {
    static func table(_ playbooks: [JSONValue]) -> String {
        var table = TextTable(
            .init(title: "name", limit: 40), .init(title: "id", limit: 64), .init(title: "category", limit: 24),
            .init(title: "steps", alignment: .right), .init(title: "runs", alignment: .right),
            .init(title: "worked", alignment: .right), .init(title: "last run"),
            .init(title: "variables", limit: 48))
        for playbook in playbooks {
            let statistics = playbook["statistics"] ?? .null
            let rate = statistics["success_rate"]?.doubleValue.map { "\(Int(($0 * 100).rounded())) %" }
            table.add([
                text(playbook, "name"), text(playbook, "playbook_id"), text(playbook, "category"),
                String(playbook["steps"]?.arrayValue?.count ?? 0), text(statistics, "runs"), rate ?? "",
                statistics["last_run_at"]?.doubleValue.map(Timestamp.text) ?? "",
                (playbook["variables"]?.objectValue ?? [:]).keys.sorted().joined(separator: ", "),
            ])
        }
        return table.text
    }

    static func details(_ playbook: JSONValue) -> String {
        var lines = NamedLines()
        for name in ["name", "playbook_id", "description", "category", "created_by"] {
            let text = text(playbook, name)
            if !text.isEmpty { lines.add(name.replacing("_", with: " "), text) }
        }
        if let tags = playbook["tags"]?.arrayValue, !tags.isEmpty {
            lines.add("tags", tags.compactMap(\.stringValue).joined(separator: ", "))
        }
        if playbook["built_in"]?.boolValue == true { lines.add("built in", "yes") }
        lines.add("runs", text(playbook["statistics"] ?? .null, "runs"))
        var parts = [lines.text]
        let variables = (playbook["variables"]?.objectValue ?? [:]).sorted { $0.key < $1.key }
        if !variables.isEmpty {
            var table = TextTable(
                .init(title: "variable", limit: 64), .init(title: "type"), .init(title: "default", limit: 40),
                .init(title: "for", limit: 80))
            for (name, variable) in variables {
                let value = variable["default"].map { TextCell.text(of: $0) }
                table.add([
                    name, text(variable, "type"),
                    value ?? (variable["required"]?.boolValue == true ? "(needed)" : ""), text(variable, "description"),
                ])
            }
            parts.append(table.text)
        }
        for (place, step) in (playbook["steps"]?.arrayValue ?? []).enumerated() {
            let description = text(step, "description")
            let title = "\(place + 1). \(text(step, "tool_name"))" + (description.isEmpty ? "" : ": \(description)")
            let arguments = step["args"]?.objectValue ?? [:]
            parts.append(
                TerminalText.safe(title) + "\n" + (arguments.isEmpty ? "" : DetailText.text(of: arguments)))
        }
        return parts.joined(separator: "\n")
    }

    /// What came of the steps, or would.
    static func results(_ results: [JSONValue], isPlan: Bool) -> String {
        results.map { result in
            let number = (result["step_index"]?.integerValue ?? 0) + 1
            let isSuccess = result["success"]?.boolValue == true
            let attempts = result["attempts"]?.integerValue ?? 0
            let end = isSuccess ? (isPlan ? "would run" : "ok") : (isPlan ? "would be refused" : "failed")
            var text = "\(number). \(text(result, "tool_name")): \(end)"
            if attempts > 1 { text += " after \(attempts) attempts" }
            if let error = result["error"]?.stringValue { text += ": \(error)" }
            var block = TerminalText.safe(text) + "\n"
            let value = isPlan ? result["result"]?["plan"] : result["result"]
            if isSuccess, let members = value?.objectValue, !members.isEmpty { block += DetailText.text(of: members) }
            return block
        }.joined(separator: "\n")
    }

    private static func text(_ item: JSONValue, _ name: String) -> String {
        item[name].map { TextCell.text(of: $0) } ?? ""
    }
}
