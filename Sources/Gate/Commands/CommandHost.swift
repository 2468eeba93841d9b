package import ToolKit

/// A host that a rule lists for its commands, and what the rules about hosts say of it: both have to let it pass.
package struct CommandHost: Sendable, Hashable {
    package let pattern: HostPattern
    /// At the ports that some rule names; empty for names below another, about which nothing can be said beforehand.
    package let judgements: [EndpointJudgement]

    init(_ pattern: HostPattern, _ policy: EgressPolicy) {
        self.pattern = pattern
        guard case .exact(let host) = pattern else {
            judgements = []
            return
        }
        let all = policy.places(of: host).map { policy.judge($0) }
        let open = all.filter { $0.verdict != .deny }
        judgements = open.isEmpty ? Array(all.prefix(1)) : open
    }

    /// For people, a line each.
    package var lines: [String] {
        guard !judgements.isEmpty else { return ["  may reach \(pattern) where hosts lets it"] }
        return judgements.map { judgement in
            switch judgement.verdict {
            case .allow: "  may reach \(judgement.endpoint): \(judgement.sentence)"
            case .ask:
                "  cannot reach \(judgement.endpoint), because nobody can be asked while it runs: \(judgement.sentence)"
            case .deny: "  cannot reach \(pattern): \(judgement.sentence)"
            }
        }
    }

    package var json: JSONValue {
        ["pattern": .string(pattern.description), "judgements": .array(judgements.map(\.json))]
    }
}

extension EgressPolicy {
    /// Where a host could be reached as far as anybody names a port: the usual ones, then those of rules about it.
    fileprivate func places(of host: WebHost) -> [WebEndpoint] {
        let ruled = rules.filter { rule in rule.matches.contains { $0.matches(host) } }.flatMap(\.ports)
        let listed = domains.entries.filter { $0.pattern.matches(host) }.compactMap(\.port)
        var places = [
            WebEndpoint(scheme: .https, host: host, port: 443), WebEndpoint(scheme: .http, host: host, port: 80),
        ]
        for port in Set(ruled + listed).sorted() where port != 80 && port != 443 {
            places += [WebURL.Scheme.https, .http].map { WebEndpoint(scheme: $0, host: host, port: port) }
        }
        return places
    }
}
