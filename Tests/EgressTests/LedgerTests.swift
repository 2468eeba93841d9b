import Egress
import Testing
import ToolKit

@Suite("What leaves the machine")
struct LedgerTests {
    @Test("is counted: host, port, address, bytes both ways, verdict and rule")
    func counted() async throws {
        let site = try await LoopbackSite.start { _ in .page("hello") }
        let fixture = try EgressFixture(["site.example": [["127.0.0.1"]]], allowing: ["site.example": .anywhere])
        _ = try await fixture.fetch("http://site.example:\(site.port)/")
        let entry = try #require(fixture.connections.entries.first)
        #expect(fixture.connections.entries.count == 1)
        #expect(entry.endpoint?.host.description == "site.example" && entry.endpoint?.port == site.port)
        #expect(entry.address?.description == "127.0.0.1" && entry.rule == "test" && entry.verdict == .allow)
        #expect(entry.sent == site.requests.first?.utf8.count)
        #expect(
            entry.received == "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 5\r\n\r\nhello".utf8.count)
        await site.stop()
    }

    @Test("has room for connections however many refusals came before")
    func room() throws {
        let endpoint = WebEndpoint(scheme: .https, host: .name("a.example"), port: 443)
        let connections = CallConnections()
        for _ in 0..<1_000 { connections.note(.init(endpoint, verdict: .deny, rule: nil, problem: "policy_blocked")) }
        connections.note(.init(endpoint, address: .v4(0x7F00_0001), verdict: .allow, rule: "open"))
        #expect(connections.entries.last?.rule == "open")
        #expect(connections.entries.count == CallConnections.refusedLimit + 1)
        #expect(connections.json?.arrayValue?.last?["more"] == 900)
    }

    @Test("R41: carries no cookie, no token and no referrer, also not after an answer that set some")
    func nothingAttached() async throws {
        let site = try await LoopbackSite.start { path in
            path == "/"
                ? .text("HTTP/1.1 302 Found\r\nset-cookie: a=b\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n")
                : .page("x")
        }
        let fixture = try EgressFixture(allowing: ["127.0.0.1": .anywhere])
        _ = try await fixture.fetch("http://127.0.0.1:\(site.port)/")
        let names = site.requests.flatMap {
            $0.split(separator: "\r\n").dropFirst().map { $0.prefix { $0 != ":" }.lowercased() }
        }
        #expect(site.requests.count == 2)
        #expect(Set(names) == ["host", "user-agent", "accept", "accept-encoding", "connection"])
        await site.stop()
    }

    @Test("is only told of in a plan: nothing is resolved and nobody is connected to")
    func plan() async throws {
        let site = try await LoopbackSite.start { _ in .page("x") }
        let fixture = try EgressFixture(["site.example": [["127.0.0.1"]]], allowing: ["site.example": .anywhere])
        let fetcher = fixture.egress.fetcher(granted: [], rules: fixture.rules, connections: fixture.connections)
        let plan = try fetcher.plan(WebURL("http://site.example:\(site.port)/"), limits: FetchLimits())
        #expect(plan["rule"] == "test")
        #expect(throws: ToolFailure.self) { try fetcher.plan(WebURL("http://other.example/"), limits: FetchLimits()) }
        #expect(fixture.resolver.questions.isEmpty && site.connectionCount == 0 && fixture.connections.entries.isEmpty)
        await site.stop()
    }
}
