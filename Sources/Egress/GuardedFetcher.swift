internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import ToolKit

/// Fetches for one call. Each hop is judged anew: the URL, the rules, every address, then the connection to one of those
/// addresses and no other (SECURITY R38-R41).
struct GuardedFetcher: WebFetcher {
    let egress: Egress
    let granted: Set<WebEndpoint>
    let rules: any HostRules
    let connections: CallConnections

    /// Addresses of one host that are tried, one after another.
    private static let tries = 4

    func plan(_ url: WebURL, limits: FetchLimits) throws -> [String: JSONValue] {
        let decision = try admit(url.endpoint, recording: false)
        if case .address(let address) = url.host { try check([address], of: url.endpoint, decision, recording: false) }
        return [
            "summary": .string("fetch \(url.endpoint) and read the page; nothing was resolved or sent"),
            "method": "GET", "endpoint": url.endpoint.json, "rule": JSONValue(decision.rule),
            "max_redirects": .integer(limits.redirects), "max_bytes": .integer(limits.body),
        ]
    }

    func fetch(_ url: WebURL, limits: FetchLimits) async throws -> WebAnswer {
        guard granted.contains(url.endpoint) else {
            throw ToolFailure(
                "policy_blocked", "this call was not granted \(url.endpoint)", remedy: "name the URL in the call")
        }
        let time = limits.time.components
        let deadline = NIODeadline.now() + .nanoseconds(time.seconds * 1_000_000_000 + time.attoseconds / 1_000_000_000)
        var known: [WebHost: [IPAddress]] = [:]
        var url = url
        for hop in 0...limits.redirects {
            let answer = try await answer(from: url, limits, deadline, &known)
            guard answer.isRedirect, let location = answer.location else {
                return WebAnswer(
                    url: url, status: answer.status, contentType: answer.contentType,
                    body: try unpacked(answer, url, limits), redirects: hop)
            }
            do throws(WebURLError) {
                url = try url.resolving(location)
            } catch {
                throw ToolFailure(
                    "bad_redirect", "\(url.endpoint) redirects to a URL that \(error)",
                    remedy: "fetch the page that is meant by its own URL")
            }
        }
        throw ToolFailure(
            "too_many_redirects", "the page redirects more than \(limits.redirects) times",
            remedy: "fetch the page that is meant by its own URL")
    }

    private func answer(
        from url: WebURL, _ limits: FetchLimits, _ deadline: NIODeadline, _ known: inout [WebHost: [IPAddress]]
    ) async throws -> RawAnswer {
        let decision = try admit(url.endpoint, recording: true)
        try requireNoHoneytoken(in: url, decision)
        let addresses: [IPAddress]
        if let earlier = known[url.host] {
            addresses = earlier
        } else {
            addresses = try await resolve(url.host, deadline)
            known[url.host] = addresses
        }
        guard !addresses.isEmpty else {
            note(url.endpoint, nil, decision, "has no address")
            throw ToolFailure(
                "name_not_found", "the host of \(url.endpoint) has no address",
                remedy: "look at the spelling, and whether this machine has a network")
        }
        try check(addresses, of: url.endpoint, decision, recording: true)
        let tls = try url.scheme == .https ? egress.tlsContext() : nil
        var failure: (any Error)?
        for address in addresses.prefix(Self.tries) {
            let traffic = Traffic()
            let exchange = Exchange(
                url: url, address: address, limits: limits, deadline: deadline, tls: tls, traffic: traffic)
            do {
                let answer = try await exchange.run()
                note(url.endpoint, address, decision, nil, traffic)
                return answer
            } catch {
                note(url.endpoint, address, decision, Self.failure(error, url, limits).code, traffic)
                failure = error
                // Only who could not be reached at all is tried elsewhere.
                guard traffic.current.sent == 0, !(error is ExchangeFailure), !(error is CancellationError) else {
                    break
                }
            }
        }
        if failure is CancellationError { throw CallInterrupted.cancelled }
        throw Self.failure(failure, url, limits)
    }

    /// All that a request of ours says that others chose is its URL.
    ///
    /// - Throws: ``ToolFailure`` when it holds a honeytoken; nothing was sent then.
    private func requireNoHoneytoken(in url: WebURL, _ decision: HostDecision) throws(ToolFailure) {
        guard let watch = HoneytokenWatch.underWay, watch.see(url.description, in: .egress) else { return }
        note(url.endpoint, nil, decision, "honeytoken")
        throw ToolFailure(
            "honeytoken", "the request holds a false credential that is planted in the sandbox; it was not sent",
            remedy: "a person decides about the incident in the inbox")
    }

