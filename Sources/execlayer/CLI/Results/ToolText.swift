internal import ToolKit

/// Tools for people: a table of all, or one with its arguments.
enum ToolText {
    static func table(_ list: ToolList) -> String {
        var table = TextTable(
            .init(title: "tool"), .init(title: "risk"), .init(title: "state"), .init(title: "approval"),
            .init(title: "description", limit: 76))
        for tool in list.tools where tool["alias_of"]?.stringValue == nil {
            table.add([
                tool["name"]?.stringValue ?? "", tool["risk"]?.stringValue ?? "", state(of: tool),
                tool["requires_approval"]?.boolValue == true ? "needed" : "-", tool["description"]?.stringValue ?? "",
            ])
        }
        return table.text
    }

    static func details(_ tool: JSONValue, schema: JSONValue?) -> String {
        var lines = NamedLines()
        lines.add("name", tool["name"]?.stringValue ?? "")
        if let canonical = tool["alias_of"]?.stringValue { lines.add("alias of", canonical) }
        lines.add("description", tool["description"]?.stringValue ?? "")
        lines.add("risk", tool["risk"]?.stringValue ?? "")
        lines.add("state", state(of: tool))
        if let reason = tool["unavailable_reason"]?.stringValue { lines.add("why", reason) }
        lines.add("approval", tool["requires_approval"]?.boolValue == true ? "needed" : "not needed")
        return lines.text + "\n" + arguments(schema)
    }

    private static func arguments(_ schema: JSONValue?) -> String {
        guard let properties = schema?["properties"]?.objectValue, !properties.isEmpty else {
            return "takes no arguments\n"
        }
        let required = Set(schema?["required"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        var table = TextTable(
            .init(title: "argument"), .init(title: "type"), .init(title: "default"),
            .init(title: "description", limit: 76))
        let ordered = properties.sorted { left, right in
            (required.contains(left.key) ? 0 : 1, left.key) < (required.contains(right.key) ? 0 : 1, right.key)
        }
        for (name, property) in ordered {
            table.add([
                name, type(of: property),
                required.contains(name) ? "required" : property["default"].map { TextCell.text(of: $0) } ?? "-",
                property["description"]?.stringValue ?? "",
            ])
        }
        return table.text
    }

    /// `integer 1...1000`, `one of ok, error`, `string or array`.
    private static func type(of schema: JSONValue) -> String {
        if let choices = schema["enum"]?.arrayValue {
            return "one of " + choices.compactMap(\.stringValue).joined(separator: ", ")
        }
        let name = ArgumentTyping.types(of: schema).joined(separator: " or ")
        if let low = schema["minimum"]?.integerValue, let high = schema["maximum"]?.integerValue {
            return "\(name) \(low)...\(high)"
        }
        return name
    }

    private static func state(of tool: JSONValue) -> String {
        if tool["enabled"]?.boolValue != true { return "off" }
        return tool["available"]?.boolValue == false ? "unavailable" : "on"
    }
}
