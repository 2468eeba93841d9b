import Foundation
import NIOHTTP1
import Testing
import ToolKit

@Suite(
    "Tasks, from outside", .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"),
    .serialized, .timeLimit(.minutes(10)))
struct TaskTests {
    private static let token = "an-operator-token"
    private static let api = "/api/v1/execution/"

    private func daemon(_ playground: Playground) async throws -> Daemon {
        try playground.write("hello\n", to: "workspace/a.txt")
        return try await Daemon(
            in: playground, token: Self.token, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
    }

    private func read(_ path: String = "a.txt", expect: JSONValue? = nil) -> JSONValue {
        var step: [String: JSONValue] = ["tool_name": "filesystem_read", "args": ["path": .string(path)]]
        step["expect"] = expect
        return .object(step)
    }

    private func make(_ daemon: Daemon, _ steps: [JSONValue], token: String = token) async throws -> String {
        let reply = try await daemon.send(
            .POST, Self.api + "tasks", ["goal": "look around", "steps": .array(steps)], token: .some(token))
        #expect(reply.status == 200 && reply.json["success"] == true)
        return try #require(reply.json["task_id"]?.stringValue)
    }

    private func post(_ daemon: Daemon, _ path: String, _ body: JSONValue? = nil, token: String = token) async throws
        -> Daemon.Reply
    {
        try await daemon.send(.POST, Self.api + "tasks/" + path, body, token: .some(token))
    }

    private func settled(_ daemon: Daemon, _ id: String, _ statuses: String...) async throws -> JSONValue {
        for _ in 0..<600 {
            let task = try await daemon.send(.GET, Self.api + "tasks/\(id)").json["task"] ?? .null
            if statuses.contains(task["status"]?.stringValue ?? "") { return task }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the task did not come to \(statuses)")
        return .null
    }

    @Test("answer in the contract's envelopes, step by step to the end")
    func steps() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let id = try await make(daemon, [read(expect: ["text": ["contains": "hello"]]), read()])
        let first = try await post(daemon, "\(id)/run")
        #expect(first.status == 200 && first.json["success"] == true)
        #expect(first.json["step_result"]?["success"] == true && first.json["step_result"]?["step"] == 1)
        #expect(first.json["step_result"]?["result"]?["result"]?["content"] == "hello\n")
        let task = try #require(first.json["task"])
        for field in [
            "task_id", "goal", "status", "step_count", "max_steps", "max_retries", "required_approvals", "artifacts",
            "steps", "created_at", "updated_at",
        ] { #expect(task[field] != nil, "\(field)") }
        #expect(task["status"] == "running" && task["step_count"] == 2)
        let artifact = task["artifacts"]?.arrayValue?.first
        for field in ["step", "tool_name", "ts", "result_status", "result_summary", "artifact_files"] {
            #expect(artifact?[field] != nil, "\(field)")
        }
        #expect(try await post(daemon, "\(id)/run").json["task"]?["status"] == "completed")
        let over = try await post(daemon, "\(id)/run")
        #expect(over.status == 200 && over.json["message"]?.stringValue != nil && over.json["step_result"] == nil)
        let calls = try await daemon.logs("limit=50&kind=call")
        #expect(calls.count { $0["tool_name"] == "filesystem_read" && $0["reason"] == "look around" } == 2)
        await daemon.stop()
    }

    @Test("R67: run each step once, however many ask at once")
    func concurrently() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let id = try await make(daemon, (0..<5).map { _ in read() })
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<30 { group.addTask { try await post(daemon, "\(id)/run").status } }
            for try await status in group { #expect(status == 200) }
        }
        #expect(try await settled(daemon, id, "completed")["steps_done"] == 5)
        let calls = try await daemon.logs("limit=100&kind=call")
        #expect(calls.count { $0["tool_name"] == "filesystem_read" } == 5)
        await daemon.stop()
    }

    @Test("go on by themselves after a restart, and when a person has decided")
    func approval() async throws {
        let playground = try Playground()
        var daemon = try await daemon(playground)
        try await daemon.enable("filesystem_write")
        #expect(try await daemon.configure(["approval_mode": "require_approval"]).status == 200)
        let write: JSONValue = [
            "tool_name": "filesystem_write", "args": ["path": "b.txt", "content": "new"],
            "expect": ["file": ["path": "b.txt", "contains": "new"]],
        ]
        let id = try await make(daemon, [read(), write, read("b.txt")])
        #expect(try await post(daemon, "\(id)/start").status == 200)
        var task = try await settled(daemon, id, "waiting_approval")
        #expect(task["required_approvals"]?.arrayValue?.first?["approval_request_id"] != nil)
        await daemon.kill()
        daemon = try await self.daemon(playground)
        #expect(try await settled(daemon, id, "waiting_approval")["current_step"] == 2)
        let item = try #require(
            try await daemon.send(.GET, Self.api + "approvals").json["approvals"]?.arrayValue?.first)
        #expect(item["tool_name"] == "filesystem_write" && item["task_id"] == .string(id))
        let name = try #require(item["approval_request_id"]?.stringValue)
        #expect(try await daemon.send(.POST, Self.api + "approvals/\(name)", ["approved": true]).status == 200)
        task = try await settled(daemon, id, "completed", "failed", "paused")
        #expect(task["status"] == "completed", "\(task)")
        #expect(try playground.read("workspace/b.txt") == "new")
        await daemon.stop()
    }

