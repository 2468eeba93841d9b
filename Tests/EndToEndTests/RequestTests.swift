import Foundation
import NIOHTTP1
import Testing
import ToolKit

@Suite(
    "A request to the API", .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"),
    .serialized, .timeLimit(.minutes(10)))
struct RequestTests {
    private static let token = "an-operator-token"

    private func daemon(_ playground: Playground) async throws -> Daemon {
        try playground.write("hello\n", to: "workspace/a.txt")
        return try await Daemon(in: playground, token: Self.token)
    }

    private static let routes: [(HTTPMethod, String)] = [
        (.GET, "tools"), (.POST, "run"), (.GET, "logs"), (.GET, "config"), (.PATCH, "config"),
        (.PATCH, "tools/filesystem_read/enabled?enabled=false"), (.POST, "approve?tool_name=apply_patch"),
        (.GET, "lockdown"), (.POST, "lockdown"), (.GET, "audit/checkpoint"), (.GET, "audit/aud_1"), (.GET, "tokens"),
        (.POST, "tokens"), (.DELETE, "tokens/tok_1"),
    ]

    @Test("R47: needs a token on every route but the public ones, and a wrong one is refused everywhere")
    func tokens() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        for (method, path) in Self.routes + [(.POST, "../tools/execute"), (.GET, "../tools/status")] {
            let path = "/api/v1/execution/\(path)".replacing("execution/../", with: "")
            for token in [nil, "wrong", ""] as [String?] {
                let reply = try await daemon.send(method, path, method == .GET ? nil : [:], token: .some(token))
                // After many wrong ones, a wrong one is told to wait; it passes nowhere.
                #expect(reply.status == 401 || (reply.status == 429 && token != nil), "\(method) \(path)")
                #expect(reply.json["success"] == false && reply.json["detail"]?.stringValue != nil)
            }
        }
        for path in ["/health", "/api/v1/execution/auth-status"] {
            #expect(try await daemon.send(.GET, path, token: .some(nil)).status == 200)
        }
        #expect(try await daemon.send(.GET, "/api/v1/execution/tools").status == 200)
        let bearer = ["Authorization": "Bearer \(Self.token)"]
        #expect(
            try await daemon.send(.GET, "/api/v1/execution/tools", token: .some(nil), headers: bearer).status == 200)
        await daemon.stop()
    }

    private static let cookiePath = "/api/v1/execution/token-cookie"

    /// Signs in as a browser does: the header of its cookie, and the key of its page.
    private func signIn(
        _ daemon: Daemon, isBound: Bool
    ) async throws -> (cookie: [String: String], key: String?, whole: String) {
        var body: [String: JSONValue] = ["token": .string(Self.token)]
        if isBound { body["bound"] = true }
        let reply = try await daemon.send(.POST, Self.cookiePath, .object(body), token: .some(nil))
        #expect(reply.status == 200)
        let header = reply.headers["set-cookie"] ?? ""
        let pair = header.split(separator: ";").first.map(String.init) ?? ""
        return (["Cookie": "a=b; " + pair], reply.json["session_key"]?.stringValue, header)
    }

    private func tools(_ daemon: Daemon, _ headers: [String: String]) async throws -> Int {
        try await daemon.send(.GET, "/api/v1/execution/tools", token: .some(nil), headers: headers).status
    }

    @Test("R50: with the cookie passes like the header, and the cookie is out of reach of scripts and other sites")
    func cookie() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        #expect(try await daemon.send(.POST, Self.cookiePath, ["token": "wrong"], token: .some(nil)).status == 401)
        let made = try await signIn(daemon, isBound: false)
        #expect(made.whole.hasSuffix("; HttpOnly; SameSite=Strict; Path=/") && made.key == nil)
        #expect(!made.whole.contains(Self.token))
        #expect(try await tools(daemon, made.cookie) == 200)
        let cross = made.cookie.merging(["Origin": "http://evil.example"]) { $1 }
        #expect(try await tools(daemon, cross) == 403)
        let neighbour = made.cookie.merging(["Sec-Fetch-Site": "same-site"]) { $1 }
        #expect(try await tools(daemon, neighbour) == 403)
        // Browsers of older clients hold the token itself.
        #expect(try await tools(daemon, ["Cookie": "daena_execution_token=\(Self.token)"]) == 200)
        await daemon.stop()
    }

    @Test("R50: with a bound cookie passes beside its key only, and the cookie alone signs out and nothing else")
    func boundCookie() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let (cookie, key, _) = try await signIn(daemon, isBound: true)
        let header = "X-Execution-Session"
        let both = cookie.merging([header: try #require(key)]) { $1 }
        #expect(try await tools(daemon, both) == 200)
        let alone = try await daemon.send(.GET, "/api/v1/execution/tools", token: .some(nil), headers: cookie)
        #expect(alone.status == 401 && alone.code == "session_over")
        for wrong in ["x", String(key?.reversed() ?? [])] {
            #expect(try await tools(daemon, cookie.merging([header: wrong]) { $1 }) == 401)
        }
        let ended = try await daemon.send(.DELETE, Self.cookiePath, token: .some(nil), headers: cookie)
        #expect(ended.headers["set-cookie"]?.contains("Max-Age=0") == true)
        #expect(try await tools(daemon, both) == 401)
        await daemon.stop()
    }

    @Test("R50: with a cookie is not let in by another life of the daemon, and its stream ends when it signs out")
    func cookieEnds() async throws {
        let playground = try Playground()
        let first = try await daemon(playground)
        let (cookie, key, _) = try await signIn(first, isBound: true)
        let headers = cookie.merging(["X-Execution-Session": try #require(key)]) { $1 }
        let reader = try await EventStreamReader(first, token: .some(nil), headers: headers)
        #expect(reader.status == 200)
        #expect(try await first.run("filesystem_read", ["path": "a.txt"]).status == 200)
        #expect(try await reader.next()?.name == "run")
        let other = try await signIn(first, isBound: false)
        _ = try await first.send(.DELETE, Self.cookiePath, token: .some(nil), headers: cookie)
        let start = ContinuousClock.now
        #expect(try await reader.next() == nil)
        // At once, and not at the next sign of life.
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(try await tools(first, other.cookie) == 200)
        // `EventSource` sends no header of its own.
        #expect(try await EventStreamReader(first, token: .some(nil), headers: other.cookie).status == 200)
        #expect(try await EventStreamReader(first, token: .some(nil), headers: cookie).status == 401)
        await first.stop()
        let second = try await daemon(playground)
        #expect(try await tools(second, other.cookie) == 401)
        await second.stop()
    }

    @Test(
        "R45: with a body that is not strict JSON gets 400 with the place",
        arguments: [
            "{\"tool_name\":\"system_info\",\"tool_name\":\"system_info\"}", "{\"args\":NaN}", "{\"a\":1e999}",
            "{\"a\":\"\\ud800\"}", "nonsense", "{", "{\"a\":123456789012345678901234567890}",
        ])
    func malformed(_ body: String) async throws {
        let reply = try await Self.shared.daemon.send(.POST, "/api/v1/execution/run", bytes: Array(body.utf8))
        #expect(reply.status == 400)
        #expect(reply.code == "malformed_json")
        #expect(reply.json["line"] == 1)
    }

    @Test("R45: as deep as a bomb gets 400, and the daemon is well")
    func deep() async throws {
        let bomb = Array(repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(try await Self.shared.daemon.send(.POST, "/api/v1/execution/run", bytes: bomb).status == 400)
        #expect(try await Self.shared.daemon.send(.GET, "/health").status == 200)
    }

    @Test(
        "gets 422 that names every field which is missing, unknown, of the wrong type or not built",
        arguments: [
            (["args": [:]], ["tool_name"]), (["tool_name": 5], ["tool_name"]),
            (["tool_name": "x", "args": []], ["args"]), (["tool_name": "x", "dry_run": "true"], ["dry_run"]),
            (["tool_name": "x", "dry_run": 1, "agent_id": 7, "nonsense": 1], ["dry_run", "agent_id", "nonsense"]),
            (["tool_name": "x", "idempotency_key": ""], ["idempotency_key"]),
            (["tool_name": "x", "wait_for_approval": "yes"], ["wait_for_approval"]), ([1, 2], ["body"]),
        ] as [(JSONValue, [String])])
    func envelope(_ body: JSONValue, _ fields: [String]) async throws {
        let reply = try await Self.shared.daemon.send(.POST, "/api/v1/execution/run", body)
        #expect(reply.status == 422)
        let named = reply.json["fields"]?.arrayValue?.compactMap { $0["field"]?.stringValue } ?? []
        for field in fields { #expect(named.contains(field), "\(named)") }
    }

    @Test(
        "R46: of any kind gets JSON that is neither cached nor sniffed",
        arguments: [
            (HTTPMethod.GET, "/nothing", 404), (.GET, "/api/v1/execution/run", 405), (.DELETE, "/health", 405),
            (.OPTIONS, "/api/v1/execution/tools", 405), (.GET, "/api/v1/execution/audit/../../x", 404),
            (.GET, "/api/v1/execution/audit/NOT-AN-ID", 404), (.GET, "/api/v1/execution/tools", 200),
        ])
    func answers(_ method: HTTPMethod, _ path: String, _ status: Int) async throws {
        let reply = try await Self.shared.daemon.send(method, path)
        #expect(reply.status == status)
        #expect(reply.headers["content-type"] == "application/json")
        #expect(reply.headers["x-content-type-options"] == "nosniff")
        #expect(reply.headers["cache-control"]?.contains("no-store") == true)
        #expect(reply.json["success"] == .bool(status == 200))
        #expect(reply.headers["access-control-allow-origin"] == nil)
    }

    @Test("R58: that lowers the gate with an unknown mode changes nothing, one that is right is recorded")
    func modes() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let before = try await daemon.send(.GET, "/api/v1/execution/config").json["config"]
        for bad in [["approval_mode": "none"], ["max_steps_per_run": 0, "dry_run_default": true], ["nonsense": 1]]
            as [JSONValue]
        {
            #expect(try await daemon.configure(bad).status == 422)
        }
        #expect(try await daemon.send(.GET, "/api/v1/execution/config").json["config"] == before)
        #expect(try await daemon.configure(["approval_mode": "require_approval"]).status == 200)
        let entry = try await daemon.logs("kind=change&limit=1").first
        #expect(entry?["tool_name"] == "change:config")
        #expect(entry?["before"]?["approval_mode"] == "auto" && entry?["after"]?["approval_mode"] == "require_approval")
        await daemon.stop()
    }

    @Test("R68: to switch an unknown tool is a 404 and stores nothing")
    func unknownTool() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        for name in ["nonsense", "FILESYSTEM_READ", "%2e%2e", "filesystem_read%00"] {
            let reply = try await daemon.send(.PATCH, "/api/v1/execution/tools/\(name)/enabled?enabled=true")
            #expect(reply.status == 404)
        }
        #expect(!playground.exists("home/config/execution_layer_config.json"))
        let right = try await daemon.send(.PATCH, "/api/v1/execution/tools/filesystem_read/enabled?enabled=false")
        #expect(right.status == 200)
        #expect(try await daemon.run("filesystem_read", ["path": "a.txt"]).code == "tool_disabled")
        await daemon.stop()
    }

    @Test("R68: sees a hand edit of the configuration within a second, and a broken one is refused and said")
    func handEdit() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        #expect(try await daemon.configure(["max_steps_per_run": 7]).status == 200)
        let file = "home/config/execution_layer_config.json"
        let edited = try playground.read(file).replacing("\"max_steps_per_run\": 7", with: "\"max_steps_per_run\": 8")
        try playground.write(edited, to: file)
        #expect(try await daemon.eventually { $0["config"]?["max_steps_per_run"] == 8 })
        try playground.write("{ broken", to: file)
        #expect(try await daemon.eventually { $0["file_problem"] != nil })
        #expect(try await daemon.send(.GET, "/api/v1/execution/config").json["config"]?["max_steps_per_run"] == 8)
        #expect(try await daemon.configure(["max_steps_per_run": 9]).status == 409)
        await daemon.stop()
    }

    @Test("R53: is judged the same at both doors of a call")
    func doors() async throws {
        let daemon = try await Self.shared.daemon
        let calls: [(tool: String, arguments: JSONValue, code: String?)] = [
            ("filesystem_read", ["path": "a.txt"], nil),
            ("filesystem_read", ["path": "../a.txt"], "path_outside_workspace"),
            ("filesystem_read", ["path": ".env"], "approval_required"), ("nonsense", [:], "unknown_tool"),
            ("filesystem_write", ["path": "a.txt", "content": "x"], "tool_disabled"),
            ("filesystem_read", ["nonsense": 1], "invalid_arguments"),
        ]
        for call in calls {
            let envelope: JSONValue = ["tool_name": .string(call.tool), "args": call.arguments]
            for path in ["/api/v1/execution/run", "/api/v1/tools/execute"] {
                let reply = try await daemon.send(.POST, path, envelope)
                #expect(reply.code == call.code, "\(path) \(call.tool)")
                #expect(reply.status == (call.code == "approval_required" ? 403 : 200))
            }
        }
    }

    @Test("R66: for an id that is none gets 404, whatever it spells")
    func identifiers() async throws {
        let daemon = try await Self.shared.daemon
        for id in ["..", "%2e%2e", "A", "a%2Fb", "aud_0", "a%00", String(repeating: "a", count: 65)] {
            #expect(try await daemon.send(.GET, "/api/v1/execution/audit/\(id)").status == 404, "\(id)")
            #expect(try await daemon.send(.DELETE, "/api/v1/execution/tokens/\(id)").status == 404, "\(id)")
        }
        let known = try await daemon.run("system_info").json["audit_id"]?.stringValue ?? ""
        #expect(try await daemon.send(.GET, "/api/v1/execution/audit/\(known)").status == 200)
    }

    @Test("is judged by a policy whose removal between two starts is recorded")
    func removedPolicy() async throws {
        let playground = try Playground()
        let policy = """
            version: 1
            paths:
              - name: private
                match: ["private/**"]
                read: deny
                reason: not for agents
                examples: { match: ["private/a"], not_match: ["a"] }
            """
        try playground.write(policy, to: "home/config/policy.yaml")
        try playground.write("secret", to: "workspace/private/a.txt")
        let first = try await daemon(playground)
        #expect(try await first.run("filesystem_read", ["path": "private/a.txt"]).code == "policy_blocked")
        #expect(try await first.logs("kind=change").isEmpty)
        await first.stop()
        try FileManager.default.removeItem(atPath: playground.home + "/config/policy.yaml")
        let second = try await daemon(playground)
        #expect(try await second.logs("kind=change&limit=1").first?["tool_name"] == "change:policy")
        await second.stop()
    }

    /// One daemon for the tests that change nothing.
    private struct Shared {
        let playground: Playground
        let daemon: Daemon
    }

    private static var shared: Shared {
        get async throws { try await sharing.value }
    }

    private static let sharing = Task {
        let playground = try Playground()
        try playground.write("hello\n", to: "workspace/a.txt")
        return Shared(playground: playground, daemon: try await Daemon(in: playground, token: token))
    }
}

extension Daemon {
    /// Whether `/config` says so within a second (and what a busy machine adds).
    func eventually(_ condition: (JSONValue) -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if condition(try await send(.GET, "/api/v1/execution/config").json) { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }
}
