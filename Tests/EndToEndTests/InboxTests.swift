import Foundation
import NIOHTTP1
import Testing
import ToolKit

@Suite("The inbox, from outside", .serialized, .timeLimit(.minutes(10)))
struct InboxTests {
    private static let token = "an-operator-token"
    private static let api = "/api/v1/execution/"

    private func daemon(_ playground: Playground) async throws -> Daemon {
        let daemon = try await Daemon(
            in: playground, token: Self.token, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
        #expect(try await daemon.configure(["approval_mode": "require_approval"]).status == 200)
        try await daemon.enable("filesystem_write", "apply_patch")
        return daemon
    }

    private func makeToken(_ daemon: Daemon, _ role: String, _ name: String? = nil) async throws -> String {
        let reply = try await daemon.send(
            .POST, Self.api + "tokens", ["role": .string(role), "name": .string(name ?? role)])
        return try #require(reply.json["token"]?.stringValue)
    }

    private func write(_ daemon: Daemon, _ path: String, token: String? = nil) async throws -> Daemon.Reply {
        try await daemon.run(
            "filesystem_write", ["path": .string(path), "content": "new"], ["wait_for_approval": true],
            token: .some(token ?? Self.token))
    }

    private func decide(
        _ daemon: Daemon, _ id: String, _ body: JSONValue = ["approved": true], token: String? = nil
    ) async throws -> Daemon.Reply {
        try await daemon.send(.POST, Self.api + "approvals/\(id)", body, token: .some(token ?? Self.token))
    }

    @Test("gives a waiting run, its item, the decision and the result in the contract's envelopes")
    func run() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let agent = try await makeToken(daemon, "agent")
        let waiting = try await write(daemon, "a.txt", token: agent)
        #expect(waiting.status == 202 && waiting.json["success"] == true)
        #expect(waiting.json["status"] == "waiting_approval")
        let id = try #require(waiting.json["approval_request_id"]?.stringValue)
        let run = try #require(waiting.json["run_id"]?.stringValue)
        let before = try await daemon.send(.GET, Self.api + "runs/\(run)", token: .some(agent)).json["run"]
        #expect(before?["run_id"] == .string(run) && before?["status"] == "waiting_approval")
        #expect(before?["result"] == nil)
        let list = try await daemon.send(.GET, Self.api + "approvals?limit=10")
        let item = try #require(list.json["approvals"]?.arrayValue?.first)
        #expect(item["approval_request_id"] == .string(id) && item["request_type"] == "run")
        #expect(item["tool_name"] == "filesystem_write" && item["status"] == "pending" && item["principal"] == "agent")
        #expect(item["args"]?["path"] == "a.txt" && item["args"]?["content"] == "new")
        #expect(item["plan"]?["diff"]?.stringValue?.contains("+new") == true)
        for field in ["reason", "agent_id", "risk", "undoable", "created_at", "expires_at"] {
            #expect(item[field] != nil, "\(field)")
        }
        #expect(!playground.exists("workspace/a.txt"))
        let decided = try await decide(daemon, id, ["approved": true, "note": "go on"])
        #expect(decided.status == 200 && decided.json["success"] == true && decided.json["approved"] == true)
        #expect(decided.json["approval_request_id"] == .string(id))
        #expect(decided.json["execution_result"]?["result"]?["written"] == 3)
        #expect(try playground.read("workspace/a.txt") == "new")
        let after = try await daemon.send(.GET, Self.api + "runs/\(run)", token: .some(agent)).json["run"]
        #expect(after?["status"] == "done" && after?["result"]?["success"] == true)
        let again = try await decide(daemon, id, ["approved": false])
        #expect(again.status == 409 && again.code == "already_decided")
        #expect(again.json["detail"]?.stringValue?.contains("operator") == true)
        #expect(try await daemon.send(.GET, Self.api + "approvals").json["approvals"] == [])
        await daemon.stop()
    }

