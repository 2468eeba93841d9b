import Foundation
import NIOHTTP1
import Testing
import ToolKit

@Suite(
    "What a call would do", .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"),
    .serialized, .timeLimit(.minutes(10)))
struct EffectTests {
    private static let token = "an-operator-token"
    private static let root = "/api/v1/execution/"

    private func with(
        _ policy: String? = nil, _ body: (Playground, Daemon) async throws -> Void
    ) async throws {
        let playground = try Playground()
        try playground.write("one\ntwo\n", to: "workspace/a.txt")
        if let policy { try playground.write(policy, to: "home/config/policy.yaml") }
        let daemon = try await Daemon(in: playground, token: Self.token)
        try await daemon.enable("filesystem_write", "apply_patch", "shell_script", "sandbox_worker_run")
        try await body(playground, daemon)
        await daemon.stop()
    }

    private func preview(
        _ daemon: Daemon, _ tool: String, _ arguments: JSONValue, token: String?? = .none
    ) async throws -> Daemon.Reply {
        try await daemon.send(
            .POST, Self.root + "preview", ["tool_name": .string(tool), "args": arguments], token: token)
    }

    private func apply(
        _ daemon: Daemon, _ effect: JSONValue, _ more: [String: JSONValue] = [:], token: String?? = .none
    ) async throws -> Daemon.Reply {
        let body = more.merging(["effect_digest": effect["effect_digest"] ?? .null]) { own, _ in own }
        return try await daemon.send(
            .POST, Self.root + "effects/\(effect["effect_id"]?.stringValue ?? "")/apply", .object(body), token: token)
    }

    private func undo(_ daemon: Daemon, _ auditID: String?, _ body: JSONValue? = nil) async throws -> Daemon.Reply {
        try await daemon.send(.POST, Self.root + "undo/\(auditID ?? "")", body)
    }

    @Test("is shown, applied exactly so, undone, and that undone as well")
    func wayAndBack() async throws {
        try await with { playground, daemon in
            let seen = try await preview(daemon, "filesystem_write", ["path": "a.txt", "content": "one\n2\n"])
            #expect(seen.status == 200 && seen.json["success"] == true)
            #expect(try playground.read("workspace/a.txt") == "one\ntwo\n")
            let file = try #require(seen.json["effects"]?["files"]?.arrayValue?.first)
            #expect(file["diff"]?.stringValue?.contains("-two\n+2\n") == true)
            let again = try await daemon.send(
                .GET, Self.root + "effects/\(seen.json["effect_id"]?.stringValue ?? "")")
            #expect(again.json["effects"] == seen.json["effects"])
            #expect(again.json["effect_digest"] == seen.json["effect_digest"])
            let applied = try await apply(daemon, seen.json)
            #expect(applied.status == 200 && applied.json["applied"] == ["a.txt"], "\(applied.json)")
            #expect(try playground.read("workspace/a.txt") == "one\n2\n")
            #expect(try await apply(daemon, seen.json).status == 409)
            let auditID = applied.json["audit_id"]?.stringValue
            let plan = try await undo(daemon, auditID, ["dry_run": true])
            #expect(plan.status == 200 && plan.json["restored"] == ["a.txt"])
            let undone = try await undo(daemon, auditID)
            #expect(undone.status == 200 && undone.json["restored"] == ["a.txt"])
            #expect(try playground.read("workspace/a.txt") == "one\ntwo\n")
            #expect(try await undo(daemon, auditID).status == 409)
            #expect(try await undo(daemon, undone.json["audit_id"]?.stringValue).status == 200)
            #expect(try playground.read("workspace/a.txt") == "one\n2\n")
        }
    }

    @Test("conflicts with an edit since: 409 with the paths, and the edit stays")
    func conflict() async throws {
        try await with { playground, daemon in
            let seen = try await preview(daemon, "filesystem_write", ["path": "a.txt", "content": "new"])
            try playground.write("edited", to: "workspace/a.txt")
            let applied = try await apply(daemon, seen.json)
            #expect(applied.status == 409 && applied.json["conflicts"] == ["a.txt"])
            #expect(try playground.read("workspace/a.txt") == "edited")
        }
    }

    @Test("a run that wrote can be undone, and the record says so before and after")
    func direct() async throws {
        try await with { playground, daemon in
            let run = try await daemon.run("filesystem_write", ["path": "new/b.txt", "content": "b"])
            #expect(run.json["undoable"] == true)
            let id = run.json["audit_id"]?.stringValue ?? ""
            #expect(try await daemon.send(.GET, Self.root + "audit/\(id)").json["entry"]?["undoable"] == true)
            let undone = try await undo(daemon, id)
            #expect(undone.status == 200)
            #expect(!FileManager.default.fileExists(atPath: playground.workspace + "/new"))
            let entry = try await daemon.send(.GET, Self.root + "audit/\(id)").json["entry"]
            #expect(entry?["undoable"] == false && entry?["undone_by"] == undone.json["audit_id"])
        }
    }

