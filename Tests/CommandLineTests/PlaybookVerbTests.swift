import Synchronization
import Testing
import ToolKit

@testable import execlayer

@Suite("Playbooks at the terminal")
struct PlaybookVerbTests {
    private static let playbook: JSONValue = [
        "playbook_id": "pb_1", "name": "Look around", "description": "tidy\u{1B}[31m", "category": "checks",
        "tags": ["git"], "created_by": "ann", "built_in": false,
        "variables": [
            "count": ["type": "integer", "required": true, "description": "how many"],
            "word": ["type": "any", "required": false, "default": "TODO", "description": ""],
        ],
        "steps": [["tool_name": "workspace_search", "args": ["query": "{word}"], "description": "find it"]],
        "statistics": ["runs": 4, "successes": 3, "success_rate": 0.75, "last_run_at": 60],
    ]

    private static func door(_ answer: @escaping @Sendable (DaemonRequest) -> DaemonAnswer) -> TwinDoor {
        TwinDoor { request in
            request.method == .get && request.path.hasSuffix("/playbooks")
                ? DaemonAnswer(status: 200, body: ["success": true, "playbooks": [playbook]]) : answer(request)
        }
    }

    private static func ran(_ more: [String: JSONValue] = [:]) -> JSONValue {
        let own: [String: JSONValue] = [
            "success": true, "status": "completed", "execution_id": "task_1", "dry_run": false,
            "results": [
                [
                    "step_index": 0, "tool_name": "workspace_search", "success": true, "attempts": 2,
                    "result": ["count": 7],
                ]
            ],
        ]
        return .object(own.merging(more) { $1 })
    }

    @Test("list shows how they fared, without the controls of strangers")
    func list() async throws {
        let door = Self.door { _ in DaemonAnswer(status: 500, body: [:]) }
        let run = try await CommandLineRun("playbook", "list", "--order", "used", "--tag", "git", door: door)
        #expect(run.status == .success)
        #expect(run.terminal.answer.contains("Look around") && run.terminal.answer.contains("75 %"))
        #expect(!run.terminal.everything.contains("\u{1B}"))
        #expect(door.requests.last?.target == "/api/v1/execution/playbooks?order=used&tag=git")
    }

    @Test("show finds one by its name in any case and by its id", arguments: ["look around", "pb_1"])
    func show(_ name: String) async throws {
        let run = try await CommandLineRun(
            "playbook", "show", name, door: Self.door { _ in DaemonAnswer(status: 500, body: [:]) })
        #expect(
            run.terminal.answer.contains("(needed)") && run.terminal.answer.contains("1. workspace_search: find it"))
        #expect(!run.terminal.everything.contains("\u{1B}"))
    }

    @Test("an unknown name ends with 2 and the nearest one")
    func unknown() async throws {
        let run = try await CommandLineRun(
            "playbook", "show", "Look aruond", door: Self.door { _ in DaemonAnswer(status: 500, body: [:]) })
        #expect(run.status == .refused && run.terminal.remark.contains("did you mean Look around?"))
    }

    @Test("add sends YAML as text and JSON as it is")
    func add() async throws {
        let added = DaemonAnswer(
            status: 200, body: ["success": true, "playbook_id": "pb_2", "playbook": ["name": "two"]])
        let door = TwinDoor { _ in added }
        let yaml = try await CommandLineRun("playbook", "add", "x.yaml", door: door, input: "name: two\n")
        #expect(yaml.status == .success && yaml.terminal.answer == "two is pb_2\n")
        #expect(door.requests.last?.body == ["yaml": "name: two\n"])
        _ = try await CommandLineRun("playbook", "add", "x.json", door: door, input: " \n{\"name\": \"two\"}")
        #expect(door.requests.last?.body == ["name": "two"])
        let bad = try await CommandLineRun("playbook", "add", "x.json", door: door, input: "{\"name\": ")
        #expect(bad.status == .usage && door.requests.count == 2)
    }

    @Test("export prints YAML, and remove deletes by id")
    func exportAndRemove() async throws {
        let door = Self.door { _ in DaemonAnswer(status: 200, body: ["success": true, "yaml": "name: x\n"]) }
        let run = try await CommandLineRun("playbook", "export", "Look around", door: door)
        #expect(run.terminal.answer == "name: x\n")
        #expect(door.requests.last?.target == "/api/v1/execution/playbooks/pb_1/export")
        _ = try await CommandLineRun("playbook", "remove", "Look around", door: door)
        #expect(door.requests.last?.method == .delete)
        #expect(door.requests.last?.target == "/api/v1/execution/playbooks/pb_1")
    }

    @Test("run sends variables by their types and shows the steps")
    func run() async throws {
        let door = Self.door { _ in DaemonAnswer(status: 200, body: Self.ran()) }
        let run = try await CommandLineRun(
            "playbook", "run", "pb_1", "--var", "count=5", "--var", "word:=[1]", "--dry-run", "--agent", "bot",
            door: door)
        #expect(run.status == .success)
        #expect(run.terminal.answer.contains("1. workspace_search: ok after 2 attempts"))
        #expect(
            door.requests.last?.body == [
                "variables": ["count": 5, "word": [1]], "dry_run": true, "agent_id": "bot",
            ])
        let bad = try await CommandLineRun("playbook", "run", "pb_1", "--var", "count=many", door: door)
        #expect(bad.status == .usage && bad.terminal.remark.contains("count must be an integer"))
    }

    @Test("a run that failed ends with 1 and the step's error, one that was refused with 2")
    func failed() async throws {
        let failed = Self.ran([
            "success": false, "status": "failed", "detail": "step 1 failed",
            "results": [
                ["step_index": 0, "tool_name": "x", "success": false, "attempts": 1, "error": "no such file"]
            ],
        ])
        let run = try await CommandLineRun(
            "playbook", "run", "pb_1", door: Self.door { _ in DaemonAnswer(status: 200, body: failed) })
        #expect(run.status == .failed && run.terminal.answer.contains("failed: no such file"))
        #expect(run.terminal.remark.contains("step 1 failed"))
        let refused = try await CommandLineRun(
            "playbook", "run", "pb_1",
            door: Self.door { _ in
                DaemonAnswer(status: 422, body: ["success": false, "detail": "variables.count has no value"])
            })
        #expect(refused.status == .refused && refused.terminal.remark.contains("variables.count has no value"))
    }

    @Test("a run that waits for a person is followed to its end, or not, as one likes")
    func waiting() async throws {
        let door = Self.door { request in
            guard request.method == .post else {
                return DaemonAnswer(
                    status: 200,
                    body: ["success": true, "task": ["task_id": "task_1", "status": "completed", "steps": []]])
            }
            return DaemonAnswer(
                status: 200,
                body: Self.ran(["success": false, "status": "waiting_approval", "approval_request_id": "req_1"]))
        }
        let run = try await CommandLineRun("playbook", "run", "pb_1", door: door)
        #expect(run.status == .success)
        #expect(run.terminal.remark.contains("execlayer approvals approve req_1"))
        #expect(door.requests.last?.target == "/api/v1/execution/tasks/task_1")
        let left = try await CommandLineRun("playbook", "run", "pb_1", "--no-wait", door: door)
        #expect(left.status == .failed && left.terminal.remark.contains("req_1"))
    }
}