    @Test("lists requests with who decided what, newest first, page by page")
    func requests() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let agent = try await makeToken(daemon, "agent")
        var ids: [String] = []
        for number in 0..<5 {
            let reply = try await daemon.send(
                .POST, Self.api + "request",
                [
                    "tool_name": "filesystem_read", "args": ["path": .string("\(number)")], "reason": "",
                    "agent_id": "p",
                    "department": "d", "risk_score_estimate": 0.5,
                ], token: .some(agent))
            #expect(reply.status == 200 && reply.json["status"] == "pending" && reply.json["message"] != nil)
            ids.append(try #require(reply.json["request_id"]?.stringValue))
        }
        #expect(try await decide(daemon, ids[0], ["approved": false, "note": "no"]).status == 200)
        let page = try await daemon.send(.GET, Self.api + "requests?limit=3")
        let next = try #require(page.json["next"]?.integerValue)
        let rest = try await daemon.send(.GET, Self.api + "requests?limit=3&before=\(next)")
        let all = (page.json["requests"]?.arrayValue ?? []) + (rest.json["requests"]?.arrayValue ?? [])
        #expect(all.compactMap { $0["approval_request_id"]?.stringValue } == ids.reversed())
        #expect(rest.json["next"] == .null)
        #expect(all.last?["decided_by"] == "operator" && all.last?["note"] == "no" && all.last?["status"] == "denied")
        #expect(all.last?["decided_at"]?.doubleValue != nil && all.first?["decided_at"] == .null)
        #expect(try await daemon.send(.GET, Self.api + "requests?limit=0").status == 422)
        await daemon.stop()
    }

