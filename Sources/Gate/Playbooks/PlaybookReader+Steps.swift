internal import ToolKit

/// Steps, and what the tools have to say about them.
extension PlaybookReader {
    mutating func steps(_ json: JSONValue?) -> [PlaybookDefinition.Step] {
        guard let json, json != .null else {
            note("steps", "is required")
            return []
        }
        guard let elements = json.arrayValue else {
            note("steps", "must be an array, not \(json.kindName)")
            return []
        }
        guard 1...PlaybookLimits.steps ~= elements.count else {
            note("steps", "must have 1 to \(PlaybookLimits.steps) elements, not \(elements.count)")
            return []
        }
        return elements.enumerated().compactMap { step($1, "steps[\($0)]") }
    }

    private static let stepFields = [
        "tool_name", "args", "description", "retry_on_failure", "max_retries", "expect",
    ]

    private mutating func step(_ json: JSONValue, _ field: String) -> PlaybookDefinition.Step? {
        guard let members = members(json, field, among: Self.stepFields) else { return nil }
        let toolName = toolName(members["tool_name"], "\(field).tool_name")
        let arguments = arguments(members["args"], "\(field).args")
        var retries = PlaybookLimits.defaultRetries
        if let wanted = members["max_retries"], wanted != .null {
            if let number = wanted.integerValue, PlaybookLimits.retries.contains(number) {
                retries = number
            } else {
                note("\(field).max_retries", "must be an integer from 0 to \(PlaybookLimits.retries.upperBound)")
            }
        }
        var expect = members["expect"]
        if expect == .null { expect = nil }
        if let expect, expect.objectValue == nil {
            note("\(field).expect", "must be an object, not \(expect.kindName)")
        } else if let expect, PlaybookValue.depth(of: expect) > PlaybookLimits.depth {
            noteDepth("\(field).expect")
        }
        let step = PlaybookDefinition.Step(
            toolName: toolName ?? "", arguments: arguments,
            description: text(members["description"], "\(field).description") ?? "",
            retriesOnFailure: flag(members["retry_on_failure"], "\(field).retry_on_failure") ?? false,
            maxRetries: retries, expect: expect)
        return check(step, field)
    }

    private mutating func toolName(_ json: JSONValue?, _ field: String) -> String? {
        guard let json, json != .null else {
            note(field, "is required")
            return nil
        }
        guard let name = json.stringValue, !name.isEmpty, name.utf8.count <= 64 else {
            note(field, "must be the name of a tool")
            return nil
        }
        guard let tools else { return name }
        if let entry = tools.entry(named: name) { return entry.name }
        note(
            field,
            "is unknown; " + (tools.nearest(to: name).map { "did you mean \"\($0)\"?" } ?? "tools lists them all"))
        return nil
    }

    private mutating func arguments(_ json: JSONValue?, _ field: String) -> [String: JSONValue] {
        guard let json, json != .null else { return [:] }
        guard let members = json.objectValue else {
            note(field, "must be an object, not \(json.kindName)")
            return [:]
        }
        for (name, value) in members {
            if name.utf8.count > PlaybookLimits.memberSize || name.isEmpty {
                note(field, "holds a name that is empty or longer than \(PlaybookLimits.memberSize) bytes")
            }
            if PlaybookValue.depth(of: value) > PlaybookLimits.depth { noteDepth("\(field).\(name.prefix(64))") }
            checkNames(in: value, "\(field).\(name.prefix(64))")
        }
        return members
    }

    private mutating func checkNames(in value: JSONValue, _ field: String) {
        switch value {
        case .array(let elements): for element in elements { checkNames(in: element, field) }
        case .object(let members):
            for (name, member) in members {
                if name.utf8.count > PlaybookLimits.memberSize {
                    note(field, "holds a name that is longer than \(PlaybookLimits.memberSize) bytes")
                }
                checkNames(in: member, field)
            }
        case .null, .bool, .integer, .number, .string: break
        }
    }

    /// What depends on the tool.
    private mutating func check(_ step: PlaybookDefinition.Step, _ field: String) -> PlaybookDefinition.Step? {
        guard let tools else { return step }
        let entry = tools.entry(named: step.toolName)
        var isSound = true
        for (name, value) in step.arguments {
            guard case .string(let text) = value, tools.isInterpreted(name, of: entry) else { continue }
            let parts = VariableText(text)
            guard parts.whole == nil, let variable = parts.variables.first else { continue }
            isSound = false
            note(
                "\(field).args.\(name)",
                "holds {\(variable)} inside a text that is taken apart as a command, a script or a patch; "
                    + "write the command as a list, in which a variable is one word, or let it be the whole argument")
        }
        guard let entry, isSound else { return step }
        for problem in tools.problems(with: step.arguments, of: entry) {
            note("\(field).args.\(problem.field)", problem.reason)
        }
        return step
    }
}
