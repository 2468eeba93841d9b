import Egress
import Testing
import ToolKit

@Suite("A host that turns out to have addresses")
struct AddressTests {
    @Test("R39, control: is fetched at the address that was checked, with its own name in the request")
    func control() async throws {
        let site = try await LoopbackSite.start { _ in .page("hello") }
        let fixture = try EgressFixture(["site.example": [["127.0.0.1"]]], allowing: ["site.example": .anywhere])
        let answer = try await fixture.fetch("http://site.example:\(site.port)/a?b")
        #expect(String(decoding: answer.body, as: UTF8.self) == "hello" && answer.status == 200)
        #expect(site.requests.first?.hasPrefix("GET /a?b HTTP/1.1\r\n") == true)
        #expect(site.requests.first?.lowercased().contains("host: site.example:\(site.port)\r\n") == true)
        await site.stop()
    }

    @Test("R39: is asked for once, and not connected to elsewhere when its address changes meanwhile")
    func rebinding() async throws {
        let site = try await LoopbackSite.start { _ in .redirect("/again") }
        let trap = try await LoopbackSite.start(host: "127.0.0.2") { _ in .page("trapped") }
        let fixture = try EgressFixture(
            ["site.example": [["127.0.0.1"], ["127.0.0.2"]]], allowing: ["site.example": .anywhere])
        #expect(try await fixture.failure(of: "http://site.example:\(site.port)/") == "too_many_redirects")
        #expect(fixture.resolver.questions == ["site.example"])
        #expect(site.requests.count == 6 && trap.connectionCount == 0)
        await site.stop()
        await trap.stop()
    }

    @Test("R39: is refused when its first answer is public and the one after a redirect is not")
    func rebindingByRedirect() async throws {
        let site = try await LoopbackSite.start { _ in .redirect("http://inner.example/") }
        let fixture = try EgressFixture(
            ["site.example": [["127.0.0.1"]], "inner.example": [["10.0.0.1"]]],
            allowing: ["site.example": .anywhere, "inner.example": .public])
        #expect(try await fixture.failure(of: "http://site.example:\(site.port)/") == "policy_blocked")
        await site.stop()
    }

    @Test(
        "R39: is refused as a whole when one of its addresses is not public",
        arguments: [
            "127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
            "fe80::1",
            "fc00::1", "::ffff:7f00:1", "64:ff9b::a00:1", "2002:a00:1::", "2001::1", "224.0.0.1", "198.18.0.1", "::",
            "fd00:ec2::254", "255.255.255.255",
        ])
    func mixed(_ bad: String) async throws {
        let site = try await LoopbackSite.start { _ in .page("trapped") }
        let fixture = try EgressFixture(["site.example": [["8.8.8.8", bad]]], allowing: ["site.example": .public])
        #expect(try await fixture.failure(of: "http://site.example:\(site.port)/") == "policy_blocked")
        let entry = try #require(fixture.connections.entries.first)
        #expect(entry.verdict == .deny && entry.address?.description == bad && entry.sent == 0)
        #expect(site.connectionCount == 0)
        await site.stop()
    }

    @Test(
        "R39: is never reached through addresses that only look like others, whatever a rule opens",
        arguments: [
            "0.0.0.0", "::ffff:7f00:1", "64:ff9b::7f00:1", "2002:7f00:1::", "::7f00:1", "224.0.0.1", "169.254.169.254",
            "fe80::1",
        ])
    func never(_ address: String) async throws {
        let fixture = try EgressFixture(["site.example": [[address]]], allowing: ["site.example": .anywhere])
        #expect(try await fixture.failure(of: "http://site.example/") == "policy_blocked")
    }

    @Test("R39: at a port that is open for private hosts is refused when it is public")
    func privateOnly() async throws {
        let fixture = try EgressFixture(["site.example": [["8.8.8.8"]]], allowing: ["site.example": .privateOnly])
        #expect(try await fixture.failure(of: "http://site.example:3000/") == "policy_blocked")
    }

    @Test("R39, control: an address that a rule names is reached without asking anybody for it")
    func literal() async throws {
        let site = try await LoopbackSite.start { _ in .page("ok") }
        let fixture = try EgressFixture(allowing: ["127.0.0.1": .anywhere])
        #expect(try await fixture.failure(of: "http://127.0.0.1:\(site.port)/") == nil)
        #expect(fixture.resolver.questions.isEmpty)
        await site.stop()
    }

    @Test("R40: is refused where the daemon answers, also when it is listed")
    func ownPort() async throws {
        let daemon = try await LoopbackSite.start { _ in .page("secret") }
        let own = OwnPorts(machine: { IPAddress(canonical: "8.8.4.4").map { [$0] } ?? [] })
        own.add(daemon.port)
        for (name, address) in [
            ("localhost", "127.0.0.1"), ("machine.example", "8.8.4.4"), ("other.example", "127.9.9.9"),
        ] {
            let fixture = try EgressFixture([name: [[address]]], allowing: [name: .anywhere], own: own)
            #expect(try await fixture.failure(of: "http://\(name):\(daemon.port)/") == "policy_blocked")
        }
        let site = try await LoopbackSite.start { _ in .redirect("http://127.0.0.1:\(daemon.port)/") }
        let fixture = try EgressFixture(allowing: ["127.0.0.1": .anywhere], own: own)
        #expect(try await fixture.failure(of: "http://127.0.0.1:\(site.port)/") == "policy_blocked")
        #expect(daemon.connectionCount == 0)
        await site.stop()
        await daemon.stop()
    }

    @Test("that has none, or where nobody answers, is a clear failure")
    func nobody() async throws {
        let site = try await LoopbackSite.start { _ in .page("") }
        let port = site.port
        await site.stop()
        let fixture = try EgressFixture(
            ["site.example": [["127.0.0.1"]]], allowing: ["site.example": .anywhere, "none.example": .anywhere])
        #expect(try await fixture.failure(of: "http://none.example/") == "name_not_found")
        #expect(try await fixture.failure(of: "http://site.example:\(port)/") == "unreachable")
    }

    @Test("is tried at its next address when the first refuses")
    func nextAddress() async throws {
        let site = try await LoopbackSite.start(host: "127.0.0.3") { _ in .page("ok") }
        let fixture = try EgressFixture(
            ["site.example": [["127.0.0.4", "127.0.0.3"]]], allowing: ["site.example": .anywhere])
        #expect(try await fixture.failure(of: "http://site.example:\(site.port)/") == nil)
        #expect(fixture.connections.entries.map(\.address?.description) == ["127.0.0.4", "127.0.0.3"])
        await site.stop()
    }
}
