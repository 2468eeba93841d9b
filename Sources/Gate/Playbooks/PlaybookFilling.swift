package import ToolKit

extension PlaybookDefinition {
    /// The arguments of every step with the variables filled in, by type: where a variable is the whole of a text, the
    /// value itself takes its place; inside a longer text only a string, a number or a boolean does, as text.
    ///
    /// - Parameter given: By name; `null` counts as not given.
    /// - Throws: ``ArgumentProblems`` naming every variable and every place that is wrong.
    package func filled(with given: [String: JSONValue]) throws(ArgumentProblems) -> [[String: JSONValue]] {
        var filling = Filling(values: try values(from: given))
        let arguments = steps.enumerated().map { place, step in
            filling.members(step.arguments, at: "steps[\(place)].args")
        }
        guard filling.problems.isEmpty else { throw ArgumentProblems(filling.problems) }
        return arguments
    }

    /// A value for every variable: what was given, or the default, or null.
    private func values(from given: [String: JSONValue]) throws(ArgumentProblems) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        var problems: [ArgumentProblem] = []
        var unknown = 0
        for name in given.keys.sorted() where variables[name] == nil {
            guard problems.count < ArgumentProblems.limit else {
                unknown += 1
                continue
            }
            let nearest = Spelling.nearest(to: name, among: variables.keys).map { "; did you mean \"\($0)\"?" }
            problems.append(
                ArgumentProblem(
                    field: "variables.\(name.prefix(64))",
                    reason: "is a variable that this playbook does not have\(nearest ?? "")"))
        }
        for (name, variable) in variables {
            let value = given[name] ?? .null
            if value == .null {
                values[name] = variable.defaultValue ?? .null
                if variable.isRequired, variable.defaultValue == nil {
                    problems.append(ArgumentProblem(field: "variables.\(name)", reason: "has no value"))
                }
            } else if let objection = variable.objection(to: value) {
                problems.append(ArgumentProblem(field: "variables.\(name)", reason: objection))
            } else {
                values[name] = value
            }
        }
        guard problems.isEmpty else { throw ArgumentProblems(problems, uncounted: unknown) }
        return values
    }
}

/// Puts values where their variables stand.
private struct Filling {
    let values: [String: JSONValue]
    var problems: [ArgumentProblem] = []
    private var sizes: [String: Int]
    private var room = PlaybookLimits.filledSize

    init(values: [String: JSONValue]) {
        self.values = values
        sizes = values.mapValues { $0.stringValue?.utf8.count ?? JSONWriter.write($0).count }
    }

    mutating func members(_ members: [String: JSONValue], at path: String) -> [String: JSONValue] {
        var filled: [String: JSONValue] = [:]
        for (name, value) in members {
            let value = self.value(value, at: "\(path).\(name)")
            // One that has no value leaves the argument out.
            if value != .null || members[name] == .null { filled[name] = value }
        }
        return filled
    }

    private mutating func value(_ value: JSONValue, at path: String) -> JSONValue {
        switch value {
        case .string(let text): return self.text(text, at: path)
        case .array(let elements):
            return .array(elements.enumerated().map { self.value($1, at: "\(path)[\($0)]") })
        case .object(let members): return .object(self.members(members, at: path))
        case .null, .bool, .integer, .number: return value
        }
    }

    private mutating func text(_ text: String, at path: String) -> JSONValue {
        let parts = VariableText(text)
        // Before anything is put together: many places can hold one large value.
        take(text.utf8.count + parts.variables.reduce(0) { $0 + (sizes[$1] ?? 0) }, at: path)
        guard room >= 0 else { return .null }
        if let name = parts.whole { return values[name] ?? .null }
        var filled = ""
        for piece in parts.pieces {
            switch piece {
            case .text(let text): filled += text
            case .variable(let name): filled += word(values[name] ?? .null, of: name, at: path)
            }
        }
        return .string(filled)
    }

    private mutating func word(_ value: JSONValue, of name: String, at path: String) -> String {
        switch value {
        case .string(let text): return text
        case .bool(let flag): return flag ? "true" : "false"
        case .integer, .number: return String(decoding: JSONWriter.write(value), as: UTF8.self)
        case .null, .array, .object:
            problems.append(
                ArgumentProblem(
                    field: path,
                    reason: "cannot hold {\(name)} inside a text: it is \(value.kindName); "
                        + "give it a text, or let it be the whole argument"))
            return ""
        }
    }

    private mutating func take(_ bytes: Int, at path: String) {
        guard room >= 0 else { return }
        room -= bytes
        guard room < 0 else { return }
        problems.append(
            ArgumentProblem(
                field: path,
                reason: "makes the arguments of all steps larger than \(PlaybookLimits.filledSize >> 20) MiB"))
    }
}
