package import ToolKit

/// What playbooks ask about tools.
package struct PlaybookTools: Sendable {
    private let catalog: ToolCatalog
    private let roots: [String]

    /// - Parameter roots: Absolute spellings of the workspace root that may be used.
    package init(_ catalog: ToolCatalog, roots: [String]) {
        self.catalog = catalog
        self.roots = roots
    }

    func entry(named name: String) -> CatalogEntry? { catalog.entry(named: name) }

    func nearest(to name: String) -> String? {
        Spelling.nearest(to: name, among: catalog.entries.flatMap { [$0.name] + $0.tool.aliases })
    }

    /// What is wrong with arguments as far as they hold no variable.
    func problems(with arguments: [String: JSONValue], of entry: CatalogEntry) -> [ArgumentProblem] {
        var fixed: [String: JSONValue] = [:]
        var open: Set<String> = []
        for (name, value) in arguments {
            if PlaybookValue.variables(in: value).isEmpty {
                fixed[name] = PlaybookValue.literal(value)
            } else {
                // Null is no value for an argument that is required, and left out of one that is not.
                fixed[name] = .null
                open.insert(name)
            }
        }
        // An unknown name is wrong whatever its value will be; such a reason begins with the name.
        return problems(of: fixed, entry).filter { !open.contains($0.field) || $0.reason.hasPrefix("\"") }
    }

    /// What is wrong with arguments that hold their values.
    package func problems(of arguments: [String: JSONValue], toolName: String) -> [ArgumentProblem] {
        entry(named: toolName).map { problems(of: arguments, $0) } ?? []
    }

    private func problems(of arguments: [String: JSONValue], _ entry: CatalogEntry) -> [ArgumentProblem] {
        do throws(ArgumentProblems) {
            _ = try entry.schema.canonical(arguments, roots: roots)
            return []
        } catch {
            return error.problems
        }
    }

    /// Whether the tool takes what this argument says apart: words of a command, a script, the hunks of a patch. A variable
    /// inside such a text could say more than one word, so none may stand there (issue: never pasted into a command).
    func isInterpreted(_ argument: String, of entry: CatalogEntry?) -> Bool {
        let property = entry?.schema.properties.first { $0.name == argument || $0.aliases.contains(argument) }
        return Self.interpreted.contains(property?.name ?? argument)
    }

    private static let interpreted: Set<String> = [
        "command", "cmd", "commands", "runner", "script", "code", "expression", "patch", "sql",
    ]
}

/// Questions about the values of a playbook's arguments.
enum PlaybookValue {
    /// Every variable, in no order.
    static func variables(in value: JSONValue) -> Set<String> {
        switch value {
        case .string(let text): Set(VariableText(text).variables)
        case .array(let elements): elements.reduce(into: []) { $0.formUnion(variables(in: $1)) }
        case .object(let members): members.values.reduce(into: []) { $0.formUnion(variables(in: $1)) }
        case .null, .bool, .integer, .number: []
        }
    }

    /// A value without variables as the tool will see it.
    static func literal(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text):
            .string(
                VariableText(text).pieces.map { if case .text(let text) = $0 { text } else { "" } }.joined())
        case .array(let elements): .array(elements.map(literal))
        case .object(let members): .object(members.mapValues(literal))
        case .null, .bool, .integer, .number: value
        }
    }

    /// Levels of lists and objects.
    static func depth(of value: JSONValue) -> Int {
        switch value {
        case .array(let elements): 1 + (elements.map(depth).max() ?? 0)
        case .object(let members): 1 + (members.values.map(depth).max() ?? 0)
        case .null, .bool, .integer, .number, .string: 0
        }
    }
}
