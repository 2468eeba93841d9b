import Synchronization
import Testing
import ToolKit

@testable import execlayer

@Suite("The inbox at the terminal")
struct InboxVerbTests {
    private static let item: JSONValue = [
        "approval_request_id": "req_1", "tool_name": "filesystem_write", "risk": "high", "principal": "bot",
        "agent_id": nil, "status": "pending", "reason": "tidy\u{1B}[31m up", "created_at": 0, "expires_at": 60,
        "undoable": false, "args": ["path": "a.txt", "content": "x"],
        "plan": ["path": "a.txt", "diff": "--- a\n+++ b\n"],
    ]

    @Test("list shows what waits, without the controls of strangers")
    func list() async throws {
        let door = TwinDoor.always(200, ["success": true, "approvals": [Self.item], "next": 7])
        let run = try await CommandLineRun("approvals", door: door)
        #expect(run.status == .success)
        #expect(run.terminal.answer.contains("req_1") && run.terminal.answer.contains("bot"))
        #expect(!run.terminal.everything.contains("\u{1B}"))
        #expect(run.terminal.remark.contains("--before 7"))
        #expect(door.requests.last?.target == "/api/v1/execution/approvals?limit=50")
    }

    @Test("show tells exactly what would run and what it would do")
    func show() async throws {
        let door = TwinDoor.always(200, ["success": true, "approval": Self.item])
        let run = try await CommandLineRun("approvals", "show", "req_1", door: door)
        #expect(run.terminal.answer.contains("a.txt") && run.terminal.answer.contains("+++ b"))
        #expect(run.terminal.answer.contains("1970-01-01 00:01:00Z"))
    }

    @Test("approve sends the decision and prints what ran")
    func approve() async throws {
        let door = TwinDoor.always(
            200,
            [
                "success": true, "approval_request_id": "req_1", "approved": true,
                "execution_result": [
                    "success": true, "status": "ok", "result": ["stdout": "done\n", "returncode": 0],
                ],
            ])
        let run = try await CommandLineRun(
            "approvals", "approve", "req_1", "--note", "go", "--grant", #"{"tool_name":"x","uses":1}"#, door: door)
        #expect(run.status == .success)
        #expect(run.terminal.answer == "done\n")
        #expect(
            door.requests.last?.body == ["approved": true, "note": "go", "grant": ["tool_name": "x", "uses": 1]])
    }

    @Test("approve ends with 1 when what ran has failed")
    func approvedAndFailed() async throws {
        let result: JSONValue = [
            "success": false, "status": "error", "error": "no such file", "code": "not_found", "remedy": "name another",
        ]
        let door = TwinDoor.always(200, ["success": true, "approved": true, "execution_result": result])
        let run = try await CommandLineRun("approvals", "approve", "req_1", door: door)
        #expect(run.status == .failed)
        #expect(run.terminal.remark.contains("no such file"))
    }

    @Test("deny runs nothing and says so")
    func deny() async throws {
        let door = TwinDoor.always(200, ["success": true, "approved": false])
        let run = try await CommandLineRun("approvals", "deny", "req_1", "--note", "not today", door: door)
        #expect(run.status == .success)
        #expect(door.requests.last?.body == ["approved": false, "note": "not today"])
    }

    @Test("resolve says what became of a run", arguments: ["happened", "retry", "abandon"])
    func resolve(_ word: String) async throws {
        let result: JSONValue = [
            "success": .bool(word != "abandon"), "status": .string(word == "abandon" ? "error" : "ok"),
            "result": ["stdout": "done\n", "returncode": 0],
        ]
        let door = TwinDoor.always(200, ["success": true, "execution_result": result])
        let run = try await CommandLineRun("approvals", "resolve", "req_1", word, "--note", "looked", door: door)
        #expect(run.status == .success)
        #expect(door.requests.last?.body == ["resolution": .string(word), "note": "looked"])
        #expect(run.terminal.answer == (word == "retry" ? "done\n" : ""))
    }

