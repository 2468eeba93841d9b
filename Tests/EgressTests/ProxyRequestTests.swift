import Testing
import ToolKit

@testable import Egress

@Suite("What a program says to its proxy in HTTP")
struct ProxyRequestTests {
    private func read(_ text: String) throws -> ProxyRequest { try ProxyRequest(head: Array(text.utf8)) }

    private func status(_ text: String) -> Int? {
        do {
            _ = try read(text)
            return nil
        } catch let objection as ProxyObjection {
            return objection.status
        } catch {
            return 0
        }
    }

    @Test("is the way to a host and a port")
    func tunnel() throws {
        for text in [
            "CONNECT Site.Example:443 HTTP/1.1\r\nHost: site.example:443\r\n\r\n",
            "CONNECT site.example:443 HTTP/1.0\r\n\r\n",
            "CONNECT site.example:443 HTTP/1.1\r\nhost: SITE.example\r\nProxy-Connection: keep-alive\r\n\r\n",
        ] {
            let request = try read(text)
            #expect(request.host == .name("site.example") && request.port == 443 && request.kind == .tunnel)
        }
        #expect(try read("CONNECT [2001:db8::1]:80 HTTP/1.1\r\n\r\n").host.description == "[2001:db8::1]")
        #expect(try read("CONNECT 10.0.0.1:80 HTTP/1.1\r\n\r\n").host.description == "10.0.0.1")
    }

    @Test("is a request that goes on without what was meant for the proxy, and for one answer only")
    func plain() throws {
        let request = try read(
            "POST http://Site.Example:8080/a?b=c#d HTTP/1.1\r\nHost: site.example:8080\r\nAccept: */*\r\n"
                + "Proxy-Authorization: Basic eA==\r\nProxy-Connection: keep-alive\r\nConnection: x-own, keep-alive\r\n"
                + "X-Own: 1\r\nContent-Length: 12\r\n\r\n")
        guard case .plain(let head, let body) = request.kind else { return #expect(Bool(false)) }
        #expect(
            String(decoding: head, as: UTF8.self)
                == "POST /a?b=c HTTP/1.1\r\nHost: site.example:8080\r\naccept: */*\r\ncontent-length: 12\r\n"
                + "connection: close\r\n\r\n")
        #expect(body == 12 && request.port == 8080)
    }

    @Test("R42: is refused when two readers could understand it differently")
    func ambiguous() {
        let line = "GET http://a.example/ HTTP/1.1\r\n"
        for (text, expected) in [
            (line + "Host: a.example\r\n\r\n", nil),
            (line + "Host: b.example\r\n\r\n", 400), (line + "Host: a.example:81\r\n\r\n", 400),
            (line + "Host: a.example\r\nHost: a.example\r\n\r\n", 400), (line + "Host : a.example\r\n\r\n", 400),
            (line + "Host: a.example, b.example\r\n\r\n", 400), (line + "Host:\r\n\r\n", 400),
            (line + " folded: x\r\n\r\n", 400), (line + "a: b\r\n c\r\n\r\n", 400), (line + "a: b\nc: d\r\n\r\n", 400),
            (line + "a: b\rc: d\r\n\r\n", 400), (line + "a: \u{0}\r\n\r\n", 400), (line + ": x\r\n\r\n", 400),
            (line + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400), (line + "Content-Length: +1\r\n\r\n", 400),
            (line + "Content-Length: 1, 1\r\n\r\n", 400), (line + "Transfer-Encoding: chunked\r\n\r\n", 411),
            (line + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
            ("GET  http://a.example/ HTTP/1.1\r\n\r\n", 400), ("GET http://a.example/ x HTTP/1.1\r\n\r\n", 400),
            ("GET http://a.example/ HTTP/2\r\n\r\n", 400), ("GET http://a.example/\r\n\r\n", 400),
            ("GET\thttp://a.example/ HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", 400),
            ("OPTIONS * HTTP/1.1\r\n\r\n", 400), ("GET https://a.example/ HTTP/1.1\r\n\r\n", 400),
            ("GET ftp://a.example/ HTTP/1.1\r\n\r\n", 403), ("GET http://u:p@a.example/ HTTP/1.1\r\n\r\n", 403),
            ("CONNECT a.example HTTP/1.1\r\n\r\n", 400), ("CONNECT a.example:0 HTTP/1.1\r\n\r\n", 403),
            ("CONNECT a.example:65536 HTTP/1.1\r\n\r\n", 403),
            ("CONNECT a.example:443 HTTP/1.1\r\nHost: b\r\n\r\n", 400),
            ("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:444\r\n\r\n", 400),
            ("CONNECT u@a.example:443 HTTP/1.1\r\n\r\n", 403), ("CONNECT http://a.example:443 HTTP/1.1\r\n\r\n", 403),
            ("\r\n\r\n", 400),
            (line + String(repeating: "a: b\r\n", count: 100) + "\r\n", nil),
            (line + String(repeating: "a: b\r\n", count: 101) + "\r\n", 431),
        ] as [(String, Int?)] {
            #expect(status(text) == expected, "\(text)")
        }
    }

    @Test(
        "R38: names an address in its one spelling only",
        arguments: [
            "127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "127.0.0.1.", "0", "127.0.0.01", "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[::1%lo]", "::1", "１２７.0.0.1", "%31%32%37.0.0.1",
        ])
    func spellings(host: String) {
        #expect(status("CONNECT \(host):80 HTTP/1.1\r\n\r\n") != nil)
        #expect(status("GET http://\(host)/ HTTP/1.1\r\n\r\n") != nil)
    }
}
