internal import ToolKit

/// Variables: what is declared, and what the steps name.
extension PlaybookReader {
    /// `nil` when none are declared: then they are what the steps name.
    mutating func variables(_ json: JSONValue?) -> [String: PlaybookVariable]? {
        guard let json, json != .null else { return nil }
        guard let members = json.objectValue else {
            note("variables", "must be an object of names and descriptions, not \(json.kindName)")
            return nil
        }
        guard members.count <= PlaybookLimits.variables else {
            note("variables", "are \(members.count); at most \(PlaybookLimits.variables)")
            return nil
        }
        var variables: [String: PlaybookVariable] = [:]
        for (name, value) in members {
            let field = "variables.\(name.prefix(64))"
            guard PlaybookVariable.isName(name) else {
                note(field, "must be named with lower-case letters, digits and _, and not begin with a digit")
                continue
            }
            variables[name] = variable(value, field)
        }
        return variables
    }

    mutating func variable(_ json: JSONValue, _ field: String) -> PlaybookVariable? {
        guard let members = members(json, field, among: ["type", "default", "description", "required"]) else {
            return nil
        }
        var kind = PlaybookVariable.Kind.any
        if let wanted = members["type"], wanted != .null {
            guard let known = wanted.stringValue.flatMap(PlaybookVariable.Kind.init(rawValue:)) else {
                let kinds = PlaybookVariable.Kind.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
                note("\(field).type", "must be one of \(kinds)")
                return nil
            }
            kind = known
        }
        let defaultValue = members["default"].flatMap { $0 == .null ? nil : $0 }
        let isRequired = flag(members["required"], "\(field).required")
        var variable = PlaybookVariable(
            kind, default: defaultValue, description: text(members["description"], "\(field).description") ?? "",
            isRequired: isRequired)
        if let defaultValue {
            if let objection = variable.objection(to: defaultValue) { note("\(field).default", objection) }
            if PlaybookValue.depth(of: defaultValue) > PlaybookLimits.depth { noteDepth("\(field).default") }
            // A default answers for it.
            variable.isRequired = false
        }
        return variable
    }

    /// Every variable that the steps name, as it was declared or as one of any type.
    mutating func uses(
        of declared: [String: PlaybookVariable]?, in steps: [PlaybookDefinition.Step]
    ) -> [String: PlaybookVariable] {
        var used: Set<String> = []
        for (place, step) in steps.enumerated() {
            for (name, value) in step.arguments {
                let field = "steps[\(place)].args.\(name)"
                let variables = PlaybookValue.variables(in: value)
                used.formUnion(variables)
                guard let declared else { continue }
                for variable in variables.sorted() where declared[variable] == nil {
                    let nearest = Spelling.nearest(to: variable, among: declared.keys)
                    note(
                        field,
                        "names {\(variable)}, which is not declared; "
                            + (nearest.map { "did you mean {\($0)}?" }
                                ?? "declare it, or write {{\(variable)}} for the text"))
                }
                requireValues(in: value, field, declared)
            }
        }
        guard let declared else {
            if used.count > PlaybookLimits.variables {
                note("steps", "name \(used.count) variables; at most \(PlaybookLimits.variables)")
            }
            return Dictionary(uniqueKeysWithValues: used.map { ($0, PlaybookVariable()) })
        }
        for name in declared.keys.sorted() where !used.contains(name) {
            note("variables.\(name)", "is used by no step")
        }
        return declared
    }

    /// A text needs something to hold.
    mutating func requireValues(
        in value: JSONValue, _ field: String, _ declared: [String: PlaybookVariable]
    ) {
        switch value {
        case .string(let text):
            let parts = VariableText(text)
            guard parts.whole == nil else { return }
            for name in parts.variables {
                guard let variable = declared[name] else { continue }
                if !variable.isRequired, variable.defaultValue == nil {
                    note(field, "holds {\(name)}, which may have no value; give it a default")
                } else if variable.kind == .array || variable.kind == .object {
                    note(
                        field,
                        "cannot hold {\(name)} inside a text: it is \(variable.kind.spokenName); "
                            + "let it be the whole argument")
                }
            }
        case .array(let elements): for element in elements { requireValues(in: element, field, declared) }
        case .object(let members): for member in members.values { requireValues(in: member, field, declared) }
        case .null, .bool, .integer, .number: break
        }
    }
}
