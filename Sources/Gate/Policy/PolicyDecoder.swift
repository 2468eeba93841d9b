internal import ToolKit

/// Reads `policy.yaml`, strictly: an unknown key, a wrong type, an over-broad pattern or a failing example is an error
/// that names line and field, and no rule of such a file is in force (SECURITY R13).
struct PolicyDecoder {
    static let ruleLimit = 500
    static let patternLimit = 200
    private static let topKeys = ["version", "paths"]
    private static let plannedKeys = ["commands", "hosts", "toolchains", "effects"]
    private static let ruleKeys = ["name", "match", "except", "read", "write", "reason", "examples", "everything"]
    private static let exampleKeys = ["match", "not_match"]

    private var problems: [(line: Int, text: String)] = []

    /// - Throws: ``FileProblem`` naming everything that is wrong, at most 20 things.
    static func decode(_ bytes: [UInt8]) throws(FileProblem) -> [PathRule] {
        let document = try StrictYAML.read(bytes)
        var decoder = PolicyDecoder()
        let rules = decoder.document(document)
        guard decoder.problems.isEmpty else {
            let sorted = decoder.problems.sorted { ($0.line, $0.text) < ($1.line, $1.text) }
            throw FileProblem(sorted.prefix(20).map { "line \($0.line): \($0.text)" }.joined(separator: "; "))
        }
        return rules
    }

    private mutating func problem(_ line: Int, _ text: String) { problems.append((line, text)) }

    private mutating func document(_ value: YAMLValue) -> [PathRule] {
        guard case .mapping(let members, let line) = value else {
            problem(
                value.line, "the file must hold a mapping with \"version: 1\" and \"paths:\", not \(value.kindName)")
            return []
        }
        var hasVersion = false
        var rules: [PathRule] = []
        for member in members {
            switch member.key {
            case "version":
                hasVersion = true
                if case .text("1", isQuoted: false, _) = member.value { continue }
                problem(member.line, "version must be 1, the only one that this daemon knows")
            case "paths": rules = pathRules(member.value)
            case let key where Self.plannedKeys.contains(key):
                problem(member.line, "\(key) is not supported by this version")
            default: unknown(member, among: Self.topKeys)
            }
        }
        if !hasVersion { problem(line, "version is required; write \"version: 1\"") }
        return rules
    }

    private mutating func pathRules(_ value: YAMLValue) -> [PathRule] {
        guard case .list(let elements, let line) = value else {
            problem(value.line, "paths must be a list of rules, not \(value.kindName)")
            return []
        }
        guard elements.count <= Self.ruleLimit else {
            problem(line, "paths holds \(elements.count) rules; at most \(Self.ruleLimit)")
            return []
        }
        var names: Set<String> = []
        return elements.enumerated().compactMap { place, element in
            guard let rule = pathRule(element, field: "paths[\(place)]") else { return nil }
            if !names.insert(rule.name).inserted {
                problem(element.line, "paths[\(place)].name \"\(rule.name)\" is the name of an earlier rule")
            }
            return rule
        }
    }

    /// - Returns: `nil` when something is wrong with it.
    private mutating func pathRule(_ value: YAMLValue, field: String) -> PathRule? {
        guard case .mapping(let members, let line) = value else {
            problem(value.line, "\(field) must be a rule, not \(value.kindName)")
            return nil
        }
        let before = problems.count
        let parts = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
        for member in members where !Self.ruleKeys.contains(member.key) {
            unknown(member, among: Self.ruleKeys, in: field)
        }
        let name = ruleName(parts["name"], line, "\(field).name")
        let reason = required(parts["reason"], line, "\(field).reason", lengthLimit: 500)
        let isEverything = flag(parts["everything"], "\(field).everything")
        let matches = patterns(parts["match"], line, "\(field).match", isRequired: true)
        let exceptions = patterns(parts["except"], line, "\(field).except", isRequired: false)
        let read = verdict(parts["read"], "\(field).read")
        let write = verdict(parts["write"], "\(field).write")
        if parts["read"] == nil, parts["write"] == nil {
            problem(line, "\(field) needs read or write; without them it has no effect")
        }
        let examples = self.examples(parts["examples"], line, "\(field).examples")
        refuseOverBroad(matches, exceptions, isEverything, line, field)
        guard problems.count == before else { return nil }
        let rule = PathRule(
            name: name, matches: matches.map(\.pattern), exceptions: exceptions.map(\.pattern), read: read,
            write: write, reason: reason)
        run(examples, rule)
        return rule
    }
}

// MARK: The parts of a rule

extension PolicyDecoder {
    private typealias Placed = (pattern: PathPattern, line: Int)

