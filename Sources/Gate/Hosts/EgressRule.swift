package import ToolKit

/// One rule of the policy about hosts that calls may send requests to.
package struct EgressRule: Sendable, Hashable {
    package let name: String
    package let matches: [HostPattern]
    package let exceptions: [HostPattern]
    /// Empty: those of ``schemes``, 80 and 443.
    package let ports: Set<Int>
    package let schemes: Set<WebURL.Scheme>
    /// Whether the host may turn out to be on a private network or on this machine.
    package let reachesPrivate: Bool
    package let verdict: PathVerdict
    /// Why the rule is there, for whoever meets it; one sentence.
    package let reason: String

    /// Which pattern made it match; `nil` when the rule has no opinion.
    func hit(_ endpoint: WebEndpoint) -> HostPattern? {
        guard schemes.contains(endpoint.scheme) else { return nil }
        guard ports.isEmpty ? endpoint.port == endpoint.scheme.defaultPort : ports.contains(endpoint.port) else {
            // What is denied by name is not open at other ports.
            return verdict == .deny && ports.isEmpty ? pattern(of: endpoint.host) : nil
        }
        return pattern(of: endpoint.host)
    }

    private func pattern(of host: WebHost) -> HostPattern? {
        guard let match = matches.first(where: { $0.matches(host) }), !exceptions.contains(where: { $0.matches(host) })
        else { return nil }
        return match
    }
}

/// A rule that had an opinion about one endpoint.
package struct EgressMatch: Sendable, Hashable {
    /// `AUTOMATION_ALLOWED_DOMAINS` for what the environment lists.
    package let rule: String
    package let verdict: PathVerdict
    package let endpoint: WebEndpoint
    package let reach: HostDecision.Reach
    package let reason: String
    package let pattern: String

    /// `reaching https://example.com needs an approval by the rule "shops": money changes hands there`
    package var sentence: String {
        let outcome =
            switch verdict {
            case .allow: "is allowed by"
            case .ask: "needs an approval by"
            case .deny: "is denied by"
            }
        return "reaching \(endpoint) \(outcome) the rule \"\(rule)\": \(reason)"
    }

    package var json: JSONValue {
        [
            "rule": .string(rule), "verdict": .string(verdict.name), "endpoint": .string(endpoint.description),
            "private": .bool(reach != .public), "reason": .string(reason), "pattern": .string(pattern),
        ]
    }
}
