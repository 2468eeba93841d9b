internal import ToolKit

/// `paths:`, the rules for what calls read and write.
extension PolicyDecoder {
    private static let ruleKeys = ["name", "match", "except", "read", "write", "reason", "examples", "everything"]
    private typealias Placed = (pattern: PathPattern, line: Int)

    mutating func pathRules(_ value: YAMLValue) -> [PathRule] {
        rules(value, "paths", name: \.name) { $0.pathRule($1, field: $2) }
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

    mutating func verdict(_ value: YAMLValue?, _ field: String) -> PathVerdict? {
        guard let value else { return nil }
        if case .text(let text, _, _) = value, let verdict = PathVerdict(name: text) { return verdict }
        problem(value.line, "\(field) must be allow, ask or deny")
        return nil
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
