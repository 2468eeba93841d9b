import NIOPosix
import Synchronization
import Testing
import ToolKit

@testable import Egress

@Suite("A connection that a program wants through its proxy", .timeLimit(.minutes(2)))
struct ProxyTests {
    private static let get = "GET /x HTTP/1.1\r\nHost: site.example\r\n\r\n"

    private func site() async throws -> LoopbackSite { try await LoopbackSite.start { _ in .page("hello") } }

    @Test("comes about by CONNECT, by SOCKS and as a plain request, and each is in the ledger with its bytes")
    func ways() async throws {
        let site = try await site()
        let fixture = try ProxyFixture(["site.example": [["127.0.0.1"]]], allowing: ["site.example": .anywhere])
        let place = "site.example:\(site.port)"
        let tunnel = try await fixture.ask("CONNECT \(place) HTTP/1.1\r\nHost: \(place)\r\n\r\n" + Self.get)
        #expect(tunnel.hasPrefix("HTTP/1.1 200 ") && tunnel.hasSuffix("\r\n\r\nhello"))
        let plain = try await fixture.ask("GET http://\(place)/x HTTP/1.1\r\nHost: \(place)\r\n\r\n")
        #expect(plain.hasPrefix("HTTP/1.1 200 OK") && plain.hasSuffix("\r\n\r\nhello"))
        let (code, text) = try await fixture.socks(
            ProxyFixture.socks(name: "site.example", port: site.port), then: Self.get)
        #expect(code == 0 && text.hasSuffix("\r\n\r\nhello"))
        await fixture.proxy.close()
        let entries = fixture.egress.connections.entries
        #expect(entries.count == 3 && entries.allSatisfy { $0.problem == nil && $0.rule == "test" })
        for (way, request) in zip([CallConnections.Entry.Way.connect, .http, .socks], site.requests) {
            let entry = try #require(entries.first { $0.way == way })
            #expect(entry.endpoint?.port == site.port && entry.address?.description == "127.0.0.1")
            #expect(entry.sent == request.utf8.count && entry.received > 50)
        }
        #expect(fixture.egress.resolver.questions.count == 3)
        await site.stop()
    }

