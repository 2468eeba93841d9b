import Foundation
import Testing
import ToolKit

@testable import execlayer

@Suite("Effects at the terminal")
struct EffectVerbTests {
    private static let effect: JSONValue = [
        "success": true, "status": "ok", "result": ["path": "a.txt", "written": 2], "effect_id": "eff_1",
        "effect_digest": "d1", "state": "previewed", "tool_name": "filesystem_write", "principal": "bot",
        "expires_at": 60, "approval_required": true,
        "effect_verdict": ["verdict": "ask", "rule": nil, "rules": ["this effect needs\u{1B}[2J an approval"]],
        "effects": [
            "files": [
                [
                    "path": "a\u{1B}[31m.txt", "change": "modified", "lines": 2,
                    "before": ["size": 1, "mode": "0644"], "after": ["size": 2, "mode": "0755"],
                    "diff": "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-x\n+y\u{1B}]0;z\n",
                ],
                ["path": "gone.bin", "change": "deleted", "before": ["size": 9, "mode": "0644"], "binary": true],
            ], "truncated": false,
        ],
    ]

    @Test("a preview names what goes first, then the rest, then the diffs; plain in a pipe")
    func preview() async throws {
        let door = TwinDoor.always(200, Self.effect)
        let run = try await CommandLineRun("preview", "filesystem_write", "path:=\"a.txt\"", door: door)
        #expect(run.status == .success)
        let answer = run.terminal.answer
        let deleted = try #require(answer.range(of: "deleted  gone.bin"))
        let modified = try #require(answer.range(of: "modified a"))
        let diff = try #require(answer.range(of: "-x\n+y"))
        #expect(deleted.lowerBound < modified.lowerBound && modified.lowerBound < diff.lowerBound)
        #expect(answer.contains("2 files changed, 1 deleted, 2 lines") && answer.contains("mode 0644 to 0755"))
        #expect(answer.contains("applying it needs an approval"))
        #expect(!run.terminal.everything.contains("\u{1B}"))
        #expect(run.terminal.remark.contains("execlayer apply eff_1"))
        #expect(
            door.requests.last?.body == ["tool_name": "filesystem_write", "args": ["path": "a.txt"]])
    }

    @Test("a terminal gets colours, and nothing of a stranger moves it", arguments: [true, false])
    func colors(isColored: Bool) async throws {
        let door = TwinDoor.always(200, Self.effect)
        let words = isColored ? ["NO_COLOR": ""] : ["NO_COLOR": "1"]
        let run = try await CommandLineRun(
            "effects", "eff_1", door: door, environment: words, isInteractive: true)
        #expect(run.terminal.answer.contains("\u{1B}[31m-x\u{1B}[0m") == isColored)
        #expect(!run.terminal.answer.contains("\u{1B}[2J") && !run.terminal.answer.contains("\u{1B}]0"))
        #expect(!run.terminal.answer.contains("a\u{1B}[31m.txt"))
    }

    @Test("--stat leaves the diffs out, --json prints the answer")
    func forms() async throws {
        let door = TwinDoor.always(200, Self.effect)
        let stat = try await CommandLineRun("effects", "eff_1", "--stat", door: door)
        #expect(!stat.terminal.answer.contains("@@"))
        let json = try await CommandLineRun("preview", "x", "--json", door: door)
        #expect(try JSONReader.read(json.terminal.answer) == Self.effect)
    }

    @Test("a preview that is refused ends with 2 and says why")
    func refused() async throws {
        let door = TwinDoor.always(
            200,
            ["success": false, "status": "error", "code": "nothing_to_preview", "error": "it cannot change anything"])
        let run = try await CommandLineRun("preview", "filesystem_read", door: door)
        #expect(run.status == .refused && run.terminal.remark.contains("it cannot change anything"))
    }

    @Test("apply sends the digest that is kept, or the one that was looked at")
    func apply() async throws {
        let door = TwinDoor { request in
            request.method == .get
                ? DaemonAnswer(status: 200, body: Self.effect)
                : DaemonAnswer(status: 200, body: ["success": true, "applied": ["a.txt"], "audit_id": "aud_1"])
        }
        let kept = try await CommandLineRun("apply", "eff_1", door: door)
        #expect(kept.status == .success && kept.terminal.answer == "applied  a.txt\n")
        #expect(kept.terminal.remark.contains("execlayer undo aud_1"))
        #expect(door.requests.last?.body == ["effect_digest": "d1"])
        _ = try await CommandLineRun("apply", "eff_1", "--digest", "d2", "--wait", door: door)
        #expect(door.requests.last?.body == ["effect_digest": "d2", "wait_for_approval": true])
        #expect(door.requests.last?.target == "/api/v1/execution/effects/eff_1/apply")
    }

    @Test("a conflict names every path, and ends with 2")
    func conflict() async throws {
        let door = TwinDoor.always(
            409,
            ["success": false, "code": "effect_conflict", "error": "a.txt changed since", "conflicts": ["a.txt", "b"]])
        let run = try await CommandLineRun("undo", "aud_1", door: door)
        #expect(run.status == .refused)
        #expect(run.terminal.answer == "conflict  a.txt\nconflict  b\n")
        #expect(run.terminal.remark.contains("changed since"))
    }

    @Test("a missing approval says how to wait for one")
    func approval() async throws {
        let door = TwinDoor.always(
            403,
            [
                "success": false, "code": "approval_required", "error": "needs one",
                "remedy": "POST /api/v1/execution/approve?tool_name=effect_apply {}",
            ])
        let run = try await CommandLineRun("apply", "eff_1", "--digest", "d", door: door)
        #expect(run.status == .refused && run.terminal.remark.contains("--wait"))
    }

    @Test("effects lists what was previewed, and --discard gives one up")
    func list() async throws {
        let door = TwinDoor { request in
            request.method == .delete
                ? DaemonAnswer(status: 200, body: ["success": true, "effect_id": "eff_1"])
                : DaemonAnswer(status: 200, body: ["success": true, "effects": [Self.effect], "next": 5])
        }
        let run = try await CommandLineRun("effects", door: door)
        #expect(run.terminal.answer.contains("eff_1") && run.terminal.remark.contains("--before 5"))
        let discarded = try await CommandLineRun("effects", "eff_1", "--discard", door: door)
        #expect(discarded.status == .success)
        #expect(door.requests.last?.method == .delete)
    }
}