    @Test("resolve takes no other word")
    func resolveOtherwise() async throws {
        await #expect(throws: (any Error).self) {
            try await CommandLineRun("approvals", "resolve", "req_1", "maybe", door: TwinDoor.absent)
        }
    }

    @Test("a decision that came too late ends with 2 and says who was first")
    func late() async throws {
        let door = TwinDoor.always(
            409,
            ["success": false, "code": "already_decided", "detail": "ada denied this before", "remedy": "ask again"])
        let run = try await CommandLineRun("approvals", "approve", "req_1", door: door)
        #expect(run.status == .refused)
        #expect(run.terminal.remark.contains("ada denied this before"))
    }

    @Test("a grant that is no JSON is wrong usage", arguments: ["{", "[]", "uses=3"])
    func badGrant(_ text: String) async throws {
        await #expect(throws: (any Error).self) {
            try await CommandLineRun("approvals", "approve", "req_1", "--grant", text, door: TwinDoor.absent)
        }
    }

    @Test("watch shows what comes, whole, and how others decide")
    func watch() async throws {
        let door = TwinDoor { request in
            DaemonAnswer(
                status: 200,
                body: request.path.hasSuffix("/approvals")
                    ? ["success": true, "approvals": []] : ["success": true, "approval": Self.item])
        }
        door.events.withLock {
            $0 = [
                ServerEvent(
                    name: "approval", id: 1, data: ["approval_request_id": "req_1", "approval_status": "pending"]),
                ServerEvent(name: "run", id: 2, data: ["tool_name": "x"]),
                ServerEvent(
                    name: "approval", id: 3, data: ["approval_request_id": "req_1", "approval_status": "denied"]),
            ]
        }
        let run = try await CommandLineRun("approvals", "watch", door: door)
        #expect(run.terminal.answer.contains("execlayer approvals approve req_1"))
        #expect(run.terminal.remark.contains("req_1: denied"))
    }

    @Test("grants are listed and revoked")
    func grants() async throws {
        let grant: JSONValue = [
            "grant_id": "grt_1", "tool_name": "x", "args": ["path": ["prefix": "docs"]], "uses_left": 3,
            "created_by": "ada",
        ]
        let listed = try await CommandLineRun(
            "grants", door: TwinDoor.always(200, ["success": true, "grants": [grant]]))
        #expect(listed.terminal.answer.contains("grt_1") && listed.terminal.answer.contains("docs"))
        let door = TwinDoor.always(200, ["success": true, "grant_id": "grt_1"])
        _ = try await CommandLineRun("grants", "revoke", "grt_1", door: door)
        #expect(door.requests.last?.method == .delete)
        #expect(door.requests.last?.target == "/api/v1/execution/grants/grt_1")
    }

    /// A daemon whose lockdown is off, and that answers to starting and ending one as it is told.
    private static func drillDoor(ending: Int, run: JSONValue) -> TwinDoor {
        TwinDoor { request in
            switch (request.path, request.body?["active"]?.boolValue) {
            case ("/api/v1/execution/run", _): DaemonAnswer(status: 200, body: run)
            case (_, true?):
                DaemonAnswer(
                    status: 200,
                    body: ["success": true, "active": true, "stopped": ["calls": 1, "still_running": 0]])
            case (_, false?): DaemonAnswer(status: ending, body: ["success": .bool(ending == 200), "detail": "no"])
            default: DaemonAnswer(status: 200, body: ["success": true, "active": false])
            }
        }
    }

    private static func orders(_ door: TwinDoor) -> [Bool] {
        door.requests.compactMap { $0.body?["active"]?.boolValue }
    }

    @Test("a drill measures, and leaves the daemon as it was", arguments: ["cancelled", "policy_blocked"])
    func drill(_ code: String) async throws {
        let door = Self.drillDoor(ending: 200, run: ["success": false, "code": .string(code), "error": "e"])
        let run = try await CommandLineRun("lockdown", "on", "--drill", door: door)
        #expect(run.status == (code == "cancelled" ? .success : .failed))
        #expect(Self.orders(door) == [false, true, false])
    }

    @Test("a drill begins only for one who can end it")
    func drillOfAnApprover() async throws {
        let door = Self.drillDoor(ending: 403, run: [:])
        let run = try await CommandLineRun("lockdown", "on", "--drill", door: door)
        #expect(run.status == .refused && Self.orders(door) == [false])
    }

    @Test("run --wait asks for the run until it has ended, and prints its result")
    func wait() async throws {
        let door = TwinDoor { request in
            switch request.path {
            case "/health": DaemonAnswer(status: 200, body: ["status": "ok"])
            case "/api/v1/execution/run":
                DaemonAnswer(
                    status: 202,
                    body: [
                        "success": true, "status": "waiting_approval", "run_id": "run_1",
                        "approval_request_id": "req_1",
                    ])
            default:
                DaemonAnswer(
                    status: 200,
                    body: [
                        "success": true,
                        "run": [
                            "run_id": "run_1", "status": "refused",
                            "result": [
                                "success": false, "status": "error", "code": "approval_denied",
                                "error": "ada denied it: no",
                            ],
                        ],
                    ])
            }
        }
        let run = try await CommandLineRun("run", "filesystem_read", "path=a", "--wait", door: door)
        #expect(door.requests.contains { $0.body?["wait_for_approval"] == true })
        #expect(run.status == .refused)
        #expect(run.terminal.remark.contains("ada denied it: no"))
    }
}

@Suite("A stream of events that is cut anywhere")
struct ServerEventReaderTests {
    private static let stream =
        "retry: 2000\n: hello\n\nid: 7\nevent: run\ndata: {\"a\":\"ü\"}\n\n: still here\n\nevent: gap\ndata: {}\n\n"

    @Test("gives the same events", arguments: [1, 2, 3, 7, 1_000])
    func pieces(_ size: Int) {
        var reader = ServerEventReader()
        var events: [ServerEvent] = []
        let bytes = Array(Self.stream.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            events += reader.take(bytes[start..<min(start + size, bytes.count)])
        }
        #expect(events.map(\.name) == ["run", "gap"])
        #expect(events.map(\.id) == [7, 7])
        #expect(events.first?.data == ["a": "ü"])
    }

    @Test("drops what is no JSON and goes on")
    func garbage() {
        var reader = ServerEventReader()
        let events = reader.take(Array("event: run\ndata: {oops\n\nevent: run\ndata: 1\n\n".utf8))
        #expect(events.map(\.data) == [1])
    }
}
