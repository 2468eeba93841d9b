package import ToolKit

/// What the policy says about a call, and the rules that made it say so.
package struct Judgement: Sendable, Hashable {
    /// The strictest of all; `allow` when no rule matched a place inside the workspace, no command is started and no
    /// host is reached.
    package let verdict: PathVerdict
    /// Every rule that had an opinion, strictest first, otherwise in the order of the call's places.
    package let matches: [RuleMatch]
    /// One of each command of the call, in its order. What runs is what these pin, and nothing else.
    package let commands: [CommandJudgement]
    /// One of each endpoint of the call, in its order.
    package let endpoints: [EndpointJudgement]
    /// Of the effect that the call puts onto the workspace.
    package let effect: EffectJudgement?

    init(
        matches: [RuleMatch], commands: [CommandJudgement] = [], endpoints: [EndpointJudgement] = [],
        effect: EffectJudgement? = nil
    ) {
        let verdicts =
            matches.map(\.verdict) + commands.map(\.verdict) + endpoints.map(\.verdict)
            + [effect?.verdict].compactMap(\.self)
        verdict = verdicts.max() ?? .allow
        self.commands = commands
        self.endpoints = endpoints
        self.effect = effect
        let ordered = matches.enumerated().sorted {
            ($1.element.verdict.rawValue, $0.offset) < ($0.element.verdict.rawValue, $1.offset)
        }
        self.matches = ordered.map(\.element)
    }

    /// What every rule says that had an opinion, for plans and the audit.
    package var sentences: [String] {
        matches.map(\.sentence) + commands.flatMap { $0.matches.map(\.sentence) } + endpoints.map(\.sentence)
            + (effect?.sentences ?? [])
    }

    /// The rules that want a person to look, places and commands told apart.
    package var asking: Set<String> {
        let places = matches.filter { $0.verdict == .ask }.map { "paths: \($0.rule)" }
        let programs = commands.flatMap(\.matches).filter { $0.rule.verdict == .ask }.map {
            "commands: \($0.rule.name)"
        }
        let hosts = endpoints.flatMap(\.matches).filter { $0.verdict == .ask }.map { "hosts: \($0.rule)" }
        let effects = (effect?.matches ?? []).filter { $0.verdict == .ask }.map { "effects: \($0.rule ?? "unruled")" }
        return Set(places + programs + hosts + effects)
    }

    /// Why it is denied, one sentence, and what would let it pass; `nil` when it is not.
    package var denial: (message: String, remedy: String)? {
        if let match = matches.first, match.verdict == .deny {
            return (match.sentence, "name something else, or have an operator change the rule in policy.yaml")
        }
        if let match = effect?.matches.first, match.verdict == .deny {
            return (match.sentence, "preview something smaller, or have an operator change the rule in policy.yaml")
        }
        if let endpoint = endpoints.first(where: { $0.verdict == .deny }) {
            return (endpoint.sentence, endpoint.remedy)
        }
        return commands.lazy.compactMap(\.denial).first
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
