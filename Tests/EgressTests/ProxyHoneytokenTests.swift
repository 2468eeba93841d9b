import Testing
import ToolKit

@testable import Egress

@Suite("A false credential that a program sends through its proxy", .timeLimit(.minutes(2)))
struct ProxyHoneytokenTests {
    private static let secret = "dptlive-4fT0aQw9Zx8Cv7Bn6Mm5Ll4Kk3Jj2Hh1Gg"
    private static let name = "dptlive-4ft0aqw9zx8cv7bn6mm5ll4kk3jj2hh1gg"
    private static let tokens = Honeytokens(
        [Honeytoken(.home, secret), Honeytoken(.environment, name)], companion: "acct-0123456789abcdef01234567")

    private func with(
        _ body: (ProxyFixture, LoopbackSite, HoneytokenWatch) async throws -> Void
    ) async throws {
        let site = try await LoopbackSite.start { _ in .page("hello") }
        let watch = HoneytokenWatch(for: Self.tokens)
        let fixture = try ProxyFixture(
            ["site.example": [["127.0.0.1"]], "\(Self.name).site.example": [["127.0.0.1"]]],
            allowing: ["site.example": .anywhere, "\(Self.name).site.example": .anywhere], watch: watch)
        try await body(fixture, site, watch)
        await site.stop()
    }

    private func request(_ path: String, _ site: LoopbackSite, body: String = "") -> String {
        "POST http://site.example:\(site.port)\(path) HTTP/1.1\r\nHost: site.example:\(site.port)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    @Test("does not leave in the head of a plain request, and the ledger says why")
    func head() async throws {
        try await with { fixture, site, watch in
            let answer = try await fixture.ask(request("/?k=\(Self.secret)", site))
            #expect(answer.hasPrefix("HTTP/1.1 403 "))
            await fixture.proxy.close()
            #expect(fixture.egress.connections.entries.map(\.problem) == ["honeytoken"])
            #expect(watch.sightings == [HoneytokenSighting(.home, in: .egress)])
            #expect(site.connectionCount == 0)
        }
    }

    @Test("does not leave in a host's name, which would be asked of a name server")
    func host() async throws {
        try await with { fixture, site, watch in
            let place = "\(Self.name).site.example:\(site.port)"
            let answer = try await fixture.ask("CONNECT \(place) HTTP/1.1\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 403 "))
            await fixture.proxy.close()
            #expect(watch.sightings == [HoneytokenSighting(.environment, in: .egress)])
            #expect(fixture.egress.resolver.questions.isEmpty)
        }
    }

    @Test("does not leave in a body or a tunnel, whole or in pieces")
    func body() async throws {
        try await with { fixture, site, watch in
            _ = try await fixture.ask(request("/", site, body: "k=\(Self.secret)"))
            let opening = Array("CONNECT site.example:\(site.port) HTTP/1.1\r\n\r\n".utf8)
            let half = Self.secret.utf8.count / 2
            _ = try await fixture.talk([
                (opening, 1), (Array("GET /?k=\(Self.secret.prefix(half))".utf8), 0),
                (Array("\(Self.secret.dropFirst(half)) HTTP/1.1\r\nHost: site.example\r\n\r\n".utf8), 0),
            ])
            await fixture.proxy.close()
            #expect(watch.sightings == [HoneytokenSighting(.home, in: .egress)])
            #expect(fixture.egress.connections.entries.map(\.problem) == ["honeytoken", "honeytoken"])
            #expect(!site.requests.contains { $0.contains(Self.secret) })
        }
    }

    @Test("is the only thing that is held back")
    func others() async throws {
        try await with { fixture, site, watch in
            let answer = try await fixture.ask(request("/?k=nothing", site))
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            await fixture.proxy.close()
            #expect(watch.sightings.isEmpty)
            #expect(fixture.egress.connections.entries.allSatisfy { $0.problem == nil })
        }
    }
}
