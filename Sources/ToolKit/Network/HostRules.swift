/// What policy says about hosts that calls send requests to.
///
/// The gate asks before a call runs; whoever connects asks again for every host that only turns up while it runs: where
/// a redirect leads.
public protocol HostRules: Sendable {
    /// Pure; nothing is resolved.
    func decision(on endpoint: WebEndpoint) -> HostDecision
}

/// A verdict about one endpoint, and which addresses it is good for.
public struct HostDecision: Sendable, Hashable {
    /// What the host may turn out to be.
    public enum Reach: Sendable, Hashable {
        /// Public addresses.
        case `public`
        /// Private ones as well.
        case anywhere
        /// Private ones only: the port is open there and nowhere else.
        case privateOnly
    }

    public let verdict: PathVerdict
    /// The rule that decided; `nil` when none spoke of the host.
    public let rule: String?
    public let reach: Reach
    /// One sentence without a full stop.
    public let sentence: String
    /// What would let it pass.
    public let remedy: String

    public init(verdict: PathVerdict, rule: String?, reach: Reach, sentence: String, remedy: String) {
        self.verdict = verdict
        self.rule = rule
        self.reach = reach
        self.sentence = sentence
        self.remedy = remedy
    }
}
