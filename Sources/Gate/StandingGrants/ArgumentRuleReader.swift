internal import ToolKit

/// Reads `args` of a grant, collecting everything that is wrong.
struct ArgumentRuleReader {
    let schema: ArgumentSchema
    let roots: [String]
    private(set) var problems: [ArgumentProblem] = []

    init(schema: ArgumentSchema, roots: [String]) {
        self.schema = schema
        self.roots = roots
    }

    mutating func rules(_ members: [String: JSONValue]) -> [String: ArgumentRule] {
        var rules: [String: ArgumentRule] = [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }).prefix(64) {
            guard let property = schema.properties.first(where: { $0.name == name || $0.aliases.contains(name) }) else {
                let known = schema.properties.map(\.name).joined(separator: ", ")
                report(name, "is no argument of this tool; known are \(known)")
                continue
            }
            rules[property.name] = rule(value, for: property)
        }
        return rules
    }

    private mutating func rule(_ value: JSONValue, for property: ArgumentSchema.Property) -> ArgumentRule? {
        let name = property.name
        guard let members = value.objectValue, let (form, content) = members.first(where: { $0.key != "more" }),
            members.count == 1 || (form == "words" && members.count == 2 && members["more"]?.boolValue != nil)
        else {
            report(name, "must be an object with one of exact, prefix, type or words")
            return nil
        }
        switch form {
        case "exact": return exact(content, property)
        case "prefix": return prefix(content, property)
        case "type": return type(content, property)
        case "words": return words(content, allowsMore: members["more"]?.boolValue ?? false, property)
        default:
            report(name, "must be an object with one of exact, prefix, type or words")
            return nil
        }
    }

    private mutating func exact(_ value: JSONValue, _ property: ArgumentSchema.Property) -> ArgumentRule? {
        do throws(ArgumentProblems) {
            let single = ArgumentSchema(.optional(property.name, property.type, property.description))
            guard let canonical = try single.canonical([property.name: value], roots: roots)[property.name] else {
                report(property.name, "exact must not be null; leave the argument out instead")
                return nil
            }
            return .exact(canonical)
        } catch {
            problems += error.problems
            return nil
        }
    }

    private mutating func prefix(_ value: JSONValue, _ property: ArgumentSchema.Property) -> ArgumentRule? {
        guard let text = value.stringValue, !text.isEmpty else {
            report(property.name, "prefix must be a text that is not empty")
            return nil
        }
        if property.type == .path {
            do throws(WorkspacePathError) {
                return .prefix(try WorkspacePath(text, roots: roots).description)
            } catch {
                report(property.name, "prefix \(error.description)")
                return nil
            }
        }
        if property.type.isCommandLike, (try? CommandWords(text)) == nil {
            report(property.name, "prefix must be whole words of a command, quoted as in a shell")
            return nil
        }
        return .prefix(text)
    }

    private mutating func type(_ value: JSONValue, _ property: ArgumentSchema.Property) -> ArgumentRule? {
        guard let kind = value.stringValue.flatMap(ArgumentRule.Kind.init(rawValue:)) else {
            report(
                property.name,
                "type must be one of \(ArgumentRule.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        guard !property.type.isCommandLike else {
            report(property.name, "a command cannot be left open; name its words, or at least the first ones")
            return nil
        }
        return .type(kind)
    }

    private mutating func words(
        _ value: JSONValue, allowsMore: Bool, _ property: ArgumentSchema.Property
    ) -> ArgumentRule? {
        guard property.type.isCommandLike else {
            report(property.name, "words are for commands only")
            return nil
        }
        guard let elements = value.arrayValue, (1...256).contains(elements.count) else {
            report(property.name, "words must be a list of 1 to 256")
            return nil
        }
        let rules = elements.compactMap(Self.word)
        guard rules.count == elements.count else {
            report(property.name, "each word must be {\"exact\": text}, {\"prefix\": text} or {\"type\": \"word\"}")
            return nil
        }
        guard case .exact = rules[0] else {
            report(property.name, "the first word, the program, must be exact")
            return nil
        }
        return .words(rules, allowsMore: allowsMore)
    }

    private static func word(_ value: JSONValue) -> ArgumentRule.WordRule? {
        guard let members = value.objectValue, members.count == 1 else { return nil }
        if let text = members["exact"]?.stringValue { return .exact(text) }
        if let text = members["prefix"]?.stringValue, !text.isEmpty { return .prefix(text) }
        return members["type"] == "word" ? .any : nil
    }

    private mutating func report(_ name: String, _ reason: String) {
        problems.append(ArgumentProblem(field: "args.\(String(name.prefix(64)))", reason: reason))
    }
}
