internal import ToolKit

/// Turns the text of `key=value` into what the tool's `input_schema` asks for.
struct ArgumentTyping: Sendable {
    private let properties: [String: JSONValue]

    /// - Parameter inputSchema: `nil` when the tool is not known here; then everything is a string.
    init(inputSchema: JSONValue?) {
        properties = inputSchema?["properties"]?.objectValue ?? [:]
    }

    /// - Parameter text: What stood behind the `=`. An argument that the schema does not name stays a string: the gate
    ///   knows aliases that the schema does not show, and names what it does not know.
    func value(_ text: String, for name: String) throws(CommandFailure) -> JSONValue {
        guard let schema = properties[name] else { return .string(text) }
        let types = Self.types(of: schema)
        if types.isEmpty || types.contains("string") { return .string(text) }
        for type in types {
            if let value = Self.value(text, as: type) { return value }
        }
        let wanted = types.map(Self.spoken).joined(separator: " or ")
        throw CommandFailure(
            .usage, "\(name) must be \(wanted)", remedy: "execlayer tools TOOL lists the arguments and their types")
    }

    /// Whether a word that is given twice becomes one array.
    func collects(_ name: String) -> Bool {
        properties[name].map { Self.types(of: $0) }?.contains("array") ?? false
    }

    static func types(of schema: JSONValue) -> [String] {
        if let type = schema["type"]?.stringValue { return [type] }
        return schema["anyOf"]?.arrayValue?.compactMap { $0["type"]?.stringValue } ?? []
    }

    private static func value(_ text: String, as type: String) -> JSONValue? {
        // What does not parse is no value of that type; the caller names the types that would do.
        let parsed = try? JSONReader.read(text)
        switch type {
        case "integer": return parsed?.integerValue.map(JSONValue.integer)
        case "number": return parsed?.doubleValue == nil ? nil : parsed
        case "boolean": return parsed?.boolValue.map(JSONValue.bool)
        case "null": return parsed == .null ? .null : nil
        case "object": return parsed?.objectValue == nil ? nil : parsed
        case "array": return parsed?.arrayValue == nil ? .array([.string(text)]) : parsed
        default: return nil
        }
    }

    private static func spoken(_ type: String) -> String {
        switch type {
        case "integer": "an integer"
        case "number": "a number"
        case "boolean": "true or false"
        case "object": "an object as JSON"
        default: type
        }
    }
}
