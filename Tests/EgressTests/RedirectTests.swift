import Egress
import Testing
import ToolKit

@Suite("A page that redirects")
struct RedirectTests {
    @Test(
        "R40, control: is followed five times, and the end is what is answered", arguments: [301, 302, 303, 307, 308])
    func followed(_ status: Int) async throws {
        let site = try await LoopbackSite.start { path in
            let step = Int(path.dropFirst()) ?? 0
            return step == 5 ? .page("end") : .redirect("\(step + 1)", status: status)
        }
        let fixture = try EgressFixture(allowing: ["127.0.0.1": .anywhere])
        let answer = try await fixture.fetch("http://127.0.0.1:\(site.port)/0")
        #expect(answer.url.target == "/5" && answer.redirects == 5 && answer.body == Array("end".utf8))
        #expect(fixture.connections.entries.count == 6)
        await site.stop()
    }

    @Test("R40: is not followed a sixth time")
    func endless() async throws {
        let site = try await LoopbackSite.start { _ in .redirect("/") }
        let fixture = try EgressFixture(allowing: ["127.0.0.1": .anywhere])
        #expect(try await fixture.failure(of: "http://127.0.0.1:\(site.port)/") == "too_many_redirects")
        #expect(site.requests.count == 6)
        await site.stop()
    }

    @Test("R40: is not followed to a host that no rule names, nor to one that a person was not asked about")
    func judged() async throws {
        let trap = try await LoopbackSite.start(host: "127.0.0.2") { _ in .page("trapped") }
        let site = try await LoopbackSite.start { _ in .redirect("http://127.0.0.2:\(trap.port)/") }
        for asking in [Set<String>(), ["127.0.0.2"]] {
            let fixture = try EgressFixture(allowing: ["127.0.0.1": .anywhere], asking: asking)
            #expect(try await fixture.failure(of: "http://127.0.0.1:\(site.port)/") == "policy_blocked")
            #expect(fixture.connections.entries.map(\.problem) == [nil, "policy_blocked"])
        }
        #expect(trap.connectionCount == 0)
        await site.stop()
        await trap.stop()
    }

    @Test(
        "R38, R40: is not followed to what is no plain URL",
        arguments: [
            "file:///etc/passwd", "ftp://127.0.0.1/", "http://user@127.0.0.1/", "http://2130706433/", "http://0x7f.1/",
            "http://127.0.0.1\\@evil.example/", "http://[::ffff:127.0.0.1]/", "javascript:1", "http://",
        ])
    func odd(_ location: String) async throws {
        let site = try await LoopbackSite.start { _ in .redirect(location) }
        let fixture = try EgressFixture(allowing: ["127.0.0.1": .anywhere])
        #expect(try await fixture.failure(of: "http://127.0.0.1:\(site.port)/") == "bad_redirect")
        #expect(site.requests.count == 1)
        await site.stop()
    }

    @Test("is held to the call: another URL than the call's own is refused before anything is resolved")
    func granted() async throws {
        let fixture = try EgressFixture(allowing: ["a.example": .anywhere])
        let fetcher = fixture.egress.fetcher(granted: [], rules: fixture.rules, connections: fixture.connections)
        await #expect(throws: ToolFailure.self) {
            try await fetcher.fetch(WebURL("http://a.example/"), limits: FetchLimits())
        }
        #expect(fixture.resolver.questions.isEmpty)
    }
}