    private mutating func unknown(_ member: YAMLValue.Member, among known: [String], in field: String? = nil) {
        let name = String(member.key.prefix(64))
        let shown = field.map { "\($0).\(name)" } ?? name
        let guess = Spelling.nearest(to: name, among: known).map { "did you mean \"\($0)\"?" }
        problem(member.line, "\(shown) is unknown; \(guess ?? "known are \(known.joined(separator: ", "))")")
    }

    private mutating func required(_ value: YAMLValue?, _ line: Int, _ field: String, lengthLimit: Int) -> String {
        switch value {
        case nil: problem(line, "\(field) is required")
        case .text(let text, let isQuoted, _) where !text.isEmpty && (isQuoted || text != "null" && text != "~"):
            if text.utf8.count <= lengthLimit { return text }
            problem(value?.line ?? line, "\(field) is longer than \(lengthLimit) bytes")
        case let other?: problem(other.line, "\(field) must be a text, not \(other.kindName)")
        }
        return ""
    }

    private mutating func ruleName(_ value: YAMLValue?, _ line: Int, _ field: String) -> String {
        let name = required(value, line, field, lengthLimit: 64)
        let isPlain = name.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_ .".unicodeScalars.contains($0))
        }
        if !isPlain { problem(value?.line ?? line, "\(field) may hold letters, digits, '-', '_', '.' and spaces") }
        return name
    }

    private mutating func flag(_ value: YAMLValue?, _ field: String) -> Bool {
        switch value {
        case nil, .text("false", isQuoted: false, _): return false
        case .text("true", isQuoted: false, _): return true
        case let other?:
            problem(other.line, "\(field) must be true or false")
            return false
        }
    }

    private mutating func verdict(_ value: YAMLValue?, _ field: String) -> PathVerdict? {
        guard let value else { return nil }
        if case .text(let text, _, _) = value, let verdict = PathVerdict(name: text) { return verdict }
        problem(value.line, "\(field) must be allow, ask or deny")
        return nil
    }

    private mutating func texts(
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

    private mutating func patterns(
        _ value: YAMLValue?, _ line: Int, _ field: String, isRequired: Bool
    ) -> [Placed] {
        texts(value, line, field, isRequired: isRequired).compactMap { text, line in
            do throws(PathPatternError) {
                return (try PathPattern(text), line)
            } catch {
                problem(line, "\(field) pattern \(JSONWriter.quoted(String(text.prefix(100)))) \(error.reason)")
                return nil
            }
        }
    }

    /// A rule that swallows everything is nearly always a slip, so it has to be said twice.
    private mutating func refuseOverBroad(
        _ matches: [Placed], _ exceptions: [Placed], _ isEverything: Bool, _ line: Int, _ field: String
    ) {
        for (pattern, line) in matches where pattern.isOverBroad && !isEverything {
            problem(
                line,
                "\(field).match pattern \"\(pattern.text)\" matches everything; name what is meant, or add "
                    + "\"everything: true\"")
        }
        for (pattern, line) in exceptions where pattern.isOverBroad {
            problem(line, "\(field).except pattern \"\(pattern.text)\" matches everything; the rule would never apply")
        }
        if isEverything, !matches.contains(where: \.pattern.isOverBroad) {
            problem(line, "\(field).everything is true, but no pattern of the rule matches everything")
        }
    }
}

// MARK: Examples

extension PolicyDecoder {
    private struct Examples {
        var match: [(text: String, line: Int)] = []
        var notMatch: [(text: String, line: Int)] = []
    }

    private mutating func examples(_ value: YAMLValue?, _ line: Int, _ field: String) -> Examples {
        guard let value else {
            problem(line, "\(field) is required; name at least one path under match")
            return Examples()
        }
        guard case .mapping(let members, _) = value else {
            problem(value.line, "\(field) must be a mapping of match and not_match, not \(value.kindName)")
            return Examples()
        }
        for member in members where !Self.exampleKeys.contains(member.key) {
            unknown(member, among: Self.exampleKeys, in: field)
        }
        let parts = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
        return Examples(
            match: texts(parts["match"], value.line, "\(field).match", isRequired: true),
            notMatch: texts(parts["not_match"], value.line, "\(field).not_match", isRequired: false))
    }

    private mutating func run(_ examples: Examples, _ rule: PathRule) {
        for (expectation, list) in [(true, examples.match), (false, examples.notMatch)] {
            for (text, line) in list {
                guard let path = try? WorkspacePath(text) else {
                    problem(
                        line,
                        "rule \"\(rule.name)\": the example \(JSONWriter.quoted(text)) is no path in the workspace")
                    continue
                }
                guard rule.covers(path) != expectation else { continue }
                let outcome = expectation ? "is not matched" : "is matched"
                problem(line, "rule \"\(rule.name)\": the example \(JSONWriter.quoted(text)) \(outcome) by it")
            }
        }
    }
}