    @Test("R39: leads to no address that the rule does not open, and nobody is connected to")
    func addresses() async throws {
        let site = try await site()
        let fixture = try ProxyFixture(
            [
                "site.example": [["127.0.0.1"]], "mixed.example": [["93.184.215.14", "127.0.0.1"]],
                "mapped.example": [["::ffff:7f00:1"]], "meta.example": [["169.254.169.254"]], "none.example": [[]],
            ],
            allowing: [
                "site.example": .public, "mixed.example": .public, "mapped.example": .anywhere,
                "meta.example": .anywhere,
                "none.example": .public,
            ])
        for name in ["site", "mixed", "mapped", "meta"] {
            let place = "\(name).example:\(site.port)"
            #expect(try await fixture.ask("CONNECT \(place) HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 403 "), "\(name)")
            #expect(try await fixture.ask("GET http://\(place)/ HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 403 "))
            let (code, _) = try await fixture.socks(ProxyFixture.socks(name: name + ".example", port: site.port))
            #expect(code == 2)
        }
        #expect(try await fixture.ask("CONNECT none.example:80 HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 502 "))
        await fixture.proxy.close()
        #expect(fixture.egress.connections.entries.count == 13)
        #expect(
            fixture.egress.connections.entries.prefix(12).allSatisfy {
                $0.problem == "policy_blocked" && $0.verdict == .deny && $0.address == nil && $0.refusal != nil
            })
        #expect(site.connectionCount == 0)
        await site.stop()
    }

    @Test("R38: is refused for every host that no rule opens, in every spelling, and for a host that asks")
    func hosts() async throws {
        let site = try await site()
        let granted = WebEndpoint(scheme: .https, host: .name("granted.example"), port: site.port)
        let fixture = try ProxyFixture(
            ["asked.example": [["127.0.0.1"]], "granted.example": [["127.0.0.1"]]],
            asking: ["asked.example", "granted.example"], granted: [granted])
        for host in ["other.example", "127.0.0.1", "[::1]", "127.1", "0x7f000001", "2130706433", "asked.example"] {
            let answer = try await fixture.ask("CONNECT \(host):\(site.port) HTTP/1.1\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 403 "), "\(host) \(answer)")
            let name = host.trimming { "[]".contains($0) }
            let (code, _) = try await fixture.socks(ProxyFixture.socks(name: name, port: site.port))
            #expect(code == 2, "\(host)")
        }
        for address in [
            [5, 1, 0, 1, 127, 0, 0, 1], [5, 1, 0, 4] + Array(repeating: 0, count: 15) + [1],
            [5, 1, 0, 4] + Array(repeating: 0, count: 10) + [255, 255, 127, 0, 0, 1],
        ] as [[UInt8]] {
            let (code, _) = try await fixture.socks(address + [UInt8(site.port >> 8), UInt8(site.port & 0xFF)])
            #expect(code == 2)
        }
        #expect(site.connectionCount == 0 && fixture.egress.resolver.questions.isEmpty)
        let asked = fixture.egress.connections.entries.filter { $0.endpoint?.host == .name("asked.example") }
        #expect(asked.count == 2 && asked.allSatisfy { $0.verdict == .ask })
        #expect(asked.first?.refusal?.message.contains("nobody can be asked while a program runs") == true)
        // What a person granted passes.
        #expect(
            try await fixture.ask("CONNECT granted.example:\(site.port) HTTP/1.1\r\n\r\n" + Self.get)
                .hasSuffix("hello"))
        await fixture.proxy.close()
        await site.stop()
    }

    @Test("R40: never leads to where the daemon answers")
    func ownPort() async throws {
        let site = try await site()
        let own = OwnPorts(machine: { [] })
        let fixture = try ProxyFixture(allowing: ["127.0.0.1": .anywhere], own: own)
        let question = "CONNECT 127.0.0.1:\(site.port) HTTP/1.1\r\n\r\n"
        #expect(try await fixture.ask(question + Self.get).hasSuffix("hello"))
        own.add(site.port)
        #expect(try await fixture.ask(question).hasPrefix("HTTP/1.1 403 "))
        #expect(site.connectionCount == 1)
        await fixture.proxy.close()
        await site.stop()
    }

    @Test("ends when more comes than the one request that was judged")
    func pipelined() async throws {
        let site = try await site()
        let fixture = try ProxyFixture(["site.example": [["127.0.0.1"]]], allowing: ["site.example": .anywhere])
        let place = "site.example:\(site.port)"
        _ = try await fixture.ask(
            "GET http://\(place)/ HTTP/1.1\r\nHost: \(place)\r\n\r\nGET /other HTTP/1.1\r\nHost: inside.example\r\n\r\n"
        )
        await fixture.proxy.close()
        #expect(!site.requests.contains { $0.contains("inside.example") })
        await site.stop()
    }

    @Test("is refused when its words are odd or too long")
    func odd() async throws {
        let fixture = try ProxyFixture()
        #expect(try await fixture.ask("GET http://a.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n").contains(" 400 "))
        let long = "GET http://a.example/ HTTP/1.1\r\na: " + String(repeating: "x", count: 40 << 10)
        #expect(try await fixture.ask(long).contains(" 431 "))
        // Nobody is told in words that are not known.
        #expect(try await fixture.ask("\u{16}\u{3}\u{1}") == "")
        #expect(try await fixture.talk([([5, 1, 2], 0)]) == [5, 0xFF])
        let (code, _) = try await fixture.socks([5, 3, 0, 1, 0, 0, 0, 0, 0, 0])
        #expect(code == 7)
        await fixture.proxy.close()
        let problems = fixture.egress.connections.entries.map(\.problem)
        #expect(problems.count == 5 && problems.filter { $0 == "not_supported" }.count == 2)
    }

    @Test("is over when whoever wants it stops in the middle of saying so")
    func slow() async throws {
        var limits = ProxyLimits()
        limits.asking = .milliseconds(200)
        let fixture = try ProxyFixture(allowing: ["127.0.0.1": .anywhere], limits: limits)
        for text in ["GET http://127.0.0.1/ HT", "CONNECT ", "\u{5}\u{1}", ""] {
            #expect(try await fixture.ask(text) == "", "\(text)")
        }
        await fixture.proxy.close()
        // Who says nothing at all wanted nothing.
        #expect(fixture.egress.connections.entries.count <= 3)
        #expect(fixture.egress.connections.entries.allSatisfy { $0.problem == "malformed_request" })
    }

    @Test("is over for its server, too, when nothing moves any more")
    func idle() async throws {
        let silent = try await LoopbackSite.start { _ in .stalls("HTTP/1.1 200 OK\r\n\r\n") }
        var limits = ProxyFixture.patient
        limits.idle = .milliseconds(500)
        let fixture = try ProxyFixture(allowing: ["127.0.0.1": .anywhere], limits: limits)
        // On a busy machine it may be over before it has begun.
        while silent.connectionCount == 0 {
            _ = try await fixture.ask("CONNECT 127.0.0.1:\(silent.port) HTTP/1.1\r\n\r\n")
        }
        while fixture.egress.egress.proxied.withLock({ $0 }) > 0 { await Task.yield() }
        await fixture.proxy.close()
        await silent.stop()
    }

    @Test("that nobody has room to write down is counted with its bytes")
    func counted() {
        let connections = CallConnections()
        for _ in 0..<CallConnections.limit + 2 {
            var entry = CallConnections.Entry(nil, address: .v4(0x7F00_0001), verdict: .allow, rule: nil)
            (entry.sent, entry.received) = (3, 5)
            connections.note(entry)
        }
        #expect(connections.entries.count == CallConnections.limit)
        #expect(connections.json?.arrayValue?.last == ["more": 2, "bytes_sent": 6, "bytes_received": 10])
    }

    @Test("finds no room beside too many others, and ends with the call")
    func caps() async throws {
        let silent = try await LoopbackSite.start { _ in .stalls("HTTP/1.1 200 OK\r\n\r\n") }
        var limits = ProxyFixture.patient
        limits.connections = 2
        let fixture = try ProxyFixture(allowing: ["127.0.0.1": .anywhere], limits: limits)
        let question = "CONNECT 127.0.0.1:\(silent.port) HTTP/1.1\r\n\r\n" + Self.get
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<5 { group.addTask { _ = try? await fixture.ask(question) } }
            let refused = { fixture.egress.connections.entries.filter { $0.problem == "too_many_connections" }.count }
            while silent.connectionCount < 2 || refused() < 3 { await Task.yield() }
            await fixture.proxy.close()
        }
        #expect(silent.connectionCount == 2 && fixture.egress.connections.entries.count == 5)
        await #expect(throws: (any Error).self) { try await fixture.ask(question) }
        await silent.stop()
    }

    @Test("is the next call's once the program was turned to it")
    func turned() async throws {
        let site = try await site()
        let fixture = try ProxyFixture(allowing: ["127.0.0.1": .anywhere])
        let question = "CONNECT 127.0.0.1:\(site.port) HTTP/1.1\r\n\r\n" + Self.get
        _ = try await fixture.ask(question)
        let later = CallConnections()
        await fixture.proxy.turn(to: [], TestRules(), later)
        #expect(fixture.egress.connections.entries.count == 1)
        #expect(try await fixture.ask(question).hasPrefix("HTTP/1.1 403 "))
        await fixture.proxy.close()
        #expect(fixture.egress.connections.entries.count == 1 && later.entries.count == 1)
        await site.stop()
    }

    @Test("brings a large answer to a slow reader, and takes a large body, whole")
    func large() async throws {
        let body = String(repeating: "0123456789abcdef", count: 1 << 16)
        let site = try await LoopbackSite.start { _ in .page(body) }
        let fixture = try ProxyFixture(allowing: ["127.0.0.1": .anywhere])
        let answer = try await fixture.ask("GET http://127.0.0.1:\(site.port)/ HTTP/1.1\r\n\r\n")
        #expect(answer.hasSuffix("\r\n\r\n" + body))
        await fixture.proxy.close()
        #expect((fixture.egress.connections.entries.first?.received ?? 0) > body.utf8.count)
        await site.stop()
    }
}

extension String {
    fileprivate func trimming(_ isTrimmed: (Character) -> Bool) -> String {
        String(drop(while: isTrimmed).reversed().drop(while: isTrimmed).reversed())
    }
}
