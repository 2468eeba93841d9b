import NIOHTTP1
import Testing
import ToolKit

@Suite(
    "Playbooks that run, from outside",
    .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"), .serialized,
    .timeLimit(.minutes(10)))
struct PlaybookRunTests {
    private static let token = "an-operator-token"
    private static let api = "/api/v1/execution/"

    private func daemon(_ playground: Playground) async throws -> Daemon {
        try playground.write("find me\n", to: "workspace/a.txt")
        return try await Daemon(
            in: playground, token: Self.token, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
    }

    private func run(_ daemon: Daemon, _ id: String, _ body: JSONValue) async throws -> Daemon.Reply {
        try await daemon.send(.POST, Self.api + "playbooks/\(id)/run", body)
    }

    private func statistics(_ daemon: Daemon, _ id: String) async throws -> JSONValue {
        try await daemon.send(.GET, Self.api + "playbooks/\(id)").json["playbook"]?["statistics"] ?? .null
    }

    /// Asks until it is so; what never comes is a failure.
    private func eventually(_ what: String, _ isSo: () async throws -> Bool) async throws {
        for _ in 0..<600 {
            if try await isSo() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("\(what) never came")
    }

    private static let writing: JSONValue = [
        "name": "write and read",
        "steps": [
            ["tool_name": "filesystem_read", "args": ["path": "a.txt"]],
            ["tool_name": "filesystem_write", "args": ["path": "{file}", "content": "{content}"]],
            ["tool_name": "filesystem_read", "args": ["path": "{file}"]],
        ],
    ]

    @Test("run the built-in one in the contract's envelope, as a task that can be looked at, and count it")
    func builtIn() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let id = "pb_repository_overview"
        let dry = try await run(daemon, id, ["variables": ["query": "find"], "dry_run": true])
        #expect(dry.json["success"] == true && dry.json["status"] == "dry_run" && dry.json["steps_executed"] == 0)
        #expect(dry.json["results"]?.arrayValue?.allSatisfy { $0["result"]?["plan"] != nil } == true)
        let reply = try await run(daemon, id, ["variables": ["query": "find", "matches": 3]])
        #expect(reply.status == 200 && reply.json["success"] == true, "\(reply.json)")
        #expect(reply.json["steps_executed"] == 3 && reply.json["steps_total"] == 3)
        let results = reply.json["results"]?.arrayValue ?? []
        #expect(results.map { $0["step_index"] } == [0, 1, 2])
        #expect(results.last?["result"]?["matches"]?.arrayValue?.first?["path"] == "a.txt")
        let task = try #require(reply.json["execution_id"]?.stringValue)
        let shown = try await daemon.send(.GET, Self.api + "tasks/\(task)").json["task"]
        #expect(shown?["status"] == "completed" && shown?["playbook_id"] == .string(id))
        #expect(try await statistics(daemon, id)["successes"] == 1)
        #expect(
            try await daemon.send(.GET, Self.api + "playbooks").json["playbooks"]?.arrayValue?.first?["id"]
                == .string(id))
        await daemon.stop()
    }

    @Test("wait for a person at the step that needs one, and go on by themselves")
    func waiting() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        #expect(try await daemon.configure(["approval_mode": "require_approval"]).status == 200)
        try await daemon.enable("filesystem_write")
        let made = try await daemon.send(.POST, Self.api + "playbooks", Self.writing)
        let id = try #require(made.json["playbook_id"]?.stringValue)
        let reply = try await run(daemon, id, ["variables": ["file": "b.txt", "content": "{file} as it is"]])
        #expect(reply.json["success"] == false && reply.json["status"] == "waiting_approval")
        #expect(reply.json["steps_executed"] == 1 && !playground.exists("workspace/b.txt"))
        let item = try #require(reply.json["approval_request_id"]?.stringValue)
        #expect(try await statistics(daemon, id)["runs"] == 0)
        _ = try await daemon.send(.POST, Self.api + "approvals/\(item)", ["approved": true])
        let task = try #require(reply.json["execution_id"]?.stringValue)
        try await eventually("the end of the task") {
            try await daemon.send(.GET, Self.api + "tasks/\(task)").json["task"]?["status"] == "completed"
        }
        #expect(try playground.read("workspace/b.txt") == "{file} as it is")
        try await eventually("the count") { try await statistics(daemon, id)["successes"] == 1 }
        await daemon.stop()
    }

    @Test("stop a task at its own budget, and count what a person lets pass")
    func budget() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        try await daemon.enable("filesystem_write")
        #expect(try await daemon.configure(["task_budgets": ["bytes_written": 4]]).status == 200)
        let made = try await daemon.send(.POST, Self.api + "playbooks", Self.writing)
        let id = try #require(made.json["playbook_id"]?.stringValue)
        let fits = try await run(daemon, id, ["variables": ["file": "b.txt", "content": "1234"]])
        #expect(fits.json["success"] == true, "\(fits.json)")
        let reply = try await run(daemon, id, ["variables": ["file": "b.txt", "content": "12345"]])
        #expect(reply.json["status"] == "waiting_approval")
        let item = try #require(reply.json["approval_request_id"]?.stringValue)
        let plan = try await daemon.send(.GET, Self.api + "approvals/\(item)").json["approval"]?["plan"]
        #expect(plan?["budget"]?["of"] == "task_budgets" && plan?["budget"]?["wanted"] == 5)
        #expect(try playground.read("workspace/b.txt") == "1234")
        _ = try await daemon.send(.POST, Self.api + "approvals/\(item)", ["approved": true])
        try await eventually("the write") { try playground.read("workspace/b.txt") == "12345" }
        // A call by hand belongs to no task.
        #expect(
            try await daemon.run("filesystem_write", ["path": "c.txt", "content": "123456"]).json["success"] == true)
        await daemon.stop()
    }

    @Test("make tasks for whoever names a playbook, and refuse what is wrong by field")
    func tasks() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let body: [String: JSONValue] = ["goal": "look", "playbook_id": "pb_repository_overview"]
        let made = try await daemon.send(
            .POST, Self.api + "tasks", .object(body.merging(["variables": ["query": "x"]]) { $1 }))
        #expect(made.status == 200 && made.json["task"]?["step_count"] == 3 && made.json["task"]?["goal"] == "look")
        let wrong = try await daemon.send(
            .POST, Self.api + "tasks", .object(body.merging(["variables": ["matches": "many"]]) { $1 }))
        #expect(wrong.status == 422 && wrong.json["detail"]?.stringValue?.contains("variables.matches") == true)
        let refused = try await run(daemon, "pb_check_a_change", ["variables": [:]])
        #expect(
            refused.status == 422
                && refused.json["detail"]?.stringValue?.contains("variables.runner has no value") == true)
        #expect(try await run(daemon, "pb_nothing", [:]).status == 404)
        #expect(try await daemon.send(.GET, Self.api + "tasks").json["count"] == 1)
        await daemon.stop()
    }
}
