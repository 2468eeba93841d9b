internal import Audit
internal import Engine
internal import Gate
internal import LayerTesting
internal import Synchronization
internal import Testing
internal import ToolKit

@Suite("A call that is sent again under its key")
struct KeyedCallTests {
    private func call(_ path: String = "a.txt", tool: String = "calm", key: String = "key-1") -> ToolCall {
        ToolCall(toolName: tool, arguments: ["path": .string(path)], idempotencyKey: key)
    }

    @Test("gets the first answer, and does not run again")
    func replay() async throws {
        let desk = try await DeskFixture()
        let agent = try await desk.principal(.agent)
        let first = await desk.engine.answer(call(), from: agent, through: "test")
        let second = await desk.engine.answer(call(), from: agent, through: "test")
        #expect(first.isSuccess)
        #expect(desk.home.effects == ["a.txt"])
        #expect(second.json["audit_id"] == first.json["audit_id"])
        #expect(second.json["result"] == first.json["result"])
        #expect(second.json["replayed"] == true)
        // The control: another key runs.
        _ = await desk.engine.answer(call(key: "key-2"), from: agent, through: "test")
        #expect(desk.home.effects.count == 2)
    }

    @Test("is recorded each time, a repeat as one")
    func recorded() async throws {
        let desk = try await DeskFixture()
        let agent = try await desk.principal(.agent)
        let first = await desk.engine.answer(call(), from: agent, through: "test")
        _ = await desk.engine.answer(call(), from: agent, through: "test")
        let calls = try await desk.calls()
        #expect(calls.count == 2, "\(calls)")
        #expect(calls.first?["replay_of"]?.stringValue == first.auditID)
        #expect(calls.last?["replay_of"] == nil)
    }

    @Test("is refused when it is another call")
    func conflict() async throws {
        let desk = try await DeskFixture()
        let agent = try await desk.principal(.agent)
        _ = await desk.engine.answer(call("a.txt"), from: agent, through: "test")
        let other = await desk.engine.answer(call("b.txt"), from: agent, through: "test")
        #expect(other.code == Engine.keyConflict)
        var dry = call("a.txt")
        dry.dryRun = true
        #expect(await desk.engine.answer(dry, from: agent, through: "test").code == Engine.keyConflict)
        #expect(desk.home.effects == ["a.txt"])
    }

    @Test("shares nothing with another principal's key of the same name")
    func principals() async throws {
        let desk = try await DeskFixture()
        let agents = [
            try await desk.principal(.agent, named: "one"), try await desk.principal(.agent, named: "two"),
        ]
        for (number, agent) in agents.enumerated() {
            #expect(await desk.engine.answer(call("\(number)"), from: agent, through: "test").isSuccess)
        }
        #expect(desk.home.effects == ["0", "1"])
    }

    @Test("an alias and a default spelled out are the same call")
    func spelling() async throws {
        let desk = try await DeskFixture()
        _ = await desk.engine.answer(call(tool: "calm"), from: desk.person, through: "test")
        var again = call(tool: "calm")
        again.reason = "once more"
        #expect(await desk.engine.answer(again, from: desk.person, through: "test").json["replayed"] == true)
    }

    @Test("fifty at once: one runs, all get its answer")
    func concurrent() async throws {
        let desk = try await DeskFixture()
        let agent = try await desk.principal(.agent)
        let gate = AsyncStream<Void>.makeStream()
        desk.waiting.set { for await _ in gate.stream { return } }
        let call = call()
        let answers = await withTaskGroup(of: Answer.self) { group in
            for _ in 0..<50 { group.addTask { await desk.engine.answer(call, from: agent, through: "test") } }
            gate.continuation.yield()
            return await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(desk.home.effects == ["a.txt"])
        #expect(Set(answers.map { $0.json["audit_id"] ?? .null }).count == 1)
        #expect(!answers.contains { !$0.isSuccess })
        #expect(answers.count { $0.json["replayed"] == nil } == 1)
    }

    @Test("a missing approval is not remembered: once it may run, it runs")
    func approval() async throws {
        let desk = try await DeskFixture()
        let agent = try await desk.principal(.agent)
        var call = call(tool: "probe")
        #expect(await desk.engine.answer(call, from: agent, through: "test").code == "approval_required")
        let approval = try #require(
            try await desk.administration.approve(ApprovalRequest(toolName: "probe"), by: desk.person))
        call.approvalID = approval.id
        #expect(await desk.engine.answer(call, from: agent, through: "test").isSuccess)
        // From here on it is.
        #expect(await desk.engine.answer(call, from: agent, through: "test").json["replayed"] == true)
        #expect(desk.home.effects == ["a.txt"])
    }

    @Test("one that waits for a person waits as one item, however often it is sent")
    func waiting() async throws {
        let desk = try await DeskFixture()
        let agent = try await desk.principal(.agent)
        var call = call(tool: "probe")
        call.waitsForApproval = true
        let first = await desk.engine.answer(call, from: agent, through: "test")
        let second = await desk.engine.answer(call, from: agent, through: "test")
        #expect(first.waiting != nil)
        #expect(second.waiting == first.waiting)
        #expect(second.kind == .waiting)
        #expect(try await desk.desk.items(InboxQuery(isPendingOnly: true)).items.count == 1)
    }