    @Test(
        "refuses a request that nobody may make, and says why",
        arguments: [
            (["tool_name": "shell_exec", "args": ["command": "ls"]], 403, "not_requestable"),
            (["tool_name": "filesystem_write", "args": ["path": "a", "content": "b"]], 403, "not_requestable"),
            (["tool_name": "no_such_tool", "args": [:]], 404, "unknown_tool"),
            (["tool_name": "filesystem_read", "args": ["path": "../a"]], 403, "path_outside_workspace"),
            (["tool_name": "filesystem_read", "args": ["path": 1, "offset": "x"]], 422, "invalid_arguments"),
            (["args": [:]], 422, "invalid_request"),
            (["tool_name": "system_info", "nonsense": 1], 422, "invalid_request"),
            (["tool_name": "system_info", "risk_score_estimate": "high"], 422, "invalid_request"),
        ] as [(JSONValue, Int, String)])
    func refusedRequests(_ body: JSONValue, _ status: Int, _ code: String) async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground, token: Self.token)
        let reply = try await daemon.send(.POST, Self.api + "request", body)
        #expect(reply.status == status && reply.code == code, "\(reply.json)")
        #expect(reply.json["detail"]?.stringValue?.isEmpty == false && reply.json["remedy"]?.stringValue != nil)
        if code == "invalid_arguments" {
            let fields = reply.json["fields"]?.arrayValue?.compactMap { $0["field"]?.stringValue } ?? []
            #expect(fields.sorted() == ["offset", "path"])
        }
        await daemon.stop()
    }

    @Test(
        "refuses a decision that cannot be read, or about nothing",
        arguments: [
            ("req_unknown", ["approved": true], 404), ("..", ["approved": true], 404), ("%00", ["approved": true], 404),
            ("REQ", ["approved": true], 404), ("req_unknown", [:], 422), ("req_unknown", ["approved": "yes"], 422),
            ("req_unknown", ["approved": true, "more": 1], 422), ("req_unknown", [true], 422),
        ] as [(String, JSONValue, Int)])
    func refusedDecisions(_ id: String, _ body: JSONValue, _ status: Int) async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground, token: Self.token)
        #expect(try await decide(daemon, id, body).status == status)
        await daemon.stop()
    }

    @Test("R47: lets each role do what it may: agents see their own and never decide, viewers look")
    func roles() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let (bot, other) = (
            try await makeToken(daemon, "agent", "bot"), try await makeToken(daemon, "agent", "other")
        )
        let (viewer, approver) = (try await makeToken(daemon, "viewer"), try await makeToken(daemon, "approver"))
        let waiting = try await write(daemon, "a.txt", token: bot)
        let id = try #require(waiting.json["approval_request_id"]?.stringValue)
        let run = try #require(waiting.json["run_id"]?.stringValue)
        for (token, count, status) in [(bot, 1, 200), (other, 0, 404), (viewer, 1, 200), (approver, 1, 200)] {
            let list = try await daemon.send(.GET, Self.api + "approvals", token: .some(token))
            #expect(list.json["approvals"]?.arrayValue?.count == count)
            for path in ["runs/\(run)", "approvals/\(id)"] {
                #expect(try await daemon.send(.GET, Self.api + path, token: .some(token)).status == status)
            }
        }
        for token in [bot, other, viewer] {
            for approved in [true, false] {
                #expect(try await decide(daemon, id, ["approved": .bool(approved)], token: token).status == 403)
            }
        }
        for token in [bot, other] {
            #expect(try await daemon.send(.GET, Self.api + "grants", token: .some(token)).status == 403)
        }
        #expect(try await daemon.send(.GET, Self.api + "grants", token: .some(viewer)).status == 200)
        #expect(try await daemon.send(.DELETE, Self.api + "grants/grt_x", token: .some(viewer)).status == 403)
        #expect(
            try await daemon.send(.POST, Self.api + "request", ["tool_name": "system_info"], token: .some(viewer))
                .status == 403)
        for (method, path) in [
            (HTTPMethod.GET, "approvals"), (.GET, "requests"), (.GET, "grants"), (.GET, "events"),
            (.POST, "approvals/\(id)"), (.POST, "approvals/\(id)/reach"), (.POST, "request"),
            (.POST, "policy/proposals"), (.GET, "runs/\(run)"), (.DELETE, "grants/x"),
        ] {
            let reply = try await daemon.send(method, Self.api + path, method == .POST ? [:] : nil, token: .some(nil))
            #expect(reply.status == 401, "\(path)")
        }
        #expect(!playground.exists("workspace/a.txt"))
        #expect(try await decide(daemon, id, token: approver).json["execution_result"]?["success"] == true)
        await daemon.stop()
    }

    @Test("gives grants by a decision, tells their reach, uses them, lists them and ends them")
    func grants() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let first = try await write(daemon, "docs/a.txt")
        let id = try #require(first.json["approval_request_id"]?.stringValue)
        let rule: [String: JSONValue] = [
            "tool_name": "filesystem_write",
            "args": ["path": ["prefix": "docs"], "content": ["type": "string"]],
        ]
        let reach = try await daemon.send(
            .POST, Self.api + "approvals/\(id)/reach", ["grant": .object(rule.merging(["uses": 1]) { $1 })])
        #expect(reach.status == 200 && reach.json["count"] == 1 && reach.json["calls"]?.arrayValue?.count == 1)
        let endless = try await decide(daemon, id, ["approved": true, "grant": .object(rule)])
        #expect(endless.status == 422 && endless.json["detail"]?.stringValue?.contains("uses") == true)
        let wide: JSONValue = [
            "tool_name": "filesystem_write",
            "args": ["path": ["type": "path"], "content": ["type": "string"], "create_parents": ["exact": true]],
            "uses": 1,
        ]
        let tooWide = try await decide(daemon, id, ["approved": true, "grant": wide])
        #expect(tooWide.status == 422 && tooWide.code == "grant_too_wide")
        let given = try await decide(
            daemon, id, ["approved": true, "grant": .object(rule.merging(["uses": 2, "expires_in_s": 600]) { $1 })])
        let grant = try #require(given.json["grant_id"]?.stringValue)
        #expect(given.json["execution_result"]?["success"] == true)
        #expect(try await write(daemon, "docs/b.txt").json["status"] == "ok")
        let listed = try #require(
            try await daemon.send(.GET, Self.api + "grants").json["grants"]?.arrayValue?.first)
        #expect(listed["grant_id"] == .string(grant) && listed["uses_left"] == 1 && listed["created_by"] == "operator")
        #expect(listed["args"]?["path"]?["prefix"] == "docs" && listed["expires_at"]?.doubleValue != nil)
        #expect(try await daemon.send(.DELETE, Self.api + "grants/\(grant)").status == 200)
        #expect(try await daemon.send(.DELETE, Self.api + "grants/\(grant)").status == 404)
        #expect(try await write(daemon, "docs/c.txt").status == 202)
        let used = try await daemon.logs("kind=call&status=ok&tool_name=filesystem_write")
        #expect(used.count { $0["grant_id"] == .string(grant) } == 1)
        await daemon.stop()
    }

    @Test("takes a proposed policy, shows it as a diff, and puts it in force by the decision")
    func proposals() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let agent = try await makeToken(daemon, "agent")
        let yaml = """
            version: 1
            paths:
              - name: drafts
                match: ["drafts/**"]
                write: deny
                reason: not yet
                examples: {match: ["drafts/a.txt"], not_match: ["a.txt"]}
            """
        let path = Self.api + "policy/proposals"
        let broken = try await daemon.send(.POST, path, ["yaml": "version: 9", "reason": "x"], token: .some(agent))
        #expect(broken.status == 422 && broken.code == "invalid_policy")
        let reply = try await daemon.send(
            .POST, path, ["yaml": .string(yaml), "reason": "drafts are mine"], token: .some(agent))
        let id = try #require(reply.json["approval_request_id"]?.stringValue)
        let item = try await daemon.send(.GET, Self.api + "approvals/\(id)").json["approval"]
        #expect(item?["request_type"] == "policy_change" && item?["reason"] == "drafts are mine")
        #expect(item?["plan"]?["diff"]?.stringValue?.contains("+  - name: drafts") == true)
        let approver = try await makeToken(daemon, "approver")
        #expect(try await decide(daemon, id, token: approver).status == 403)
        #expect(try await decide(daemon, id).json["execution_result"]?["success"] == true)
        let denied = try await daemon.run("filesystem_write", ["path": "drafts/a.txt", "content": ""])
        #expect(denied.code == "policy_blocked")
        #expect(try playground.read("home/config/policy.yaml") == yaml)
        await daemon.stop()
    }

    @Test("shows a proposed policy to its last line, however long it is")
    func longProposal() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let lines = (0..<2_500).map { "# \($0) " + String(repeating: "x", count: 80) }
        let yaml = "version: 1\n" + lines.joined(separator: "\n") + "\ncommands: []\n"
        let reply = try await daemon.send(
            .POST, Self.api + "policy/proposals", ["yaml": .string(yaml), "reason": "much ado"])
        let id = try #require(reply.json["approval_request_id"]?.stringValue)
        let item = try await daemon.send(.GET, Self.api + "approvals/\(id)").json["approval"]
        let diff = try #require(item?["plan"]?["diff"]?.stringValue)
        #expect(diff.contains("+# 0 x") && diff.contains("+# 2499 x") && diff.contains("\n+commands: []"))
        await daemon.stop()
    }

    @Test("keeps what waits, what was decided and what was granted over a stop and over a crash")
    func restart() async throws {
        let playground = try Playground()
        let first = try await daemon(playground)
        let kept = try #require(try await write(first, "kept.txt").json["approval_request_id"]?.stringValue)
        let granting = try #require(try await write(first, "docs/a").json["approval_request_id"]?.stringValue)
        _ = try await decide(
            first, granting,
            [
                "approved": true,
                "grant": [
                    "tool_name": "filesystem_write", "uses": 2,
                    "args": ["path": ["prefix": "docs"], "content": ["exact": "new"]],
                ],
            ])
        #expect(await first.stop().status == 0)
        let second = try await daemon(playground)
        #expect(try await write(second, "docs/b").status == 200)
        #expect(
            try await second.send(.GET, Self.api + "approvals").json["approvals"]?.arrayValue?.compactMap {
                $0["approval_request_id"]?.stringValue
            } == [kept])
        await second.kill()
        let third = try await daemon(playground)
        #expect(try await third.send(.GET, Self.api + "grants").json["grants"]?.arrayValue?.first?["uses_left"] == 1)
        #expect(try await decide(third, granting).status == 409)
        #expect(try await decide(third, kept).json["execution_result"]?["success"] == true)
        #expect(try playground.read("workspace/kept.txt") == "new")
        await third.stop()
        let verify = try await execlayer("audit", "verify", "--home", playground.home, in: playground)
        #expect(verify.status == 0, "\(verify.output)")
    }

    @Test("R57: lets one of twenty decisions win that come at once, and does what that one says, once")
    func race() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        for round in 0..<Rounds.count(100) {
            let id = try #require(try await write(daemon, "\(round)").json["approval_request_id"]?.stringValue)
            let replies = try await withThrowingTaskGroup(of: (Bool, Daemon.Reply).self) { group in
                for number in 0..<20 {
                    let isApproved = (number + round) % 2 == 0
                    group.addTask { (isApproved, try await decide(daemon, id, ["approved": .bool(isApproved)])) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let won = replies.filter { $0.1.status == 200 }
            #expect(won.count == 1 && replies.count { $0.1.status == 409 } == 19)
            let isApproved = won.contains { $0.0 }
            #expect(playground.exists("workspace/\(round)") == isApproved)
            let runs = try await daemon.logs("kind=call&status=ok&tool_name=filesystem_write&limit=1000")
            #expect(runs.count { $0["approval_request_id"] == .string(id) } == (isApproved ? 1 : 0))
        }
        await daemon.stop()
    }

    @Test("refuses a token that was revoked or has expired, to ask, to decide and to look")
    func endedTokens() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let id = try #require(try await write(daemon, "a.txt").json["approval_request_id"]?.stringValue)
        let made = try await daemon.send(.POST, Self.api + "tokens", ["role": "approver", "name": "gone"])
        let token = try #require(made.json["token"]?.stringValue)
        #expect(try await daemon.send(.GET, Self.api + "approvals/\(id)", token: .some(token)).status == 200)
        let tokenID = try #require(made.json["token_id"]?.stringValue)
        #expect(try await daemon.send(.DELETE, Self.api + "tokens/\(tokenID)").status == 200)
        for (method, path) in [
            (HTTPMethod.POST, "approvals/\(id)"), (.GET, "approvals/\(id)"), (.GET, "approvals"), (.GET, "events"),
            (.POST, "request"), (.POST, "approvals/\(id)/reach"),
        ] {
            let body: JSONValue? = method == .POST ? ["approved": true] : nil
            #expect(try await daemon.send(method, Self.api + path, body, token: .some(token)).status == 401, "\(path)")
        }
        #expect(!playground.exists("workspace/a.txt"))
        #expect(try await decide(daemon, id).json["execution_result"]?["success"] == true)
        await daemon.stop()
    }

    @Test("keeps everybody from deciding about what is their own where approval_self is false, the operator too")
    func ownCalls() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        #expect(try await daemon.configure(["approval_self": false]).status == 200)
        let approver = try await makeToken(daemon, "approver")
        let id = try #require(try await write(daemon, "a.txt").json["approval_request_id"]?.stringValue)
        for approved in [true, false] {
            let reply = try await decide(daemon, id, ["approved": .bool(approved)])
            #expect(reply.status == 403 && reply.code == "self_approval")
        }
        let ahead = try await daemon.send(
            .POST, Self.api + "approve?tool_name=filesystem_write", ["args": ["path": "b.txt", "content": "new"]])
        let approval = ahead.json["approval_id"] ?? "none"
        let own = try await daemon.run(
            "filesystem_write", ["path": "b.txt", "content": "new"], ["approval_id": approval])
        #expect(own.status != 200 || own.json["success"] != true)
        #expect(!playground.exists("workspace/a.txt") && !playground.exists("workspace/b.txt"))
        #expect(try await decide(daemon, id, token: approver).json["execution_result"]?["success"] == true)
        await daemon.stop()
    }

    @Test(
        "R60: on a full disk refuses in a sentence, loses nothing, and goes on once there is space",
        .enabled("only root may mount the small disk that this test fills") { try await SmallDisk.canBeMounted() })
    func fullDisk() async throws {
        let playground = try Playground()
        try FileManager.default.createDirectory(atPath: playground.home, withIntermediateDirectories: true)
        try #require(try await SmallDisk.mount(at: playground.home))
        defer { SmallDisk.unmount(playground.home) }
        let daemon = try await daemon(playground)
        let id = try #require(try await write(daemon, "a.txt").json["approval_request_id"]?.stringValue)
        let ballast = playground.home + "/ballast"
        _ = try await Program.run("/usr/bin/dd", ["if=/dev/zero", "of=\(ballast)", "bs=4k"])
        var refused: Daemon.Reply?
        var accepted = 1
        for _ in 0..<4_000 where refused == nil {
            let reply = try await write(daemon, "b.txt")
            if reply.status == 202 { accepted += 1 } else { refused = reply }
        }
        let reply = try #require(refused)
        #expect(["audit_unavailable", "store_unavailable"].contains(reply.code), "\(reply.json)")
        #expect(reply.status == 200 && reply.json["detail"]?.stringValue?.isEmpty == false)
        let decision = try await decide(daemon, id)
        #expect(decision.status == 503 && decision.headers["retry-after"] != nil, "\(decision.json)")
        #expect(!playground.exists("workspace/a.txt"))
        try FileManager.default.removeItem(atPath: ballast)
        var passed = false
        for _ in 0..<50 where !passed { passed = try await decide(daemon, id).status == 200 }
        #expect(passed && playground.exists("workspace/a.txt"))
        let waiting = try await daemon.send(.GET, Self.api + "approvals?limit=1000").json["approvals"]?.arrayValue
        #expect(waiting?.count == accepted - 1)
        #expect(await daemon.stop().status == 0)
        let verify = try await execlayer("audit", "verify", "--home", playground.home, in: playground)
        #expect(verify.status == 0, "\(verify.output)")
    }
}