    @Test("a call that changed nothing cannot be undone, and one that nobody made is unknown")
    func nothingToUndo() async throws {
        try await with { _, daemon in
            let read = try await daemon.run("filesystem_read", ["path": "a.txt"])
            let refused = try await undo(daemon, read.json["audit_id"]?.stringValue)
            #expect(refused.status == 409 && refused.code == "not_undoable")
            #expect(try await undo(daemon, "aud_nobody").status == 404)
        }
    }

    @Test("R54: is nobody else's agent's: unknown to them, whatever they ask")
    func ownership() async throws {
        try await with { _, daemon in
            var tokens: [String] = []
            for name in ["ada", "bob"] {
                let made = try await daemon.send(
                    .POST, Self.root + "tokens", ["role": "agent", "name": .string(name)])
                tokens.append(made.json["token"]?.stringValue ?? "")
            }
            let seen = try await preview(
                daemon, "filesystem_write", ["path": "a.txt", "content": "ada's"], token: .some(tokens[0]))
            let path = Self.root + "effects/\(seen.json["effect_id"]?.stringValue ?? "")"
            #expect(try await daemon.send(.GET, path, token: .some(tokens[1])).status == 404)
            #expect(try await daemon.send(.DELETE, path, token: .some(tokens[1])).status == 404)
            #expect(try await apply(daemon, seen.json, token: .some(tokens[1])).status == 404)
            #expect(try await daemon.send(.GET, path, token: .some(tokens[0])).status == 200)
            #expect(try await apply(daemon, seen.json, token: .some(tokens[0])).status == 200)
        }
    }

    @Test("statuses: another digest 409, discarded 409, unknown 404, nothing to preview, a lockdown 423")
    func statuses() async throws {
        try await with { _, daemon in
            let seen = try await preview(daemon, "filesystem_write", ["path": "a.txt", "content": "x"])
            let id = seen.json["effect_id"]?.stringValue ?? ""
            #expect(try await apply(daemon, ["effect_id": .string(id), "effect_digest": "00"]).status == 409)
            #expect(try await apply(daemon, ["effect_id": "eff_unknown", "effect_digest": "00"]).status == 404)
            #expect(try await daemon.send(.POST, Self.root + "effects/\(id)/apply", [:]).status == 422)
            #expect(try await daemon.send(.DELETE, Self.root + "effects/\(id)").status == 200)
            #expect(try await daemon.send(.DELETE, Self.root + "effects/\(id)").status == 409)
            #expect(try await apply(daemon, seen.json).status == 409)
            let reading = try await preview(daemon, "filesystem_read", ["path": "a.txt"])
            #expect(reading.status == 200 && reading.code == "nothing_to_preview")
            let waiting = try await preview(daemon, "filesystem_write", ["path": "a.txt", "content": "x"])
            _ = try await daemon.send(.POST, Self.root + "lockdown", ["active": true])
            #expect(try await apply(daemon, waiting.json).status == 423)
            #expect(try await preview(daemon, "filesystem_write", ["path": "b", "content": "x"]).status == 423)
            #expect(try await undo(daemon, "aud_1").status == 423)
        }
    }

    @Test("needs the approval that the refusal names, and that is good for this effect only")
    func approval() async throws {
        try await with { playground, daemon in
            _ = try await daemon.configure(["approval_mode": "require_approval"])
            let seen = try await preview(daemon, "filesystem_write", ["path": "a.txt", "content": "x"])
            let refused = try await apply(daemon, seen.json)
            #expect(refused.status == 403 && refused.code == "approval_required")
            #expect(refused.json["remedy"]?.stringValue?.contains("tool_name=effect_apply") == true)
            let approved = try await daemon.send(
                .POST, Self.root + "approve?tool_name=effect_apply",
                [
                    "args": [
                        "effect_id": seen.json["effect_id"] ?? .null,
                        "effect_digest": seen.json["effect_digest"] ?? .null,
                    ]
                ])
            #expect(approved.status == 200)
            let applied = try await apply(daemon, seen.json, ["approval_id": approved.json["approval_id"] ?? .null])
            #expect(applied.status == 200)
            #expect(try playground.read("workspace/a.txt") == "x")
        }
    }

    @Test("survives a restart: what waits, and what can be undone")
    func restart() async throws {
        try await with { playground, daemon in
            let written = try await daemon.run("filesystem_write", ["path": "b.txt", "content": "b"])
            let seen = try await preview(daemon, "filesystem_write", ["path": "a.txt", "content": "x"])
            await daemon.kill()
            let next = try await Daemon(in: playground, token: Self.token)
            #expect(try await apply(next, seen.json).status == 200)
            #expect(try await undo(next, written.json["audit_id"]?.stringValue).status == 200)
            #expect(!FileManager.default.fileExists(atPath: playground.workspace + "/b.txt"))
            await next.stop()
        }
    }

