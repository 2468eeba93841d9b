import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// The real daemon and a site of the test's own on loopback.
@Suite("A page that an agent asks for", .timeLimit(.minutes(5)))
struct WebScrapeTests {
    /// Serves pages, and prints its port and each path that it is asked for.
    private static let site = """
        import http.server, sys
        page = '<title>T</title><p class=a>one<p>two <b>three</b><script>no()</script><a href=/x?y>link</a>' \\
            '<table><tr><th>h<td>\\u00e9</table>'
        class Site(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                print('GET', self.path, self.headers.get('Via'), flush=True)
                if self.path.startswith('/to?'):
                    self.send_response(302); self.send_header('Location', self.path[4:]); self.end_headers(); return
                self.send_response(404 if self.path == '/missing' else 200)
                kind = 'image/png' if self.path == '/image' else 'text/html; charset=iso-8859-1'
                self.send_header('Content-Type', kind)
                self.end_headers()
                self.wfile.write(page.encode('latin-1'))
            def log_message(self, *words): pass
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Site)
        print('PORT', server.server_address[1], flush=True)
        server.serve_forever()
        """

    private static func with(
        listing: String? = "localhost,127.0.0.1", environment: [String: String] = [:], policy: String? = nil,
        _ body: (Daemon, _ site: String, _ asked: () -> [String], Playground) async throws -> Void
    ) async throws {
        let playground = try Playground()
        if let policy { try playground.write(policy, to: "home/config/policy.yaml") }
        let program = try Program("/usr/bin/python3", ["-c", site])
        let port = try #require(
            await program.waitForOutput { text in
                text.contains("\n")
                    ? text.split(separator: "\n").first?.split(separator: " ").last.map(String.init) : nil
            })
        var variables = environment
        variables["AUTOMATION_ALLOWED_DOMAINS"] = listing
        let daemon = try await Daemon(in: playground, environment: variables)
        let asked = {
            program.outputSoFar.split(separator: "\n").filter { $0.hasPrefix("GET ") }.map(String.init)
        }
        try await body(daemon, "http://localhost:\(port)", asked, playground)
        await daemon.stop()
        program.signal(SIGKILL)
        _ = await program.ending()
    }

    @Test("is answered as text, links and tables, and every connection stands in the record")
    func reads() async throws {
        try await Self.with { daemon, site, _, _ in
            let text = try await daemon.run("web_scrape", ["url": .string(site + "/a")])
            #expect(text.json["result"]?["result"] == "T\none\ntwo\nthree\nlink\nh\né")
            #expect(text.json["result"]?["url"] == .string(site + "/a"))
            #expect(text.json["result"]?["mode"] == "text" && text.json["result"]?["selector"] == .null)
            let links = try await daemon.run("web_scrape_bs4", ["url": .string(site), "extract": "links"])
            #expect(
                links.json["result"]?["result"]
                    == [["text": "link", "href": "/x?y", "url": .string(site + "/x?y")]])
            let tables = try await daemon.run("web_scrape", ["url": .string(site), "mode": "tables"])
            #expect(tables.json["result"]?["result"] == [[["h", "é"]]])
            let chosen = try await daemon.run("web_scrape", ["url": .string(site), "selector": "p.a, b"])
            #expect(chosen.json["result"]?["result"] == "one\nthree" && chosen.json["result"]?["count"] == 2)

            let id = try #require(text.json["audit_id"]?.stringValue)
            let entry = try await daemon.send(.GET, "/api/v1/execution/audit/\(id)").json["entry"]
            let connection = try #require(entry?["connections"]?.arrayValue?.first)
            #expect(connection["host"] == "localhost" && connection["verdict"] == "allow")
            #expect(connection["rule"] == "AUTOMATION_ALLOWED_DOMAINS")
            #expect(
                (connection["bytes_sent"]?.integerValue ?? 0) > 100
                    && (connection["bytes_received"]?.integerValue ?? 0) > 100)
        }
    }

    @Test("R40: is refused where nothing is listed, also as a plan, and nobody is asked")
    func unlisted() async throws {
        try await Self.with(listing: nil) { daemon, site, asked, _ in
            for dryRun in [false, true] {
                let reply = try await daemon.run("web_scrape", ["url": .string(site)], ["dry_run": .bool(dryRun)])
                #expect(reply.status == 200 && reply.code == "policy_blocked", "\(reply.json)")
            }
            #expect(asked().isEmpty)
        }
    }

    @Test("is only planned in a dry run: nobody is asked")
    func planned() async throws {
        try await Self.with { daemon, site, asked, _ in
            let reply = try await daemon.run("web_scrape", ["url": .string(site)], ["dry_run": true])
            #expect(
                reply.json["status"] == "ok" && reply.json["result"]?["plan"]?["rule"] == "AUTOMATION_ALLOWED_DOMAINS")
            #expect(asked().isEmpty)
        }
    }

    @Test("R40: is refused where the daemon itself answers, straight or by a redirect, also when it is listed")
    func ownPort() async throws {
        try await Self.with { daemon, site, asked, _ in
            for url in [daemon.base, daemon.base.replacingOccurrences(of: "127.0.0.1", with: "localhost")] {
                for target in [url + "/health", site + "/to?" + url + "/health"] {
                    let reply = try await daemon.run("web_scrape", ["url": .string(target)])
                    #expect(reply.code == "policy_blocked", "\(reply.json)")
                }
            }
            #expect(asked().count == 2)
        }
    }

    @Test("R41: does not come through a proxy of the environment")
    func proxies() async throws {
        // A port that nobody listens on: whoever went there would fail.
        let proxy = "http://127.0.0.1:1"
        try await Self.with(
            environment: ["http_proxy": proxy, "HTTP_PROXY": proxy, "all_proxy": proxy, "ALL_PROXY": proxy]
        ) { daemon, site, asked, _ in
            let reply = try await daemon.run("web_scrape", ["url": .string(site)])
            #expect(reply.json["status"] == "ok", "\(reply.json)")
            #expect(asked().count == 1)
        }
    }

    @Test("that is not there, is no text, or is asked for in a way that is none, is a clear error")
    func errors() async throws {
        try await Self.with { daemon, site, _, _ in
            for (arguments, code) in [
                (["url": .string(site + "/missing")], "http_error"), (["url": .string(site + "/image")], "not_a_page"),
                (["url": "http://user@localhost/"], "invalid_url"), (["url": "file:///etc/passwd"], "invalid_url"),
                (["url": .string(site), "selector": "p["], "invalid_selector"),
                (["url": .string(site), "mode": "pictures"], "invalid_arguments"),
                (["url": "http://localhost:1/"], "unreachable"),
            ] as [(JSONValue, String)] {
                let reply = try await daemon.run("web_scrape", arguments)
                #expect(reply.status == 200 && reply.code == code, "\(reply.json)")
                #expect(reply.json["remedy"]?.stringValue?.isEmpty == false)
            }
        }
    }

    @Test("waits for a person where a rule asks, and a redirect to such a host does not pass")
    func asked() async throws {
        let policy = """
            version: 1
            hosts:
              - name: ask first
                match: [localhost]
                ports: [PORT]
                private: true
                verdict: ask
                reason: a person looks
                examples: {match: ["http://localhost:PORT/"]}

            """
        try await Self.with { daemon, site, asked, playground in
            let port = try #require(site.split(separator: ":").last)
            try playground.write(policy.replacingOccurrences(of: "PORT", with: port), to: "home/config/policy.yaml")
            var reply = try await daemon.run("web_scrape", ["url": .string(site)])
            while reply.json["status"] == "ok" { reply = try await daemon.run("web_scrape", ["url": .string(site)]) }
            #expect(reply.status == 403 && reply.code == "approval_required", "\(reply.json)")
            let before = asked().count
            let other = "http://127.0.0.1:\(port)/to?\(site)/"
            let redirected = try await daemon.run("web_scrape", ["url": .string(other)])
            #expect(redirected.code == "policy_blocked", "\(redirected.json)")
            #expect(asked().count == before + 1)
            let approval = try await daemon.send(
                .POST, "/api/v1/execution/approve?tool_name=web_scrape", ["args": ["url": .string(site)]])
            let id = try #require(approval.json["approval_id"]?.stringValue)
            reply = try await daemon.run("web_scrape", ["url": .string(site)], ["approval_id": .string(id)])
            #expect(reply.json["status"] == "ok", "\(reply.json)")
        }
    }
}
