internal import Audit
internal import Engine
internal import Foundation
internal import Gate
internal import LayerTesting
internal import Testing
internal import ToolKit

@Suite("A preview")
struct PreviewTests {
    @Test("answers what would happen, and nothing has")
    func shows() async throws {
        let fixture = try await PreviewFixture()
        let answer = await fixture.preview(PreviewFixture.write("a.txt", "one\n2\nthree\n"))
        #expect(answer.isSuccess)
        #expect(fixture.texts == ["a.txt": "one\ntwo\n"])
        let file = try #require(answer.files.first)
        #expect(file["path"] == "a.txt" && file["change"] == "modified" && file["lines"] == 3)
        #expect(file["diff"]?.stringValue?.contains("-two\n+2\n+three\n") == true)
        #expect(file["before"]?["size"] == 8 && file["after"]?["mode"] == "0644")
        #expect(answer["expires_at"] == .number(fixture.home.time.wall + 3_600))
        #expect(answer["effects"]?["truncated"] == false)
    }

    @Test("shows what files held before as long as the workspace, or anybody, still has it")
    func before() async throws {
        let fixture = try await PreviewFixture()
        let effect = try await fixture.previewed()
        func diff() throws -> String? {
            let record = try #require(try fixture.effects.effect(effect.id, for: fixture.person))
            return fixture.effects.json(of: record).files.first?["diff"]?.stringValue
        }
        #expect(try diff()?.contains("-two\n+2\n") == true)
        try fixture.home.workspace.write("edited\n", to: "a.txt")
        #expect(try diff() == nil)
        try fixture.home.workspace.write("one\ntwo\n", to: "a.txt")
        #expect(await fixture.apply(effect).isSuccess)
        #expect(try diff()?.contains("-two\n+2\n") == true)
    }

    @Test("has the same digest when it has the same effect, and another one otherwise")
    func digest() async throws {
        let fixture = try await PreviewFixture()
        let first = try await fixture.previewed()
        let second = try await fixture.previewed()
        let other = try await fixture.previewed("a.txt", "else")
        #expect(first.digest == second.digest && first.id != second.id)
        #expect(other.digest != first.digest)
    }

    @Test("is recorded before it runs and afterwards, as a preview")
    func recorded() async throws {
        let fixture = try await PreviewFixture()
        let answer = await fixture.preview(PreviewFixture.write("a.txt", "new"))
        let entry = try #require(try await fixture.log.entry(answer.auditID))
        #expect(entry["preview"] == true && entry["status"] == "ok")
        #expect(entry["effect_id"] == answer["effect_id"] && entry["effect_digest"] == answer["effect_digest"])
        let lines = try await fixture.log.lines(of: answer.auditID)
        #expect(lines.count == 2)
    }

    @Test("meets the same refusals as a run: a tool that is off, a path that is denied, an unknown tool")
    func refusals() async throws {
        let fixture = try await PreviewFixture(tools: [])
        #expect(await fixture.preview(PreviewFixture.write("a.txt", "x")).code == "tool_disabled")
        let other = try await PreviewFixture()
        #expect(await other.preview(PreviewFixture.write(".git/config", "x")).code == "policy_blocked")
        #expect(await other.preview(ToolCall(toolName: "nothing")).code == "unknown_tool")
        #expect(await other.preview(PreviewFixture.write("a.txt", "x")).isSuccess)
    }

    @Test("of what cannot change anything is refused", arguments: ["filesystem_read", "git_commit"])
    func nothing(tool: String) async throws {
        let fixture = try await PreviewFixture()
        let arguments: [String: JSONValue] = tool == "git_commit" ? ["message": "m"] : ["path": "a.txt"]
        let answer = await fixture.preview(ToolCall(toolName: tool, arguments: arguments))
        #expect(answer.code == "nothing_to_preview")
    }

    @Test("R54: needs no approval, and spends none")
    func spendsNothing() async throws {
        let fixture = try await PreviewFixture(settings: ["approval_mode": "require_approval"])
        let approval = try #require(
            try await fixture.administration.approve(
                ApprovalRequest(toolName: "filesystem_write"), by: fixture.person))
        var call = PreviewFixture.write("a.txt", "x")
        call.approvalID = approval.id
        #expect(await fixture.preview(call).isSuccess)
        // The approval is still there for the run.
        #expect(await fixture.run(call).isSuccess)
        #expect(await fixture.run(call).code == "approval_invalid")
    }

    @Test("does not run in a lockdown")
    func locked() async throws {
        let fixture = try await PreviewFixture()
        _ = try await fixture.administration.setLockdown(active: true, reason: nil, by: fixture.person)
        #expect(await fixture.preview(PreviewFixture.write("a.txt", "x")).code == "lockdown")
    }

    @Test("does not show what policy keeps from being read, but that it changes")
    func withheld() async throws {
        let fixture = try await PreviewFixture(
            try PreviewHome(["secret.txt": "swordfish\n"]),
            policy: """
                version: 1
                paths:
                  - name: secrets
                    match: [secret.txt]
                    read: deny
                    reason: secrets stay with people
                    examples: {match: [secret.txt]}
                """)
        let answer = await fixture.preview(PreviewFixture.write("secret.txt", "tuna\n"))
        let file = try #require(answer.files.first)
        #expect(file["diff"] == nil && file["diff_withheld"] != nil && file["change"] == "modified")
        #expect(!String(decoding: JSONWriter.write(answer), as: UTF8.self).contains("swordfish"))
    }

    @Test("of a script is what a run of it answers, unless scripts run directly")
    func script() async throws {
        let call = ToolCall(toolName: "shell_script", arguments: ["script": "echo hi > b.txt"])
        let fixture = try await PreviewFixture()
        fixture.does.withLock { $0 = ["b.txt": "hi\n"] }
        let answer = await fixture.run(call).json
        #expect(answer.isSuccess && answer["result"]?["returncode"] == 0)
        #expect(fixture.texts["b.txt"] == nil)
        #expect(try await fixture.apply(PreviewFixture.effect(of: answer)).code == "approval_required")
        let direct = try await PreviewFixture(settings: ["shell_script_direct": true])
        direct.does.withLock { $0 = ["b.txt": "hi\n"] }
        let run = await direct.run(call).json
        #expect(run["effect_id"] == nil && run["undoable"] == true)
        #expect(direct.texts["b.txt"] == "hi\n")
        #expect(await direct.undo(run.auditID).isSuccess)
        #expect(direct.texts["b.txt"] == nil)
    }

    @Test("gives way to newer ones of the same caller, and the audit says so")
    func crowded() async throws {
        let fixture = try await PreviewFixture(settings: ["effects_per_principal": 2])
        let agent = try await fixture.principal(.agent)
        let own = try await fixture.previewed("own.txt", "mine", from: fixture.person)
        var effects: [(id: String, digest: String)] = []
        for number in 1...3 {
            fixture.home.time.advance(by: 1)
            effects.append(try await fixture.previewed("\(number).txt", "x", from: agent))
        }
        #expect(await fixture.apply(effects[0], from: agent).code == "effect_evicted")
        #expect(await fixture.apply(effects[2], from: agent).isSuccess)
        #expect(await fixture.apply(own).isSuccess)
        let evicted = try await fixture.changes("change:effects")
        #expect(evicted.first?["before"]?["effect_ids"] == [.string(effects[0].id)])
    }
}