    @Test("of a script is what its run answers; nothing happens until that is applied")
    func script() async throws {
        try await with { playground, daemon in
            let run = try await daemon.run(
                "shell_script", ["script": "tr a-z A-Z < a.txt | sort > sorted.txt\nrm a.txt\necho done"])
            #expect(run.json["result"]?["stdout"] == "done\n")
            #expect(try playground.read("workspace/a.txt") == "one\ntwo\n")
            let changes = run.json["effects"]?["files"]?.arrayValue?.compactMap { $0["change"]?.stringValue }
            #expect(changes == ["deleted", "added"])
            #expect(try await apply(daemon, run.json).status == 403)
            let approval = try await daemon.send(
                .POST, Self.root + "approve?tool_name=effect_apply",
                [
                    "args": [
                        "effect_id": run.json["effect_id"] ?? .null,
                        "effect_digest": run.json["effect_digest"] ?? .null,
                    ]
                ])
            let applied = try await apply(
                daemon, run.json, ["approval_id": approval.json["approval_id"] ?? .null])
            #expect(applied.status == 200)
            #expect(try playground.read("workspace/sorted.txt") == "ONE\nTWO\n")
            #expect(!FileManager.default.fileExists(atPath: playground.workspace + "/a.txt"))
            #expect(try await undo(daemon, applied.json["audit_id"]?.stringValue).status == 200)
            #expect(try playground.read("workspace/a.txt") == "one\ntwo\n")
        }
    }

    @Test("that a script runs at once is the operator's choice, and can be undone")
    func directScript() async throws {
        try await with { playground, daemon in
            _ = try await daemon.configure(["shell_script_direct": true])
            let run = try await daemon.run("shell_script", ["script": "echo hi > b.txt"])
            #expect(run.json["success"] == true && run.json["undoable"] == true)
            #expect(try playground.read("workspace/b.txt") == "hi\n")
            #expect(try await undo(daemon, run.json["audit_id"]?.stringValue).status == 200)
            #expect(!FileManager.default.fileExists(atPath: playground.workspace + "/b.txt"))
        }
    }

    @Test("of a commit can be undone: the branch leads to its parent again, and the files stay")
    func commit() async throws {
        try await with { playground, daemon in
            for words in [["init", "-q"], ["config", "user.name", "n"], ["config", "user.email", "e@x"]] {
                _ = try await Program.run("/usr/bin/git", words, folder: playground.workspace)
            }
            try await daemon.enable("git_commit")
            var commits: [String] = []
            var last: JSONValue = .null
            for text in ["1", "2"] {
                try playground.write(text, to: "workspace/a.txt")
                last = try await daemon.run("git_commit", ["message": "m", "paths": ["a.txt"]]).json
                commits.append(last["result"]?["commit"]?.stringValue ?? "")
            }
            #expect(last["undoable"] == true)
            #expect(try await undo(daemon, last["audit_id"]?.stringValue).status == 200)
            let head = try await Program.run("/usr/bin/git", ["rev-parse", "HEAD"], folder: playground.workspace)
            #expect(head.output == commits[0] + "\n")
            #expect(try playground.read("workspace/a.txt") == "2")
        }
    }

    @Test("is shown and applied at the command line as well")
    func commandLine() async throws {
        try await with { playground, daemon in
            let environment = ["DAENA_BASE_URL": daemon.base, "EXECUTION_TOKEN": Self.token]
            let seen = try await execlayer(
                "preview", "filesystem_write", "path=a.txt", "content=x", in: playground, environment: environment)
            #expect(seen.status == 0 && seen.output.contains("modified a.txt") && seen.output.contains("-one"))
            #expect(!seen.output.contains("\u{1B}"))
            let list = try await execlayer("effects", "--json", in: playground, environment: environment)
            let id = try JSONReader.read(list.output)["effects"]?.arrayValue?.first?["effect_id"]?.stringValue ?? ""
            let checked = try await execlayer("policy", "check", "--effect", id, in: playground)
            #expect(checked.status == 0 && checked.output.contains("allow"))
            let applied = try await execlayer("apply", id, "--json", in: playground, environment: environment)
            #expect(applied.status == 0)
            #expect(try playground.read("workspace/a.txt") == "x")
            let auditID = try JSONReader.read(applied.output)["audit_id"]?.stringValue ?? ""
            let undone = try await execlayer("undo", auditID, in: playground, environment: environment)
            #expect(undone.status == 0 && undone.output == "restored  a.txt\n")
            #expect(try playground.read("workspace/a.txt") == "one\ntwo\n")
        }
    }
}
