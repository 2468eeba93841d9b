internal import NIOCore
internal import ToolKit

/// Who judges what a program asks for, and where that is written down.
struct ProxyJudge: Sendable {
    let egress: Egress
    /// Whom the call was let reach by a person.
    let granted: Set<WebEndpoint>
    let rules: any HostRules
    let connections: CallConnections
    /// The call's; shown what programs send.
    let watch: HoneytokenWatch?

    /// What was admitted.
    struct Admitted: Sendable {
        let endpoint: WebEndpoint
        let decision: HostDecision
    }

    /// Whether the rules let the host be reached; nothing is resolved.
    ///
    /// - Parameter scheme: `nil` for a tunnel, in which a program may say what it likes. It passes where either scheme does.
    func judge(_ host: WebHost, _ port: Int, _ scheme: WebURL.Scheme?) -> Admitted {
        let order: [WebURL.Scheme] = scheme.map { [$0] } ?? (port == 80 ? [.http, .https] : [.https, .http])
        let judged = order.map { scheme in
            let endpoint = WebEndpoint(scheme: scheme, host: host, port: port)
            return Admitted(endpoint: endpoint, decision: rules.decision(on: endpoint))
        }
        return judged.first { passes($0) } ?? judged.first { $0.decision.verdict == .ask } ?? judged[0]
    }

    func passes(_ admitted: Admitted) -> Bool {
        switch admitted.decision.verdict {
        case .allow: true
        case .ask: granted.contains(admitted.endpoint)
        case .deny: false
        }
    }

    func objection(to admitted: Admitted) -> ProxyObjection? {
        guard !passes(admitted) else { return nil }
        guard admitted.decision.verdict == .ask else {
            return .policy(admitted.decision.sentence, remedy: admitted.decision.remedy)
        }
        return .policy(
            admitted.decision.sentence + "; nobody can be asked while a program runs",
            remedy: "have an operator allow the host in policy.yaml")
    }

    /// Names are resolved here and nowhere else; the addresses that come back may all be connected to (SECURITY R39).
    func addresses(of admitted: Admitted, before deadline: NIODeadline) async throws -> [IPAddress] {
        let endpoint = admitted.endpoint
        let addresses: [IPAddress]
        do {
            addresses = try await Lookup(resolver: egress.resolver).addresses(of: endpoint.host, before: deadline)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ProxyObjection.unresolved(endpoint)
        }
        guard !addresses.isEmpty else { throw ProxyObjection.unresolved(endpoint) }
        if let (_, clause) = AddressRule.objection(
            to: addresses, of: endpoint, admitted.decision.reach, egress.own)
        {
            throw ProxyObjection.policy(
                "\(endpoint) \(clause)",
                remedy: "use a public host, or have an operator list this one by name or address")
        }
        return addresses
    }
}
