internal import ToolKit

/// The tools as `GET /tools` lists them.
struct ToolList: Sendable {
    let tools: [JSONValue]

    init(_ answer: JSONValue) { tools = answer["tools"]?.arrayValue ?? [] }

    /// The entry of that name, an alias's included.
    func entry(named name: String) -> JSONValue? { tools.first { $0["name"]?.stringValue == name } }

    func require(_ name: String) throws(CommandFailure) -> JSONValue {
        if let entry = entry(named: name) { return entry }
        let names = tools.compactMap { $0["name"]?.stringValue }
        let remedy = Spelling.nearest(to: name, among: names).map { "did you mean \($0)?" }
        throw CommandFailure(
            .refused, "unknown tool: \(name.prefix(64))", remedy: remedy ?? "execlayer tools lists them")
    }

    /// For ``ArgumentTyping``. An alias without a schema of its own has its canonical tool's.
    func inputSchema(of name: String) -> JSONValue? {
        guard let entry = entry(named: name) else { return nil }
        if let schema = entry["input_schema"], schema["properties"] != nil { return schema }
        return entry["alias_of"]?.stringValue.flatMap { self.entry(named: $0)?["input_schema"] }
    }
}
