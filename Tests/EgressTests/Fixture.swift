import Egress
import Synchronization
import Testing
import ToolKit

/// Answers what a test says, the next answer of a name each time it is asked.
final class FakeResolver: Resolver {
    private let answers: Mutex<[String: [[IPAddress]]]>
    private let asked = Mutex<[String]>([])

    init(_ answers: [String: [[String]]]) throws {
        self.answers = Mutex(
            try answers.mapValues { try $0.map { try $0.map { try #require(IPAddress(canonical: $0)) } } })
    }

    var questions: [String] { asked.withLock { $0 } }

    func addresses(of name: String) async throws -> [IPAddress] {
        asked.withLock { $0.append(name) }
        return answers.withLock { answers in
            guard var list = answers[name], !list.isEmpty else { return [] }
            let next = list.removeFirst()
            // The last one stays.
            if !list.isEmpty { answers[name] = list }
            return next
        }
    }
}

/// Rules by name, for any port.
struct TestRules: HostRules {
    var allowed: [String: HostDecision.Reach] = [:]
    var asked: Set<String> = []

    func decision(on endpoint: WebEndpoint) -> HostDecision {
        let name = endpoint.host.description
        let reach = allowed[name]
        return HostDecision(
            verdict: reach != nil ? .allow : asked.contains(name) ? .ask : .deny, rule: reach.map { _ in "test" },
            reach: reach ?? .anywhere, sentence: "no rule lets calls reach \(endpoint)", remedy: "list it")
    }
}

/// One call's fetcher with a resolver and rules of the test's.
struct EgressFixture {
    let resolver: FakeResolver
    let connections = CallConnections()
    let egress: Egress
    var rules: TestRules

    init(
        _ names: [String: [[String]]] = [:], allowing allowed: [String: HostDecision.Reach], asking: Set<String> = [],
        own: OwnPorts = OwnPorts(machine: { [] }), trust: Egress.Trust = .system
    ) throws {
        resolver = try FakeResolver(names)
        egress = Egress(resolver: resolver, own: own, trust: trust)
        rules = TestRules(allowed: allowed, asked: asking)
    }

    func fetch(_ url: String, limits: FetchLimits = FetchLimits(time: .seconds(300))) async throws -> WebAnswer {
        let url = try WebURL(url)
        return try await egress.fetcher(granted: [url.endpoint], rules: rules, connections: connections)
            .fetch(url, limits: limits)
    }

    /// The code of the failure; `nil` when there is an answer.
    func failure(of url: String, limits: FetchLimits = FetchLimits(time: .seconds(300))) async throws -> String? {
        do {
            _ = try await fetch(url, limits: limits)
            return nil
        } catch let failure as ToolFailure {
            return failure.code
        }
    }
}
