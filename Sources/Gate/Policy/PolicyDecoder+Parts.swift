internal import ToolKit

/// What rules of every kind are made of. Each notes what is wrong and answers something harmless then.
extension PolicyDecoder {
    /// A list of rules with names of their own; those that something is wrong with are left out.
    mutating func rules<Rule>(
        _ value: YAMLValue, _ field: String, name: KeyPath<Rule, String>,
        read: (inout PolicyDecoder, YAMLValue, String) -> Rule?
    ) -> [Rule] {
        guard case .list(let elements, let line) = value else {
            problem(value.line, "\(field) must be a list of rules, not \(value.kindName)")
            return []
        }
        guard elements.count <= Self.ruleLimit else {
            problem(line, "\(field) holds \(elements.count) rules; at most \(Self.ruleLimit)")
            return []
        }
        var names: Set<String> = []
        return elements.enumerated().compactMap { place, element in
            guard let rule = read(&self, element, "\(field)[\(place)]") else { return nil }
            if !names.insert(rule[keyPath: name]).inserted {
                problem(
                    element.line,
                    "\(field)[\(place)].name \"\(rule[keyPath: name])\" is the name of an earlier rule")
            }
            return rule
        }
    }

    mutating func ruleName(_ value: YAMLValue?, _ line: Int, _ field: String) -> String {
        let name = required(value, line, field, lengthLimit: 64)
        let isPlain = name.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_ .".unicodeScalars.contains($0))
        }
        if !isPlain { problem(value?.line ?? line, "\(field) may hold letters, digits, '-', '_', '.' and spaces") }
        return name
    }

    mutating func unknown(_ member: YAMLValue.Member, among known: [String], in field: String? = nil) {
        let name = String(member.key.prefix(64))
        let shown = field.map { "\($0).\(name)" } ?? name
        let guess = Spelling.nearest(to: name, among: known).map { "did you mean \"\($0)\"?" }
        problem(member.line, "\(shown) is unknown; \(guess ?? "known are \(known.joined(separator: ", "))")")
    }

    mutating func required(_ value: YAMLValue?, _ line: Int, _ field: String, lengthLimit: Int) -> String {
        switch value {
        case nil: problem(line, "\(field) is required")
        case .text(let text, let isQuoted, _) where !text.isEmpty && (isQuoted || text != "null" && text != "~"):
            if text.utf8.count <= lengthLimit { return text }
            problem(value?.line ?? line, "\(field) is longer than \(lengthLimit) bytes")
        case let other?: problem(other.line, "\(field) must be a text, not \(other.kindName)")
        }
        return ""
    }

    mutating func flag(_ value: YAMLValue?, _ field: String) -> Bool {
        switch value {
        case nil, .text("false", isQuoted: false, _): return false
        case .text("true", isQuoted: false, _): return true
        case let other?:
            problem(other.line, "\(field) must be true or false")
            return false
        }
    }

    mutating func texts(
        _ value: YAMLValue?, _ line: Int, _ field: String, isRequired: Bool
    ) -> [(text: String, line: Int)] {
        guard let value else {
            if isRequired { problem(line, "\(field) is required") }
            return []
        }
        guard case .list(let elements, _) = value else {
            problem(value.line, "\(field) must be a list, not \(value.kindName)")
            return []
        }
        if isRequired, elements.isEmpty { problem(value.line, "\(field) is empty") }
        guard elements.count <= Self.patternLimit else {
            problem(value.line, "\(field) holds \(elements.count) entries; at most \(Self.patternLimit)")
            return []
        }
        return elements.enumerated().compactMap { place, element in
            if case .text(let text, let isQuoted, let line) = element, isQuoted || !text.isEmpty { return (text, line) }
            problem(element.line, "\(field)[\(place)] must be a text, not \(element.kindName)")
            return nil
        }
    }
}
