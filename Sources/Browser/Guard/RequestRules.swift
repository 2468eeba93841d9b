package import ToolKit

/// What one visit may ask the network for: policy, what a person approved for the call, and the call's own allowlist.
///
/// The same value judges twice: the proxy each connection, and the page's requests before they are made.
package struct RequestRules: HostRules {
    let rules: any HostRules
    let granted: Set<WebEndpoint>
    let allowlist: HostAllowlist?

    package init(_ rules: any HostRules, granted: Set<WebEndpoint>, allowlist: HostAllowlist?) {
        self.rules = rules
        self.granted = granted
        self.allowlist = allowlist
    }

    package func decision(on endpoint: WebEndpoint) -> HostDecision {
        let decision = rules.decision(on: endpoint)
        if let allowlist, !allowlist.contains(endpoint) {
            return HostDecision(
                verdict: .deny, rule: decision.rule, reach: decision.reach,
                sentence: "the allowlist of the call does not hold \(endpoint)",
                remedy: "name the host in the call's allowlist, or leave the allowlist out")
        }
        // A person approved the hosts that the call names, and no other.
        guard decision.verdict == .ask else { return decision }
        return HostDecision(
            verdict: isGranted(endpoint) ? .allow : .deny, rule: decision.rule, reach: decision.reach,
            sentence: decision.sentence, remedy: decision.remedy)
    }

    /// A tunnel does not say what is spoken in it, so host and port count.
    private func isGranted(_ endpoint: WebEndpoint) -> Bool {
        granted.contains { $0.host == endpoint.host && $0.port == endpoint.port }
    }
}

/// For the time between two calls.
struct NothingAllowed: HostRules {
    func decision(on endpoint: WebEndpoint) -> HostDecision {
        HostDecision(
            verdict: .deny, rule: nil, reach: .public, sentence: "no call uses the browser", remedy: "make a call")
    }
}
