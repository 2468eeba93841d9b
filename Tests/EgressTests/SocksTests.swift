import Testing
import ToolKit

@testable import Egress

@Suite("What a program says to its proxy in SOCKS")
struct SocksTests {
    private func request(_ command: UInt8 = 1, kind: UInt8, _ address: [UInt8], port: Int = 80) -> [UInt8] {
        [5, command, 0, kind] + address + [UInt8(port >> 8), UInt8(port & 0xFF)]
    }

    private func name(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }

    private func reply(_ bytes: [UInt8]) -> UInt8? {
        if case .refused(let objection) = Socks.request(bytes[...]) { objection.socks } else { nil }
    }

    @Test("is a name or an address, and a port, however many bytes come at once")
    func targets() throws {
        for (bytes, host) in [
            (request(kind: 3, name("Site.Example"), port: 8080), "site.example"),
            (request(kind: 3, name("10.0.0.1"), port: 8080), "10.0.0.1"),
            (request(kind: 1, [10, 0, 0, 1], port: 8080), "10.0.0.1"),
            (request(kind: 4, Array(repeating: 0, count: 15) + [1], port: 8080), "[::1]"),
        ] {
            for count in 0..<bytes.count { #expect(Socks.request(bytes[..<count]) == .more) }
            guard case .done(let target, let length) = Socks.request(bytes[...] + [1, 2, 3]) else {
                Issue.record("\(host)")
                continue
            }
            #expect(target.host.description == host && target.port == 8080 && length == bytes.count)
        }
    }

    @Test("is refused for a listener, for datagrams, and for what is no request")
    func commands() {
        #expect(reply(request(2, kind: 1, [10, 0, 0, 1])) == 7)
        #expect(reply(request(3, kind: 1, [0, 0, 0, 0], port: 0)) == 7)
        #expect(reply(request(9, kind: 1, [10, 0, 0, 1])) == 7)
        #expect(reply(request(kind: 2, [10, 0, 0, 1])) == 8)
        #expect(reply(request(kind: 1, [10, 0, 0, 1], port: 0)) == 1)
        #expect(reply([4, 1, 0, 80, 10, 0, 0, 1, 0]) == 1)
        #expect(reply([5, 1, 1, 1, 10, 0, 0, 1, 0, 80]) == 1)
    }

    @Test(
        "R38: names an address in its one spelling only",
        arguments: [
            "127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "127.0.0.1.", "::1", "[::ffff:127.0.0.1]", "localhost.",
            "",
            "a\u{0}b", "a b", "ａ.example", "user@host", "a/b",
        ])
    func spellings(host: String) {
        #expect(reply(request(kind: 3, name(host))) == 2)
    }

    @Test("begins with the methods it knows; one without a password is needed")
    func greetings() {
        #expect(Socks.greeting([5]) == .more && Socks.greeting([5, 2, 0]) == .more)
        #expect(Socks.greeting([5, 1, 0]) == .done(true, 3) && Socks.greeting([5, 2, 2, 0, 5]) == .done(true, 4))
        #expect(Socks.greeting([5, 1, 2]) == .done(false, 3))
        if case .refused = Socks.greeting([5, 0]) {} else { Issue.record("no method at all") }
    }
}
