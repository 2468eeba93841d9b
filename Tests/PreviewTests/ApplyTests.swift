internal import Audit
internal import Engine
internal import Foundation
internal import Gate
internal import LayerTesting
internal import Testing
internal import ToolKit

@Suite("An effect that is applied")
struct ApplyTests {
    @Test("is exactly the one that was seen, and can be undone, and that as well")
    func wayAndBack() async throws {
        let fixture = try await PreviewFixture()
        let answer = await fixture.apply(try await fixture.previewed())
        #expect(answer["result"]?["applied"] == ["a.txt"])
        #expect(answer["undoable"] == true)
        #expect(fixture.texts == ["a.txt": "one\n2\n"])
        let undone = await fixture.undo(answer.auditID)
        #expect(undone["result"]?["restored"] == ["a.txt"])
        #expect(fixture.texts == ["a.txt": "one\ntwo\n"])
        #expect(await fixture.undo(undone.auditID).isSuccess)
        #expect(fixture.texts == ["a.txt": "one\n2\n"])
        #expect(await fixture.undo(answer.auditID).code == "not_undoable")
    }

    @Test("conflicts with an edit since, which stays")
    func conflict() async throws {
        let fixture = try await PreviewFixture()
        let effect = try await fixture.previewed()
        try fixture.home.workspace.write("edited", to: "a.txt")
        let answer = await fixture.apply(effect)
        #expect(answer.code == "effect_conflict" && answer["conflicts"] == ["a.txt"])
        #expect(fixture.texts == ["a.txt": "edited"])
        try fixture.home.workspace.write("one\ntwo\n", to: "a.txt")
        #expect(await fixture.apply(effect).isSuccess)
    }