    @Test("during a lockdown a key tells nothing")
    func lockdown() async throws {
        let desk = try await DeskFixture()
        _ = await desk.engine.answer(call(), from: desk.person, through: "test")
        _ = try await desk.administration.setLockdown(active: true, reason: "drill", by: desk.person)
        #expect(await desk.engine.answer(call(), from: desk.person, through: "test").kind == .refusal(.locked))
    }
}

@Suite("A key whose call a crash cut off")
struct CutOffKeyTests {
    private func held(_ desk: DeskFixture, tool: String, auditID: String) async throws -> ToolCall {
        let argument = tool == "command" ? "command" : "path"
        let call = ToolCall(toolName: tool, arguments: [argument: "a.txt"], idempotencyKey: "key")
        let claimed = KeyedCall(
            principal: desk.person.name, key: "key", digest: desk.gate.digest(ofKeyed: call), auditID: auditID,
            createdAt: desk.time.wall)
        #expect(try await desk.state.state.claim(claimed) == nil)
        return call
    }

    @Test("runs when nothing of it had begun")
    func notBegun() async throws {
        let desk = try await DeskFixture()
        let call = try await held(desk, tool: "calm", auditID: "aud_never")
        #expect(await desk.engine.answer(call, from: desk.person, through: "test").isSuccess)
        #expect(desk.home.effects == ["a.txt"])
    }

    @Test(
        "does not run again when it had begun, and says from then on that nobody knows", arguments: ["ok", "unknown"])
    func begun(status: String) async throws {
        let desk = try await DeskFixture()
        let call = try await held(desk, tool: "command", auditID: "aud_begun")
        _ = try await desk.log.append(
            [
                AuditRecord(
                    .intent, auditID: "aud_begun",
                    fields: ["tool_name": "command", "principal": .string(desk.person.name), "ts": 1]),
                AuditRecord(
                    .outcome, auditID: "aud_begun",
                    fields: [
                        "tool_name": "command", "principal": .string(desk.person.name), "ts": 1,
                        "status": .string(status), "result_summary": "touched",
                    ]),
            ])
        for _ in 0..<2 {
            let answer = await desk.engine.answer(call, from: desk.person, through: "test")
            #expect(answer.isSuccess == (status == "ok"))
            #expect(answer.code == (status == "ok" ? nil : "indeterminate"))
            #expect(answer.json["audit_id"] == "aud_begun")
        }
        #expect(desk.home.effects.isEmpty)
    }

    @Test("runs again when its tool may run twice")
    func repeatable() async throws {
        let desk = try await DeskFixture()
        let call = try await held(desk, tool: "calm", auditID: "aud_begun")
        _ = try await desk.log.append(
            AuditRecord(.intent, auditID: "aud_begun", fields: ["tool_name": "calm", "principal": "x", "ts": 1]))
        #expect(await desk.engine.answer(call, from: desk.person, through: "test").isSuccess)
        #expect(desk.home.effects == ["a.txt"])
    }

    @Test("that had come as far as the inbox waits there as the same item")
    func inbox() async throws {
        let home = try DeskHome()
        let first = try await DeskFixture(home)
        var call = ToolCall(toolName: "probe", arguments: ["path": "a.txt"], idempotencyKey: "key")
        call.waitsForApproval = true
        let answer = await first.engine.answer(call, from: first.person, through: "test")
        // As if the daemon had ended before it kept the answer.
        var again = call
        again.idempotencyKey = "unanswered"
        let unanswered = KeyedCall(
            principal: first.person.name, key: "unanswered", digest: first.gate.digest(ofKeyed: again),
            auditID: answer.auditID, createdAt: 0)
        #expect(try await home.state.state.claim(unanswered) == nil)
        let recovered = await first.engine.answer(again, from: first.person, through: "test")
        #expect(recovered.waiting == answer.waiting && recovered.json["recovered"] == true)
        #expect(try await first.desk.items(InboxQuery(isPendingOnly: true)).items.count == 1)
    }
}

@Suite("A caller who repeats without end")
struct EndlessRepeatTests {
    @Test("R59: is slowed down like one whose calls are refused, and leaves a bounded number of lines")
    func rate() async throws {
        let desk = try await DeskFixture(refusalsPerMinute: 5)
        let call = ToolCall(toolName: "calm", arguments: ["path": "a.txt"], idempotencyKey: "key")
        var codes: [String?] = []
        for _ in 0..<20 { codes.append(await desk.engine.answer(call, from: desk.person, through: "test").code) }
        // The control: the first ones are answered.
        #expect(codes.prefix(6).allSatisfy { $0 == nil })
        #expect(codes.suffix(14).allSatisfy { $0 == "rate_limited" })
        #expect(try await desk.calls().count == 6)
        #expect(desk.home.effects == ["a.txt"])
    }
}
