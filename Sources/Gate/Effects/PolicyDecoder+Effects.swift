internal import ToolKit

/// `effects:`, the rules for how far effects may go.
extension PolicyDecoder {
    private static let ruleKeys = EffectLimits.names + ["name", "verdict", "beyond", "reason", "examples"]
    private static let exampleKeys = [
        "added", "modified", "deleted", "modes", "links", "binary", "lines", "tool",
    ]

    mutating func effectRules(_ value: YAMLValue) -> [EffectRule] {
        rules(value, "effects", name: \.name) { $0.effectRule($1, field: $2) }
    }

    /// - Returns: `nil` when something is wrong with it.
    private mutating func effectRule(_ value: YAMLValue, field: String) -> EffectRule? {
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
        let limits = effectLimits(parts, line, field)
        let verdict = verdict(parts["verdict"], "\(field).verdict")
        let beyond = self.verdict(parts["beyond"], "\(field).beyond")
        if parts["verdict"] == nil, parts["beyond"] == nil {
            problem(line, "\(field) needs verdict or beyond; without them it has no effect")
        }
        if beyond == .allow {
            problem(
                parts["beyond"]?.line ?? line,
                "\(field).beyond must be ask or deny; what exceeds the limits cannot be allowed by them")
        }
        if limits.isNarrowing == false, verdict == .allow || parts["beyond"] != nil {
            problem(line, "\(field) has no limits; name at least one of \(EffectLimits.names.joined(separator: ", "))")
        }
        let examples = effectExamples(parts["examples"], line, "\(field).examples")
        guard problems.count == before else { return nil }
        let rule = EffectRule(name: name, limits: limits, verdict: verdict, beyond: beyond, reason: reason)
        run(examples, rule)
        return rule
    }

    private mutating func effectLimits(
        _ parts: [String: YAMLValue], _ line: Int, _ field: String
    ) -> EffectLimits {
        var limits = EffectLimits()
        if let paths = parts["paths"] {
            limits.paths = texts(paths, line, "\(field).paths", isRequired: true).compactMap { text, line in
                do throws(PathPatternError) {
                    return try PathPattern(text)
                } catch {
                    problem(
                        line, "\(field).paths pattern \(JSONWriter.quoted(String(text.prefix(100)))) \(error.reason)")
                    return nil
                }
            }
        }
        limits.deletions = count(parts["deletions"], "\(field).deletions")
        limits.files = count(parts["files"], "\(field).files")
        limits.lines = count(parts["lines"], "\(field).lines")
        if let modes = parts["modes"] { limits.modes = flag(modes, "\(field).modes") }
        if let links = parts["links"] { limits.links = flag(links, "\(field).links") }
        if let tools = parts["tools"] {
            limits.tools = Set(
                texts(tools, line, "\(field).tools", isRequired: true).compactMap { text, line in
                    guard let name = KnownTools.promised.canonical(text) else {
                        let guess = KnownTools.promised.nearest(to: text).map { "; did you mean \"\($0)\"?" } ?? ""
                        problem(line, "\(field).tools names \(JSONWriter.quoted(String(text.prefix(64))))\(guess)")
                        return nil
                    }
                    return name
                })
        }
        return limits
    }

    private mutating func count(_ value: YAMLValue?, _ field: String) -> Int? {
        guard let value else { return nil }
        if case .text(let text, isQuoted: false, _) = value, let count = Int(text),
            EffectLimits.countRange.contains(count), String(count) == text
        {
            return count
        }
        problem(value.line, "\(field) must be a whole number from 0 to \(EffectLimits.countRange.upperBound)")
        return nil
    }

    private struct EffectExample {
        let facts: EffectFacts
        let line: Int
    }

    private mutating func effectExamples(
        _ value: YAMLValue?, _ line: Int, _ field: String
    ) -> (match: [EffectExample], notMatch: [EffectExample]) {
        guard let value else {
            problem(line, "\(field) is required; name at least one effect under match")
            return ([], [])
        }
        guard case .mapping(let members, _) = value else {
            problem(value.line, "\(field) must be a mapping of match and not_match, not \(value.kindName)")
            return ([], [])
        }
        var lists: [String: [EffectExample]] = [:]
        for member in members {
            guard member.key == "match" || member.key == "not_match" else {
                unknown(member, among: ["match", "not_match"], in: field)
                continue
            }
            guard case .list(let elements, _) = member.value, elements.count <= Self.patternLimit else {
                problem(member.line, "\(field).\(member.key) must be a list of at most \(Self.patternLimit) effects")
                continue
            }
            lists[member.key] = elements.enumerated().compactMap { place, element in
                effectExample(element, "\(field).\(member.key)[\(place)]")
            }
        }
        if lists["match", default: []].isEmpty { problem(value.line, "\(field).match is empty") }
        return (lists["match"] ?? [], lists["not_match"] ?? [])
    }

    /// `{modified: [src/a.swift], lines: 12}`: what an effect does, as far as a rule looks at it.
    private mutating func effectExample(_ value: YAMLValue, _ field: String) -> EffectExample? {
        guard case .mapping(let members, let line) = value else {
            problem(value.line, "\(field) must be an effect such as {modified: [a.txt], lines: 3}")
            return nil
        }
        for member in members where !Self.exampleKeys.contains(member.key) {
            unknown(member, among: Self.exampleKeys, in: field)
        }
        let parts = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
        let lines = count(parts["lines"], "\(field).lines") ?? 0
        var changes: [EffectFacts.Change] = []
        for (key, change) in [
            ("added", FileEffect.Change.added), ("modified", .modified), ("deleted", .deleted), ("modes", .mode),
            ("links", .symlink), ("binary", .modified),
        ] {
            for (text, line) in texts(parts[key], line, "\(field).\(key)", isRequired: false) {
                guard let path = (try? WorkspacePath(text)).flatMap({ EffectPath($0) }) else {
                    problem(line, "\(field).\(key): \(JSONWriter.quoted(text)) is no file in the workspace")
                    continue
                }
                let isFirst = changes.isEmpty
                changes.append(
                    EffectFacts.Change(
                        path, change, changesMode: change == .mode, isLink: change == .symlink,
                        lines: key == "binary" ? nil : isFirst ? lines : 0))
            }
        }
        guard !changes.isEmpty else {
            problem(line, "\(field) names no file under added, modified, deleted, modes, links or binary")
            return nil
        }
        let tool = parts["tool"].map { required($0, line, "\(field).tool", lengthLimit: 64) } ?? ""
        return EffectExample(facts: EffectFacts(toolName: tool, changes: changes), line: line)
    }

    private mutating func run(
        _ examples: (match: [EffectExample], notMatch: [EffectExample]), _ rule: EffectRule
    ) {
        var limits = rule.limits
        for (expectation, list) in [(true, examples.match), (false, examples.notMatch)] {
            for example in list {
                limits.tools = example.facts.toolName.isEmpty ? nil : rule.limits.tools
                let excesses = limits.excesses(of: example.facts)
                guard excesses.isEmpty != expectation else { continue }
                let outcome =
                    expectation ? "exceeds its limits: it \(excesses.joined(separator: "; it "))" : "stays inside them"
                problem(example.line, "rule \"\(rule.name)\": the example \(outcome)")
            }
        }
    }
}

extension EffectLimits {
    /// Whether it leaves out anything at all.
    var isNarrowing: Bool {
        (paths.map { !$0.isEmpty && !$0.contains(where: \.isOverBroad) } ?? false) || deletions != nil || files != nil
            || lines != nil || modes == false || links == false || tools != nil
    }
}
