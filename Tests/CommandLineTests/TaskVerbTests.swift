import ArgumentParser
import Synchronization
import Testing
import ToolKit

@testable import execlayer

@Suite("Tasks at the terminal")
struct TaskVerbTests {
    private static func task(
        _ status: String, _ steps: [JSONValue] = [], started: Bool = true, waiting: [JSONValue] = []
    ) -> JSONValue {
        [
            "task_id": "task_1", "goal": "tidy\u{1B}[31m up", "status": .string(status), "step_count": 2,
            "steps_done": 1, "max_steps": 50, "max_retries": 3, "principal": "bot", "created_at": 0, "updated_at": 60,
            "started": .bool(started), "steps": .array(steps), "required_approvals": .array(waiting),
        ]
    }

    private static func step(_ number: Int, _ status: String, _ more: [String: JSONValue] = [:]) -> JSONValue {
        let own: [String: JSONValue] = [
            "step": .integer(number), "tool_name": "git_status", "status": .string(status), "attempts": 1,
        ]
        return .object(own.merging(more) { $1 })
    }

    private static func answers(_ bodies: [JSONValue]) -> TwinDoor {
        let left = Mutex(bodies)
        return TwinDoor { _ in
            DaemonAnswer(status: 200, body: left.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] })
        }
    }

    @Test("list shows how far each is, without the controls of strangers")
    func list() async throws {
        let door = TwinDoor.always(200, ["success": true, "tasks": [Self.task("running")], "next": 7])
        let run = try await CommandLineRun("task", "list", "--status", "running", door: door)
        #expect(run.terminal.answer.contains("task_1") && run.terminal.answer.contains("1/2"))
        #expect(!run.terminal.everything.contains("\u{1B}"))
        #expect(run.terminal.remark.contains("--before 7"))
        #expect(door.requests.last?.target == "/api/v1/execution/tasks?limit=50&status=running")
    }

    @Test("show has every step, and how what waits is decided")
    func show() async throws {
        let task = Self.task(
            "waiting_approval",
            [
                Self.step(1, "done", ["result_summary": "clean", "attempts": 3]),
                Self.step(2, "failed", ["failure": ["message": "no such file"]]),
            ], waiting: [["approval_request_id": "req_1"]])
        let run = try await CommandLineRun(
            "task", "show", "task_1", door: TwinDoor.always(200, ["success": true, "task": task]))
        #expect(run.terminal.answer.contains("1. git_status: done after 3 attempts: clean"))
        #expect(run.terminal.answer.contains("2. git_status: failed: no such file"))
        #expect(run.terminal.answer.contains("execlayer approvals approve req_1"))
    }

    @Test("new sends a goal and its steps, and starts it when that is asked")
    func new() async throws {
        let door = TwinDoor.always(200, ["success": true, "task_id": "task_1"])
        let run = try await CommandLineRun(
            "task", "new", "tidy up", "--steps", #"[{"tool_name":"git_status"}]"#, "--max-steps", "5", "--start",
            door: door)
        #expect(run.status == .success && run.terminal.answer == "task_1\n")
        #expect(
            door.requests.map(\.body) == [
                ["goal": "tidy up", "max_steps": 5, "steps": [["tool_name": "git_status"]]], nil,
            ])
        #expect(door.requests.last?.target == "/api/v1/execution/tasks/task_1/start")
    }

    @Test("new from a playbook sends its id and typed variables")
    func fromPlaybook() async throws {
        let door = TwinDoor { request in
            DaemonAnswer(
                status: 200,
                body: request.path.hasSuffix("/playbooks")
                    ? [
                        "success": true,
                        "playbooks": [
                            ["playbook_id": "pb_1", "name": "one", "variables": ["n": ["type": "integer"]]]
                        ],
                    ] : ["success": true, "task_id": "task_1"])
        }
        _ = try await CommandLineRun("task", "new", "go", "--playbook", "one", "--var", "n=3", door: door)
        #expect(door.requests.last?.body == ["goal": "go", "playbook_id": "pb_1", "variables": ["n": 3]])
    }

    @Test(
        "new refuses what contradicts itself",
        arguments: [
            ["--steps", "[]", "--playbook", "x"], ["--var", "a=1"], ["--follow"],
        ])
    func contradictions(_ flags: [String]) async throws {
        #expect(throws: (any Error).self) { try ExecLayer.parseAsRoot(["task", "new", "goal"] + flags) }
    }

    @Test("steps that are no array are wrong usage", arguments: ["{", "{}", "5"])
    func badSteps(_ steps: String) async throws {
        let run = try await CommandLineRun("task", "new", "goal", "--steps", steps, door: TwinDoor.absent)
        #expect(run.status == .usage)
    }

    @Test("run tells what the step came to", arguments: [true, false])
    func runStep(_ isSuccess: Bool) async throws {
        let result = Self.step(2, isSuccess ? "done" : "failed", ["success": .bool(isSuccess), "error": "it broke"])
        let door = TwinDoor.always(
            200, ["success": true, "task": Self.task("running", waiting: []), "step_result": result])
        let run = try await CommandLineRun("task", "run", "task_1", door: door)
        #expect(run.status == (isSuccess ? .success : .failed))
        #expect(run.terminal.answer == (isSuccess ? "2. git_status: done\n" : "2. git_status: failed: it broke\n"))
        #expect(door.requests.last?.target == "/api/v1/execution/tasks/task_1/run")
    }

    @Test("the other controls ask for what they are called", arguments: ["start", "pause", "resume", "cancel"])
    func controls(_ deed: String) async throws {
        let door = TwinDoor.always(200, ["success": true, "task": Self.task("paused")])
        let run = try await CommandLineRun("task", deed, "task_1", door: door)
        #expect(run.status == .success && run.terminal.remark == "the task is paused\n")
        #expect(door.requests.last?.target == "/api/v1/execution/tasks/task_1/\(deed)")
    }

    @Test("retry names the step")
    func retry() async throws {
        let door = TwinDoor.always(200, ["success": true, "task": Self.task("pending")])
        _ = try await CommandLineRun("task", "retry", "task_1", "2", door: door)
        #expect(door.requests.last?.target == "/api/v1/execution/tasks/task_1/steps/2/retry")
        #expect(throws: (any Error).self) { try ExecLayer.parseAsRoot(["task", "retry", "task_1", "0"]) }
    }

    @Test("following shows each step once, a page at a time, and ends with the task")
    func follow() async throws {
        var page = Self.task("completed", [Self.step(1, "done")]).objectValue ?? [:]
        page["next_step"] = 2
        let door = Self.answers([
            ["success": true, "task": .object(page)],
            ["success": true, "task": Self.task("completed", [Self.step(2, "done")])],
        ])
        let run = try await CommandLineRun("task", "show", "task_1", "--follow", door: door)
        #expect(run.status == .success)
        #expect(run.terminal.answer == "1. git_status: done\n2. git_status: done\n")
        #expect(door.requests.map(\.target).last?.hasSuffix("?from_step=2") == true)
    }

    @Test(
        "following ends when nobody but a person takes the task further",
        arguments: [("failed", true), ("cancelled", true), ("paused", true), ("pending", false)])
    func stopped(_ status: String, _ isStarted: Bool) async throws {
        let door = TwinDoor.always(200, ["success": true, "task": Self.task(status, started: isStarted)])
        let run = try await CommandLineRun("task", "show", "task_1", "--follow", door: door)
        #expect(run.status == .failed && run.terminal.remark.contains("the task is \(status)"))
    }

    @Test("artifacts are listed and fetched by name")
    func artifacts() async throws {
        let list = try await CommandLineRun(
            "task", "artifacts", "task_1",
            door: TwinDoor.always(200, ["success": true, "files": [["name": "step_1.json", "step": 1]]]))
        #expect(list.terminal.answer.contains("step_1.json"))
        let door = TwinDoor { _ in DaemonAnswer(status: 200, body: "bytes") }
        let file = try await CommandLineRun("task", "artifacts", "task_1", "a b.png", door: door)
        #expect(file.terminal.file == Array("bytes".utf8))
        #expect(door.requests.last?.path == "/api/v1/execution/tasks/task_1/artifacts/a%20b.png")
    }
}
