package import ToolKit

/// What the policy says about a call, and the rules that made it say so.
package struct Judgement: Sendable, Hashable {
    /// The strictest of the matches; `allow` when no rule matched a place inside the workspace.
    package let verdict: PathVerdict
    /// Every rule that had an opinion, strictest first, otherwise in the order of the call's places.
    package let matches: [RuleMatch]

    init(matches: [RuleMatch]) {
        verdict = matches.map(\.verdict).max() ?? .allow
        let ordered = matches.enumerated().sorted {
            ($1.element.verdict.rawValue, $0.offset) < ($0.element.verdict.rawValue, $1.offset)
        }
        self.matches = ordered.map(\.element)
    }
}

/// A rule that had an opinion about one place.
package struct RuleMatch: Sendable, Hashable {
    package let rule: String
    package let verdict: PathVerdict
    package let path: WorkspacePath
    package let use: Access.PathUse
    /// Why the rule is there.
    package let reason: String
    /// The pattern that matched; `nil` for a built-in rule.
    package let pattern: String?

    /// `writing app/.env is denied by the rule "secrets": secrets stay with people`
    package var sentence: String {
        let deed =
            switch use {
            case .read: "reading"
            case .write: "writing"
            case .search: "searching"
            }
        let outcome =
            switch verdict {
            case .allow: "is allowed by"
            case .ask: "needs an approval by"
            case .deny: "is denied by"
            }
        return "\(deed) \(path) \(outcome) the rule \"\(rule)\": \(reason)"
    }

    package var json: JSONValue {
        [
            "rule": .string(rule), "verdict": .string(verdict.name), "path": .string(path.description),
            "use": .string(use.rawValue), "reason": .string(reason), "pattern": JSONValue(pattern),
        ]
    }
}