    @Test("end as failed when a person says no")
    func denied() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        try await daemon.enable("filesystem_write")
        #expect(try await daemon.configure(["approval_mode": "require_approval"]).status == 200)
        let id = try await make(
            daemon, [["tool_name": "filesystem_write", "args": ["path": "b.txt", "content": "new"]], read()])
        let waiting = try await post(daemon, "\(id)/run")
        #expect(waiting.json["task"]?["status"] == "waiting_approval")
        let item = try #require(
            try await daemon.send(.GET, Self.api + "approvals").json["approvals"]?.arrayValue?.first)
        let name = try #require(item["approval_request_id"]?.stringValue)
        #expect(try await daemon.send(.POST, Self.api + "approvals/\(name)", ["approved": false]).status == 200)
        let task = try await settled(daemon, id, "failed")
        #expect(task["note"]?.stringValue?.contains("denied") == true && !playground.exists("workspace/b.txt"))
        await daemon.stop()
    }

    @Test("serve what their steps have left, and nothing by a name that leads elsewhere")
    func files() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let id = try await make(daemon, [read()])
        _ = try await post(daemon, "\(id)/run")
        let list = try await daemon.send(.GET, Self.api + "tasks/\(id)/artifacts")
        #expect(list.json["artifacts"] == ["step-1.json"])
        let file = try await daemon.send(.GET, Self.api + "tasks/\(id)/artifacts/step-1.json")
        #expect(file.status == 200 && file.json["result"]?["content"] == "hello\n")
        #expect(file.headers["content-type"] == "application/json")
        #expect(file.headers["content-disposition"]?.hasPrefix("attachment") == true)
        #expect(file.headers["content-security-policy"]?.contains("sandbox") == true)
        for name in ["..%2f..%2fetc%2fpasswd", "a%2fb", "a%5Cb", "..", "%2e%2e", "a..b", "%00", "a%0ab", "%ff"] {
            let reply = try await daemon.send(.GET, Self.api + "tasks/\(id)/artifacts/\(name)")
            #expect(reply.status == 400 && reply.code != nil, "\(name)")
        }
        for name in ["step-2.json", "step-1-a.png", "nothing"] {
            #expect(try await daemon.send(.GET, Self.api + "tasks/\(id)/artifacts/\(name)").status == 404, "\(name)")
        }
        await daemon.stop()
    }

    private static let wrong: [(JSONValue, [String])] = [
        ([:], ["goal"]), (["goal": 5], ["goal"]), (["goal": "x", "max_steps": 0], ["max_steps"]),
        (["goal": "x", "max_steps": -1, "max_retries": 101], ["max_steps", "max_retries"]),
        (["goal": "x", "max_steps": 9_007_199_254_740_993], ["max_steps"]), (["goal": "x", "steps": "no"], ["steps"]),
        (["goal": "x", "steps": [["tool_name": "git_stats"]]], ["steps[0].tool_name"]),
        (["goal": "x", "steps": [["args": [:]]]], ["steps[0].tool_name"]),
        (["goal": "x", "steps": [["tool_name": "filesystem_read", "args": ["pth": "a"]]]], ["steps[0].args.pth"]),
        (["goal": "x", "steps": [["tool_name": "git_status", "expect": ["exit": "0"]]]], ["steps[0].expect.exit"]),
        (["goal": "x", "nonsense": 1], ["nonsense"]), (["goal": "x", "variables": [:]], ["variables"]),
        (["goal": "x", "playbook_id": "a", "steps": []], ["steps"]), ([1], ["body"]),
    ]

    @Test("that are asked for wrongly get 422 with every field, and are not made")
    func wrong() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        for (body, fields) in Self.wrong {
            let reply = try await daemon.send(.POST, Self.api + "tasks", body)
            #expect(reply.status == 422, "\(body)")
            let named = reply.json["fields"]?.arrayValue?.compactMap { $0["field"]?.stringValue } ?? []
            for field in fields { #expect(named.contains(field), "\(named)") }
        }
        #expect(try await daemon.send(.GET, Self.api + "tasks").json["tasks"] == [])
        for query in ["limit=0", "limit=1001", "limit=-5", "limit=x", "status=nonsense", "before=-1", "limit="] {
            #expect(try await daemon.send(.GET, Self.api + "tasks?\(query)").status == 422, "\(query)")
        }
        let id = try await make(daemon, [read()])
        for path in ["retry", "\(id)/steps/x/retry", "\(id)/steps/0/retry", "\(id)/steps/99999999999999999999/retry"] {
            #expect([404, 405].contains(try await post(daemon, path).status), "\(path)")
        }
        await daemon.stop()
    }

    @Test("R66: of an id that is none, or another agent's, are unknown")
    func ids() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        var tokens: [String] = []
        for name in ["one", "two"] {
            let made = try await daemon.send(.POST, Self.api + "tokens", ["role": "agent", "name": .string(name)])
            tokens.append(try #require(made.json["token"]?.stringValue))
        }
        let id = try await make(daemon, [read()], token: tokens[0])
        for name in ["..%2f..%2fx", "TASK_1", "task_1%00", "a%20b", String(repeating: "a", count: 65)] {
            for path in ["", "/run", "/cancel", "/artifacts", "/artifacts/x"] {
                let method: HTTPMethod = path.hasPrefix("/r") || path.hasPrefix("/c") ? .POST : .GET
                let reply = try await daemon.send(method, Self.api + "tasks/\(name)\(path)")
                #expect(reply.status == 404 || reply.status == 400, "\(name)\(path)")
            }
        }
        #expect(try await daemon.send(.GET, Self.api + "tasks/\(id)", token: .some(tokens[1])).status == 404)
        for deed in ["run", "start", "pause", "resume", "cancel", "steps/1/retry"] {
            #expect(try await post(daemon, "\(id)/\(deed)", token: tokens[1]).status == 404, "\(deed)")
        }
        #expect(try await daemon.send(.GET, Self.api + "tasks", token: .some(tokens[1])).json["tasks"] == [])
        #expect(try await post(daemon, "\(id)/run", token: tokens[0]).json["task"]?["status"] == "completed")
        #expect(try await post(daemon, "\(id)/cancel").status == 409)
        #expect(try await post(daemon, "\(id)/steps", read(), token: tokens[0]).status == 409)
        await daemon.stop()
    }

    @Test("R53: stand still during a lockdown")
    func lockdown() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let id = try await make(daemon, [read()])
        #expect(try await daemon.send(.POST, Self.api + "lockdown", ["active": true]).status == 200)
        for deed in ["run", "start", "resume"] {
            #expect(try await post(daemon, "\(id)/\(deed)").status == 423, "\(deed)")
        }
        #expect(try await post(daemon, "\(id)/pause").status == 200)
        #expect(try await daemon.send(.POST, Self.api + "lockdown", ["active": false]).status == 200)
        #expect(try await post(daemon, "\(id)/start").status == 200)
        #expect(try await settled(daemon, id, "completed")["steps_done"] == 1)
        await daemon.stop()
    }

    @Test("of the older system are taken over once, and a file that is broken is left as it is")
    func older() async throws {
        let playground = try Playground()
        try playground.write("{\"tasks\": [", to: "home/config/execution_tasks.json")
        var daemon = try await daemon(playground)
        #expect(try await daemon.send(.GET, Self.api + "tasks").json["tasks"] == [])
        let ending = await daemon.stop()
        #expect(ending.errors.contains("execution_tasks.json"))
        #expect(try playground.read("home/config/execution_tasks.json") == "{\"tasks\": [")
        try playground.write(
            "{\"tasks\": [{\"task_id\": \"task_old\", \"goal\": \"g\", \"status\": \"completed\"}]}",
            to: "home/config/execution_tasks.json")
        for _ in 0..<2 {
            daemon = try await self.daemon(playground)
            let tasks = try await daemon.send(.GET, Self.api + "tasks").json["tasks"]?.arrayValue
            #expect(tasks?.map { $0["task_id"] } == ["task_old"])
            await daemon.stop()
        }
    }
}