    @Test("is applied once, also by two at the same time")
    func once() async throws {
        let fixture = try await PreviewFixture()
        let effect = try await fixture.previewed()
        let answers = await withTaskGroup(of: JSONValue.self) { group in
            for _ in 0..<8 { group.addTask { await fixture.apply(effect) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count(where: \.isSuccess) == 1)
        #expect(answers.allSatisfy { $0.isSuccess || ["effect_applied", "effect_under_way"].contains($0.code) })
        #expect(fixture.home.workspace.applied.count == 1)
        #expect(await fixture.apply(effect).code == "effect_applied")
    }

    @Test("must be named with its own digest")
    func digest() async throws {
        let fixture = try await PreviewFixture()
        let effect = try await fixture.previewed()
        let other = try await fixture.previewed("b.txt", "x")
        #expect(await fixture.apply((effect.id, other.digest)).code == "effect_digest_mismatch")
        #expect(await fixture.apply(("eff_unknown", effect.digest)).code == "unknown_effect")
        #expect(await fixture.apply(effect).isSuccess)
    }

    @Test("cannot be applied when it expired, or was discarded")
    func gone() async throws {
        let fixture = try await PreviewFixture()
        let (late, unwanted) = (try await fixture.previewed(), try await fixture.previewed("b.txt", "x"))
        #expect(try await fixture.effects.discard(unwanted.id, by: fixture.person) != nil)
        #expect(await fixture.apply(unwanted).code == "effect_discarded")
        fixture.home.time.advance(by: 3_601)
        #expect(await fixture.apply(late).code == "effect_expired")
        try await fixture.effects.tidy { _ in false }
        #expect(await fixture.apply(late).code == "effect_expired")
        #expect(fixture.home.workspace.applied.isEmpty)
    }

    @Test("R54: is nobody else's agent's, neither to see nor to apply, discard or undo")
    func ownership() async throws {
        let fixture = try await PreviewFixture()
        let agent = try await fixture.principal(.agent, named: "ada")
        let other = try await fixture.principal(.agent, named: "bob")
        let effect = try await fixture.previewed(from: agent)
        #expect(await fixture.apply(effect, from: other).code == "unknown_effect")
        #expect(try fixture.effects.effect(effect.id, for: other) == nil)
        #expect(try await fixture.effects.discard(effect.id, by: other) == nil)
        #expect(try fixture.effects.effect(effect.id, for: agent) != nil)
        let applied = await fixture.apply(effect, from: agent)
        #expect(applied.isSuccess)
        #expect(await fixture.undo(applied.auditID, from: other).code == "unknown_call")
        #expect(await fixture.undo(applied.auditID, from: agent).isSuccess)
        let operators = try await fixture.previewed("c.txt", "x", from: agent)
        #expect(await fixture.apply(operators, from: fixture.person).isSuccess)
    }

    @Test("R54: needs a tool that its caller may use, and that is on")
    func entitlement() async throws {
        let fixture = try await PreviewFixture()
        let agent = try await fixture.principal(.agent, named: "ada", tools: ["filesystem_write"])
        let effect = try await fixture.previewed(from: agent)
        _ = try fixture.gate.configuration.setTool("filesystem_write", enabled: false) { _ in }
        #expect(await fixture.apply(effect, from: agent).code == "tool_disabled")
        _ = try fixture.gate.configuration.setTool("filesystem_write", enabled: true) { _ in }
        let viewer = try await fixture.principal(.viewer)
        #expect(await fixture.apply(effect, from: viewer).code == "not_entitled")
        #expect(await fixture.apply(effect, from: agent).isSuccess)
    }

    @Test("stops for a lockdown, and so does an undo")
    func locked() async throws {
        let fixture = try await PreviewFixture()
        let applied = await fixture.apply(try await fixture.previewed("b.txt", "x"))
        let effect = try await fixture.previewed()
        _ = try await fixture.administration.setLockdown(active: true, reason: nil, by: fixture.person)
        #expect(await fixture.apply(effect).code == "lockdown")
        #expect(await fixture.undo(applied.auditID).code == "lockdown")
        _ = try await fixture.administration.setLockdown(active: false, reason: nil, by: fixture.person)
        #expect(await fixture.apply(effect).isSuccess)
    }

    @Test("is out of reach by name: a run, a request, a step")
    func byName() async throws {
        let fixture = try await PreviewFixture()
        let effect = try await fixture.previewed()
        var call = PreviewFixture.apply(effect)
        call.isInternal = false
        #expect(await fixture.run(call).code == "unknown_tool")
        await #expect(throws: Refusal.self) { try await fixture.desk.request(call, from: fixture.person) }
        #expect(fixture.gate.catalog.entries.allSatisfy { !$0.name.hasPrefix("effect_") })
        #expect(await fixture.apply(effect).isSuccess)
    }

    @Test("is recorded before it happens and afterwards, with what undoing it is called")
    func recorded() async throws {
        let fixture = try await PreviewFixture()
        let answer = await fixture.apply(try await fixture.previewed())
        let entry = try #require(try await fixture.log.entry(answer.auditID))
        #expect(entry["tool_name"] == "effect_apply" && entry["undoable"] == true && entry["status"] == "ok")
        #expect(try await fixture.log.lines(of: answer.auditID).count == 2)
        #expect(try await fixture.effects.undoStates(of: [answer.auditID]) == [answer.auditID: .possible])
    }

    @Test("that only changes what it names is undone without a word; a dry run says what it would restore")
    func dryUndo() async throws {
        let fixture = try await PreviewFixture()
        let run = await fixture.run(PreviewFixture.write("a.txt", "new")).json
        #expect(run["undoable"] == true && run.files.first?["path"] == "a.txt")
        let plan = await fixture.undo(run.auditID, dryRun: true)["result"]?["plan"]
        #expect(plan?["restored"] == ["a.txt"])
        #expect(fixture.texts == ["a.txt": "new"])
        try fixture.home.workspace.write("newer", to: "a.txt")
        #expect(await fixture.undo(run.auditID, dryRun: true)["result"]?["plan"]?["conflicts"] == ["a.txt"])
        #expect(await fixture.undo(run.auditID).code == "effect_conflict")
    }

    @Test("that is a commit leads the branch back, and there again; a commit since is a conflict")
    func commits() async throws {
        let fixture = try await PreviewFixture()
        let commits = fixture.home.commits
        // Failed or not: what it did can be taken back.
        let run = await fixture.run(ToolCall(toolName: "git_commit", arguments: ["message": "m"])).json
        #expect(run["undoable"] == true && commits.commit == "c1")
        let undone = await fixture.undo(run.auditID)
        #expect(undone["result"]?["restored"] == [".git/refs/heads/main", ".git/index"])
        #expect(commits.commit == nil)
        #expect(await fixture.undo(undone.auditID).isSuccess)
        #expect(commits.commit == "c1")
        let again = await fixture.run(ToolCall(toolName: "git_commit", arguments: ["message": "n"])).json
        try await commits.make(
            GitMove(
                repository: .root, reference: nil, before: .init(commit: "c1", index: nil),
                after: .init(commit: "c2", index: nil)))
        #expect(await fixture.undo(again.auditID).code == "effect_conflict")
    }

    @Test("cut short by a crash is, after the next start, what the workspace says", arguments: [true, false])
    func crash(isDone: Bool) async throws {
        let home = try PreviewHome()
        let fixture = try await PreviewFixture(home)
        let effect = try await fixture.previewed()
        let record = try #require(try home.store.effect(effect.id))
        #expect(try await home.store.beginApplying(effect.id, by: "aud_crash", at: home.time.wall))
        if isDone { try home.workspace.apply(record.effect, id: "aud_crash", keepsBefore: true) }
        await fixture.log.close()
        let next = try await PreviewFixture(home)
        #expect(try home.store.effect(effect.id)?.state == (isDone ? .applied : .previewed))
        if isDone {
            #expect(await next.undo("aud_crash").isSuccess)
            #expect(home.workspace.texts == ["a.txt": "one\ntwo\n"])
        } else {
            #expect(await next.apply(effect).isSuccess)
        }
    }
}
