import NIOHTTP1
import Testing
import ToolKit

@Suite(
    "What the audit keeps of a call",
    .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"), .serialized,
    .timeLimit(.minutes(10)))
struct RecordTests {
    @Test("R59: every attempt has an entry by the time its answer is there")
    func everyAttempt() async throws {
        let playground = try Playground()
        try playground.write("hello\n", to: "workspace/a.txt")
        let daemon = try await Daemon(in: playground, token: "an-operator-token")
        func newest() async throws -> JSONValue { try await daemon.logs("limit=1").first ?? .null }
        func status(_ tool: String, _ arguments: JSONValue, _ more: [String: JSONValue] = [:]) async throws -> String? {
            let reply = try await daemon.run(tool, arguments, more)
            let entry = try await newest()
            #expect(entry["audit_id"] == reply.json["audit_id"])
            return entry["status"]?.stringValue
        }
        #expect(try await status("filesystem_read", ["path": "a.txt"]) == "ok")
        #expect(try await status("filesystem_read", ["path": "none"]) == "error")
        #expect(try await status("filesystem_read", ["path": "a.txt"], ["dry_run": true]) == "dry_run")
        #expect(try await status("filesystem_write", ["path": "a.txt", "content": "x"]) == "disabled")
        #expect(try await status("filesystem_read", ["path": "../x"]) == "policy_blocked")
        #expect(try await status("filesystem_read", ["pth": "a.txt"]) == "invalid")
        #expect(try await status("nonsense", [:]) == "invalid")
        #expect(try await status("filesystem_read", ["path": ".env"]) == "approval_required")
        _ = try await daemon.send(.POST, "/api/v1/execution/lockdown", ["active": true])
        #expect(try await status("filesystem_read", ["path": "a.txt"]) == "locked")
        _ = try await daemon.send(.POST, "/api/v1/execution/lockdown", ["active": false])
        #expect(try await newest()["tool_name"] == "change:lockdown")
        _ = try await daemon.send(.GET, "/api/v1/execution/tools", token: "wrong")
        #expect(try await newest()["status"] == "unauthorized")
        _ = try await daemon.send(.POST, "/api/v1/execution/run", bytes: [UInt8(ascii: "{")])
        #expect(try await newest()["code"] == "malformed_json")
        #expect(try await newest()["principal"] == "operator")
        await daemon.stop()
    }

