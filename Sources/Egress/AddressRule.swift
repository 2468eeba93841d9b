internal import ToolKit

/// Which of the addresses that a host turns out to have may be connected to (SECURITY R39).
enum AddressRule {
    /// - Returns: Why none of them is: one clause. `nil` when every one may be connected to; a single bad one spoils all,
    ///   because whoever answers for the name could have meant any.
    static func objection(
        to addresses: [IPAddress], of endpoint: WebEndpoint, _ reach: HostDecision.Reach, _ own: OwnPorts
    ) -> (address: IPAddress, clause: String)? {
        for address in addresses {
            if let clause = objection(to: address, of: endpoint, reach, own) { return (address, clause) }
        }
        return nil
    }

    private static func objection(
        to address: IPAddress, of endpoint: WebEndpoint, _ reach: HostDecision.Reach, _ own: OwnPorts
    ) -> String? {
        if own.own(address, endpoint.port) { return "is where this daemon answers, which no call may reach" }
        let kind = address.kind
        switch kind {
        case .public: return reach == .privateOnly ? "is public, and its port is open for private hosts only" : nil
        case .private, .loopback, .uniqueLocal, .shared, .benchmarking:
            return reach == .public ? "leads to \(kind.spoken), and the rule does not open private ones" : nil
        // Never by a name, which anybody can point there; only by the address itself.
        case .linkLocal, .metadata:
            let isNamed = endpoint.host == .address(address) && reach != .public
            return isNamed ? nil : "leads to \(kind.spoken), which only a rule that names the address opens"
        case .mapped, .transition, .unspecified, .multicast, .documentation, .reserved:
            return "leads to \(kind.spoken), which is never connected to"
        }
    }
}

extension IPAddress.Kind {
    fileprivate var spoken: String {
        switch self {
        case .unspecified: "an unspecified address"
        case .uniqueLocal: "a unique local address"
        default: "a \(rawValue) address"
        }
    }
}
