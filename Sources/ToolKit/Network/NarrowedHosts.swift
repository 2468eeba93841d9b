/// The rules about hosts for programs that a rule about commands lets out: a host has to be listed there, and the rules
/// have to let it pass as well.
public struct NarrowedHosts: HostRules {
    private let rules: any HostRules
    private let hosts: [HostPattern]
    private let names: [String]

    /// - Parameters:
    ///   - hosts: Whom the rules about the command list; empty: nobody.
    ///   - names: Those rules.
    public init(_ rules: any HostRules, to hosts: [HostPattern], by names: [String]) {
        self.rules = rules
        self.hosts = hosts
        self.names = names
    }

    public func decision(on endpoint: WebEndpoint) -> HostDecision {
        guard hosts.contains(where: { $0.matches(endpoint.host) }) else {
            let shown = names.map { "\"\($0)\"" }.joined(separator: ", ")
            return HostDecision(
                verdict: .deny, rule: names.first, reach: .public,
                sentence: "the program may not reach \(endpoint): the rule \(shown) does not list it",
                remedy: "use another host, or have an operator list this one under hosts of that rule in policy.yaml")
        }
        return rules.decision(on: endpoint)
    }
}
