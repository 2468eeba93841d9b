package import ToolKit

/// Why the policy says what it says about one place, for `execlayer policy check`.
package struct PolicyExplanation: Sendable, Hashable {
    package let path: WorkspacePath
    package let use: Access.PathUse
    package let verdict: PathVerdict
    /// Strictest first.
    package let matches: [RuleMatch]
    /// Rules that would have had a say, each with the exception that took it back.
    package let exceptions: [String]
    /// What would let it pass; `nil` when it passes.
    package let remedy: String?

    /// For people, a line each.
    package var lines: [String] {
        var lines = ["\(use.rawValue) \(path): \(verdict.name)"]
        lines += matches.map { match in
            let pattern = match.pattern.map { " (pattern \($0))" } ?? ""
            return "  \(match.verdict.name) by \"\(match.rule)\"\(pattern): \(match.reason)"
        }
        if matches.isEmpty { lines.append("  no rule speaks of it, and what no rule speaks of is allowed") }
        lines += exceptions.map { "  \($0)" }
        if let remedy { lines.append("  to let it pass: \(remedy)") }
        return lines
    }

    package var json: JSONValue {
        [
            "path": .string(path.description), "use": .string(use.rawValue), "verdict": .string(verdict.name),
            "matches": .array(matches.map(\.json)), "exceptions": .array(exceptions.map(JSONValue.string)),
            "remedy": JSONValue(remedy),
        ]
    }
}

extension Policy {
    /// Judges without touching anything.
    package func explain(_ path: WorkspacePath, _ use: Access.PathUse) -> PolicyExplanation {
        let judgement = judge(Access(places: [Access.Place(path, use)]))
        let exceptions = exceptions(path, use).map { rule, exception in
            "the rule \"\(rule.name)\" does not apply: its exception \(exception.text) matches"
        }
        return PolicyExplanation(
            path: path, use: use, verdict: judgement.verdict, matches: judgement.matches, exceptions: exceptions,
            remedy: Self.remedy(for: judgement))
    }

    private static func remedy(for judgement: Judgement) -> String? {
        let strictest = judgement.matches.filter { $0.verdict == judgement.verdict }
        switch judgement.verdict {
        case .allow: return nil
        case .ask: return "have a person approve the call"
        case .deny:
            guard !strictest.contains(where: { $0.pattern == nil }) else {
                return "nothing; the rule is built in and no file can weaken it"
            }
            let names = Set(strictest.map(\.rule)).sorted().map { "\"\($0)\"" }.joined(separator: ", ")
            return "narrow the rule \(names) in policy.yaml, or list the path under its except"
        }
    }
}
