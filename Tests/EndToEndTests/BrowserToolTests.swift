import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// The real daemon with a real Chromium, and a site of the test's own on loopback.
@Suite(
    "A page that an agent uses",
    .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium"), "needs chromium"),
    .timeLimit(.minutes(5)))
struct BrowserToolTests {
    private static let site = """
        import http.server
        page = b'''<title>Desk</title><textarea id=q></textarea><button id=ask>Ask</button><p id=said></p>
        <script>ask.onclick = () => { said.textContent = 'You asked: ' + q.value }</script>'''
        class Site(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                print('GET', self.path, flush=True)
                self.send_response(200)
                self.send_header('Content-Type', 'text/html; charset=utf-8')
                self.end_headers()
                self.wfile.write(page)
            def log_message(self, *words): pass
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Site)
        print('PORT', server.server_address[1], flush=True)
        server.serve_forever()
        """

    private func with(
        _ body: (Daemon, _ site: String, _ asked: () -> Int) async throws -> Void
    ) async throws {
        let playground = try Playground()
        let program = try Program("/usr/bin/python3", ["-c", Self.site])
        let port = try #require(
            await program.waitForOutput { text in
                text.contains("\n")
                    ? text.split(separator: "\n").first?.split(separator: " ").last.map(String.init) : nil
            })
        let site = "http://127.0.0.1:\(port)/"
        let providers: JSONValue = [
            "local": ["url": .string(site), "input": "#q", "submit": "#ask", "answer": "#said"]
        ]
        try playground.write(
            String(
                decoding: JSONWriter.write(["approval_mode": "auto", "consult_providers": providers]), as: UTF8.self),
            to: "home/config/execution_layer_config.json")
        let daemon = try await Daemon(
            in: playground, environment: ["AUTOMATION_ALLOWED_DOMAINS": "127.0.0.1:\(port)"])
        let asked = { program.outputSoFar.split(separator: "\n").filter { $0.hasPrefix("GET ") }.count }
        try await body(daemon, site, asked)
        await daemon.stop()
        program.signal(SIGKILL)
        _ = await program.ending()
    }

    @Test("R40: is used with real input where its host is listed, and never asked for where it is not")
    func uses() async throws {
        try await with { daemon, site, asked in
            try await daemon.enable("browser_automation")
            let steps: JSONValue = [
                ["action": "type", "selector": "#q", "text": "well?"], ["action": "click", "selector": "#ask"],
                ["action": "extract", "selector": "#said"],
            ]
            let reply = try await daemon.run("browser_automation", ["url": .string(site), "steps": steps])
            #expect(reply.json["result"]?["title"] == "Desk", "\(reply.json)")
            #expect(reply.json["result"]?["steps"]?.arrayValue?.last?["result"] == "You asked: well?")
            let id = try #require(reply.json["audit_id"]?.stringValue)
            let entry = try await daemon.send(.GET, "/api/v1/execution/audit/\(id)").json["entry"]
            let connections = entry?["connections"]?.arrayValue ?? []
            #expect(connections.contains { $0["host"] == "127.0.0.1" && $0["verdict"] == "allow" })
            let before = asked()
            let other = try await daemon.run(
                "browser_automation", ["url": .string(site.replacing("127.0.0.1", with: "localhost")), "steps": []])
            #expect(other.code == "policy_blocked", "\(other.json)")
            #expect(asked() == before)
        }
    }

    @Test("is asked a question only once a person approved that very question, in every mode")
    func consults() async throws {
        try await with { daemon, site, asked in
            try await daemon.enable("consult_ui")
            let question: JSONValue = ["provider": "local", "question": "now?", "manual_approval": false]
            let refused = try await daemon.run("consult_ui", question)
            #expect(refused.status == 403 && asked() == 0, "\(refused.json)")
            let approved = try await daemon.send(
                .POST, "/api/v1/execution/approve?tool_name=consult_ui", ["args": question])
            let approval = try #require(approved.json["approval_id"])
            let answered = try await daemon.run("consult_ui", question, ["approval_id": approval])
            #expect(answered.json["result"]?["answer"] == "You asked: now?", "\(answered.json)")
            #expect(try await daemon.run("consult_ui", question, ["approval_id": approval]).status == 403)
        }
    }

    @Test(
        "R40: is reached by no preview, which would need nobody",
        arguments: ["consult_ui", "browser_automation", "screenshot_capture", "browser_e2e_runner"])
    func previews(tool: String) async throws {
        try await with { daemon, site, asked in
            try await daemon.enable(tool)
            let arguments: [String: JSONValue] =
                switch tool {
                case "consult_ui": ["provider": "local", "question": "now?"]
                case "screenshot_capture": ["url": .string(site)]
                default: ["url": .string(site), "steps": [["action": "click", "selector": "#ask"]]]
                }
            let reply = try await daemon.send(
                .POST, "/api/v1/execution/preview", ["tool_name": .string(tool), "args": .object(arguments)])
            #expect(reply.code == "nothing_to_preview", "\(reply.json)")
            #expect(asked() == 0)
        }
    }

    @Test("leaves no browser behind when people lock everything down")
    func lockdown() async throws {
        try await with { daemon, site, _ in
            try await daemon.enable("browser_automation")
            let reply = try await daemon.run("browser_automation", ["url": .string(site), "steps": []])
            #expect(reply.json["status"] == "ok", "\(reply.json)")
            // The control: it waits for the next call.
            #expect(!Self.browsers(of: daemon).isEmpty)
            for isActive in [true, false] {
                _ = try await daemon.send(.POST, "/api/v1/execution/lockdown", ["active": .bool(isActive)])
            }
            let end = ContinuousClock.now + .seconds(20)
            while !Self.browsers(of: daemon).isEmpty, ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(Self.browsers(of: daemon).isEmpty)
            let again = try await daemon.run("browser_automation", ["url": .string(site), "steps": []])
            #expect(again.json["status"] == "ok", "\(again.json)")
        }
    }

    /// Processes of Chromium below the daemon.
    private static func browsers(of daemon: Daemon) -> [Int32] {
        Leavings.descendants(of: daemon.program.identifier).filter { process in
            let words = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
            return String(decoding: words, as: UTF8.self).contains("/chromium")
        }
    }
}
