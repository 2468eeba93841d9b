package import ToolKit

/// The rules about hosts: the strictest match wins, and what no rule speaks of is denied.
package struct EgressPolicy: Sendable {
    package let rules: [EgressRule]
    package let domains: AllowedDomains

    package init(rules: [EgressRule] = [], domains: AllowedDomains = .none) {
        self.rules = rules
        self.domains = domains
    }

    package func judge(_ endpoint: WebEndpoint) -> EndpointJudgement {
        let own = rules.compactMap { rule -> EgressMatch? in
            guard let pattern = rule.hit(endpoint) else { return nil }
            return EgressMatch(
                rule: rule.name, verdict: rule.verdict, endpoint: endpoint,
                reach: rule.reachesPrivate || pattern.isAddress ? .anywhere : .public, reason: rule.reason,
                pattern: pattern.description)
        }
        return EndpointJudgement(
            endpoint: endpoint, matches: own + domains.matches(endpoint),
            speaksOfHost: rules.contains { rule in rule.matches.contains { $0.matches(endpoint.host) } }
                || domains.entries.contains { $0.pattern.matches(endpoint.host) })
    }
}

extension EgressPolicy: HostRules {
    package func decision(on endpoint: WebEndpoint) -> HostDecision { judge(endpoint).decision }
}

/// What the policy says about one endpoint, and why.
package struct EndpointJudgement: Sendable, Hashable {
    package let endpoint: WebEndpoint
    package let verdict: PathVerdict
    /// Strictest first.
    package let matches: [EgressMatch]
    /// Whether some rule names the host, for another port or scheme perhaps.
    private let speaksOfHost: Bool

    init(endpoint: WebEndpoint, matches: [EgressMatch], speaksOfHost: Bool) {
        self.endpoint = endpoint
        self.matches = matches.enumerated()
            .sorted { ($1.element.verdict.rawValue, $0.offset) < ($0.element.verdict.rawValue, $1.offset) }
            .map(\.element)
        verdict = matches.map(\.verdict).max() ?? .deny
        self.speaksOfHost = speaksOfHost
    }

    package var sentence: String {
        if let match = matches.first { return match.sentence }
        return speaksOfHost
            ? "no rule lets calls reach \(endpoint): those that name its host open other ports or schemes"
            : "no rule lets calls reach \(endpoint)"
    }

    package var remedy: String {
        switch verdict {
        case .allow: "nothing is needed"
        case .ask: "have a person approve the call"
        case .deny where matches.isEmpty:
            "have an operator list the host under hosts in policy.yaml, or in \(AllowedDomains.variable)"
        case .deny: "ask for another host, or have an operator change the rule in policy.yaml"
        }
    }

    /// Reach is the widest of those rules that let it pass: each of them alone would.
    package var decision: HostDecision {
        let reaches = Set(matches.filter { $0.verdict != .deny }.map(\.reach))
        let reach: HostDecision.Reach =
            reaches.contains(.anywhere) || reaches.isSuperset(of: [.public, .privateOnly])
            ? .anywhere : reaches.contains(.public) ? .public : .privateOnly
        return HostDecision(
            verdict: verdict, rule: matches.first?.rule, reach: matches.isEmpty ? .public : reach, sentence: sentence,
            remedy: remedy)
    }

    /// For people, a line each.
    package var lines: [String] {
        var lines = ["reach \(endpoint): \(verdict.name)"]
        lines += matches.map { "  \($0.verdict.name) by \"\($0.rule)\" (pattern \($0.pattern)): \($0.reason)" }
        if matches.isEmpty { lines.append("  \(sentence)") }
        if verdict != .deny { lines.append("  \(reachSentence)") }
        if verdict != .allow { lines.append("  to let it pass: \(remedy)") }
        return lines
    }

    private var reachSentence: String {
        switch decision.reach {
        case .public: "only at public addresses"
        case .anywhere: "at public and private addresses"
        case .privateOnly: "only at private addresses, because of its port"
        }
    }

    package var json: JSONValue {
        [
            "endpoint": .string(endpoint.description), "verdict": .string(verdict.name),
            "matches": .array(matches.map(\.json)), "sentence": .string(sentence),
            "remedy": verdict == .allow ? .null : .string(remedy),
        ]
    }
}