    /// - Throws: ``ToolFailure`` when policy says no to the host.
    private func admit(_ endpoint: WebEndpoint, recording: Bool) throws(ToolFailure) -> HostDecision {
        let decision = rules.decision(on: endpoint)
        switch decision.verdict {
        case .allow: return decision
        // A person approved the host that the call names, and no other.
        case .ask where granted.contains(endpoint) || !recording: return decision
        case .ask, .deny:
            if recording {
                connections.note(
                    .init(endpoint, verdict: decision.verdict, rule: decision.rule, problem: "policy_blocked"))
            }
            throw ToolFailure("policy_blocked", decision.sentence, remedy: decision.remedy)
        }
    }

    private func check(
        _ addresses: [IPAddress], of endpoint: WebEndpoint, _ decision: HostDecision, recording: Bool
    ) throws(ToolFailure) {
        guard
            let (address, clause) = AddressRule.objection(to: addresses, of: endpoint, decision.reach, egress.own)
        else { return }
        if recording {
            connections.note(
                .init(endpoint, address: address, verdict: .deny, rule: decision.rule, problem: "policy_blocked"))
        }
        throw ToolFailure(
            "policy_blocked", "\(endpoint) \(clause)",
            remedy: "ask for a public host, or have an operator list this one by name or address")
    }

    private func resolve(_ host: WebHost, _ deadline: NIODeadline) async throws -> [IPAddress] {
        do {
            return try await Lookup(resolver: egress.resolver).addresses(of: host, before: deadline)
        } catch is CancellationError {
            throw CallInterrupted.cancelled
        } catch is Lookup.Failure {
            throw ToolFailure(
                "timeout", "timeout: the name servers did not answer in time", remedy: "try again later")
        }
    }

    private func note(
        _ endpoint: WebEndpoint, _ address: IPAddress?, _ decision: HostDecision, _ problem: String?,
        _ traffic: Traffic = Traffic()
    ) {
        var entry = CallConnections.Entry(
            endpoint, address: address, verdict: decision.verdict, rule: decision.rule, problem: problem)
        (entry.sent, entry.received) = traffic.current
        connections.note(entry)
    }

    private func unpacked(_ answer: RawAnswer, _ url: WebURL, _ limits: FetchLimits) throws(ToolFailure) -> [UInt8] {
        let encodings = answer.encodings
        do throws(Unpacking.Failure) {
            return try Unpacking.unpack(answer.body, encodings, limit: limits.body)
        } catch {
            switch error {
            case .tooLarge: throw Self.tooLarge(url, limits)
            case .broken:
                throw ToolFailure(
                    "bad_answer", "the body that \(url.endpoint) sent cannot be unpacked", remedy: "try again later")
            case .unknown:
                throw ToolFailure(
                    "bad_answer", "\(url.endpoint) packed its body in a way that nobody asked for",
                    remedy: "fetch another page")
            }
        }
    }

    private static func tooLarge(_ url: WebURL, _ limits: FetchLimits) -> ToolFailure {
        ToolFailure(
            "too_large", "the body of \(url.endpoint) is larger than \(limits.body) bytes",
            remedy: "fetch a smaller page")
    }

    private static func failure(_ error: (any Error)?, _ url: WebURL, _ limits: FetchLimits) -> ToolFailure {
        switch error {
        case ExchangeFailure.timedOut?:
            ToolFailure(
                "timeout", "timeout: \(url.endpoint) took longer than \(limits.time.components.seconds) s",
                remedy: "try again later, or fetch a smaller page")
        case ExchangeFailure.headTooLarge?:
            ToolFailure(
                "too_large", "the head of the answer of \(url.endpoint) is larger than \(limits.head) bytes",
                remedy: "fetch another page")
        case ExchangeFailure.bodyTooLarge?: tooLarge(url, limits)
        case ExchangeFailure.brokenOff?:
            ToolFailure(
                "bad_answer", "\(url.endpoint) ended the connection before its answer was complete",
                remedy: "try again later")
        case is HTTPParserError, is HTTPParserError?:
            ToolFailure("bad_answer", "\(url.endpoint) does not speak HTTP", remedy: "look at the port")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            ToolFailure(
                "tls_failed", "no secure connection to \(url.endpoint): its certificate or its TLS is not acceptable",
                remedy: "look at the certificate; it is never overlooked")
        default:
            ToolFailure(
                "unreachable", "\(url.endpoint) cannot be connected to",
                remedy: "look at host and port, and whether something answers there")
        }
    }
}