    @Test("R59: a flood of anonymous failures leaves a bounded number of lines")
    func flood() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground, token: "an-operator-token")
        for _ in 0..<300 { _ = try await daemon.send(.GET, "/api/v1/execution/tools", token: "wrong") }
        let entries = try await daemon.logs("limit=1000")
        #expect((1...150).contains(entries.count), "\(entries.count)")
        #expect(try await daemon.send(.GET, "/api/v1/execution/tools").status == 200)
        await daemon.stop()
    }

    @Test("a dry run that fails is a refusal, and the log still verifies after a crash")
    func failingDryRun() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground)
        let reply = try await daemon.run("filesystem_read", ["path": "missing.txt"], ["dry_run": true])
        #expect(reply.code == "not_found")
        #expect(try await daemon.logs("limit=1").first?["kind"] == "refusal")
        await daemon.kill()
        let again = try await Daemon(in: playground)
        await again.stop()
        let verify = try await execlayer("audit", "verify", "--home", playground.home, in: playground)
        #expect(verify.status == 0, "\(verify.output)")
    }

    @Test("R63: no secret of a change either")
    func secretsOfChanges() async throws {
        let playground = try Playground()
        let token = "operator-secret-81735"
        let daemon = try await Daemon(in: playground, token: token)
        let reason = "ghp_abcdefghijklmnopqrstuvwxyz0123456789 and \(token)"
        for active in [true, false] {
            _ = try await daemon.send(
                .POST, "/api/v1/execution/lockdown", ["active": .bool(active), "reason": .string(reason)])
        }
        let made = try await daemon.send(.POST, "/api/v1/execution/tokens", ["role": "agent", "name": "helper"])
        let agent = try #require(made.json["token"]?.stringValue)
        _ = try await daemon.run("system_info", [:], ["reason": .string("use \(agent)")])
        await daemon.stop()
        let stored = try playground.read("home/logs/tools_audit.jsonl")
        for secret in ["ghp_abcdefghij", token, agent] { #expect(!stored.contains(secret)) }
        #expect(stored.contains("change:lockdown") && stored.contains("helper") && stored.contains("token_id"))
    }

    @Test("R62: ids and times are ours, and a caller's text is shown with its invisible characters escaped")
    func forgery() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground)
        let hostile = "x\u{202E}\u{1B}[31m\n{\"seq\":1}"
        let reply = try await daemon.run(
            "system_info", [:],
            [
                "agent_id": .string(hostile), "reason": .string(hostile), "trace_id": "mine",
                "department": .string(hostile),
            ])
        let entry = try #require(try await daemon.logs("limit=1").first)
        #expect(entry["trace_id"] != "mine" && entry["caller_trace_id"] == "mine")
        #expect(entry["audit_id"] == reply.json["audit_id"])
        let stored = try playground.read("home/logs/tools_audit.jsonl")
        #expect(!stored.unicodeScalars.contains("\u{202E}") && !stored.unicodeScalars.contains("\u{1B}"))
        #expect(stored.contains("\\u202e"))
        for field in ["audit_id", "ts", "status"] {
            let call: JSONValue = .object(["tool_name": "system_info", field: "ok"])
            let forged = try await daemon.send(.POST, "/api/v1/execution/run", call)
            #expect(forged.status == 422)
        }
        await daemon.stop()
    }

    @Test("R63: no secret by name, shape or value, and contents as size and SHA-256 only")
    func secrets() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground)
        try await daemon.enable("filesystem_write")
        let content = "api_key = \"unseen-in-the-log\"\n"
        let written = try await daemon.run("filesystem_write", ["path": "k.txt", "content": .string(content)])
        #expect(written.json["success"] == true)
        _ = try await daemon.run(
            "workspace_search", ["query": "Bearer abcdefghijklmnop1234"], ["reason": "password=hunter2hunter2"])
        _ = try await daemon.run("workspace_search", ["query": "x", "apiKey": "sk-abcdefghijklmnopqrstuvwx"])
        _ = try await daemon.run("nonsense", ["patch": .string(content), "clientSecret": "s3cr3t-value"])
        let stored = try playground.read("home/logs/tools_audit.jsonl")
        for secret in [
            "unseen-in-the-log", "abcdefghijklmnop1234", "hunter2hunter2", "sk-abcdefghijklmnopqrstuvwx",
            "s3cr3t-value",
        ] {
            #expect(!stored.contains(secret), "\(secret)")
        }
        let entry = try await daemon.send(
            .GET, "/api/v1/execution/audit/\(written.json["audit_id"]?.stringValue ?? "")"
        ).json["entry"]
        #expect(entry?["args"]?["content"]?["size"] == .integer(content.utf8.count))
        #expect(entry?["args"]?["content"]?["sha256"]?.stringValue?.count == 64)
        #expect(entry?["args"]?["path"] == "k.txt")
        await daemon.stop()
    }

    @Test("R64: is listed newest first, bounded, filtered, and page by page without a gap")
    func listing() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground)
        for number in 0..<25 {
            _ = try await daemon.run(
                number % 5 == 0 ? "nonsense" : "system_info", [:], ["agent_id": .string("a\(number % 2)")])
        }
        var seen: [Int] = []
        var before = ""
        while true {
            let page = try await daemon.send(.GET, "/api/v1/execution/logs?limit=7\(before)").json
            seen += page["logs"]?.arrayValue?.compactMap { $0["seq"]?.integerValue } ?? []
            guard let next = page["next"]?.integerValue else { break }
            before = "&before=\(next)"
        }
        #expect(seen.count == 25 && seen == seen.sorted(by: >) && Set(seen).count == 25)
        #expect(try await daemon.logs("limit=100&tool_name=nonsense").count == 5)
        #expect(try await daemon.logs("limit=100&agent_id=a1&status=ok").count == 10)
        #expect(try await daemon.logs("limit=100&kind=change").isEmpty)
        for bad in ["limit=0", "limit=1001", "limit=x", "before=x", "before=-1", "status=nonsense", "kind=nonsense"] {
            #expect(try await daemon.send(.GET, "/api/v1/execution/logs?\(bad)").status == 422, "\(bad)")
        }
        await daemon.stop()
    }

    @Test("can be shown to others: the receipt's hash stands in the log, under a signed checkpoint")
    func receipt() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground)
        let id = try await daemon.run("system_info").json["audit_id"]?.stringValue ?? ""
        let checkpoint = try await daemon.send(.GET, "/api/v1/execution/audit/checkpoint").json
        for field in ["root", "signature", "public_key", "signed_at", "size"] { #expect(checkpoint[field] != nil) }
        let answer = try await daemon.send(.GET, "/api/v1/execution/audit/\(id)").json
        let hash = try #require(answer["receipt"]?["hash"]?.stringValue)
        #expect(try playground.read("home/logs/tools_audit.jsonl").contains(hash))
        #expect(answer["receipt"]?["checkpoint"] != nil && answer["receipt"]?["inclusion_proof"] != nil)
        await daemon.stop()
    }
}
