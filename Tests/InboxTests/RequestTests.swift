internal import Audit
internal import Engine
internal import Gate
internal import Testing
internal import ToolKit

@Suite("A request that a person shall decide about")
struct RequestTests {
    @Test("waits, with a plan, and runs when it is approved")
    func approved() async throws {
        let fixture = try await DeskFixture()
        let bot = try await fixture.principal(.agent)
        let item = try await fixture.desk.request(fixture.call(tool: "sonde"), from: bot)
        #expect(item.kind == .executionRequest && item.call.toolName == "probe" && item.plan["summary"] != nil)
        #expect(fixture.home.effects.isEmpty)
        #expect(try await fixture.approve(item).execution.state == .done)
        #expect(fixture.home.effects == ["a.txt"])
    }

    @Test("may speak of a tool that is switched off; its plan says that it would fail, and so does the approval")
    func disabled() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.desk.request(fixture.call(tool: "asleep"), from: fixture.person)
        #expect(item.plan["fails"] == true && item.plan["code"] == "tool_disabled")
        #expect(try await fixture.approve(item).execution.result?["code"] == "tool_disabled")
        #expect(fixture.home.effects.isEmpty)
    }

    @Test("of a dry run only plans when it is approved")
    func dryRun() async throws {
        let fixture = try await DeskFixture()
        var call = fixture.call()
        call.dryRun = true
        let after = try await fixture.approve(try await fixture.desk.request(call, from: fixture.person))
        #expect(after.execution.state == .done && after.execution.result?["dry_run"] == true)
        #expect(fixture.home.effects.isEmpty)
    }

    @Test("that does not say so is a dry run where the configuration makes that the default", arguments: [true, false])
    func dryRunDefault(_ isDryRun: Bool) async throws {
        let fixture = try await DeskFixture(settings: ["dry_run_default": .bool(isDryRun)])
        let item = try await fixture.desk.request(fixture.call(), from: fixture.person)
        #expect(item.json["dry_run"] == .bool(isDryRun))
        let after = try await fixture.approve(item)
        #expect(after.execution.state == .done && fixture.home.effects == (isDryRun ? [] : ["a.txt"]))
    }

    @Test(
        "is refused at once where a decision could not help",
        arguments: [
            ("shell_exec", "a.txt", "not_requestable"), ("filesystem_write", "a.txt", "not_requestable"),
            ("nothing", "a.txt", "unknown_tool"), ("probe", "../a.txt", "path_outside_workspace"),
            ("probe", "drafts/a.txt", "policy_blocked"),
        ])
    func refused(_ tool: String, _ path: String, _ code: String) async throws {
        let fixture = try await DeskFixture(policy: Rules.denyingDrafts)
        let refusal = await #expect(throws: Refusal.self) {
            try await fixture.desk.request(fixture.call(path, tool: tool), from: fixture.person)
        }
        #expect(refusal?.code == code)
        #expect(try await fixture.desk.items(InboxQuery()).items.isEmpty)
    }

    @Test("R53: of a token that may not use the tool, or run anything, is refused")
    func notEntitled() async throws {
        let fixture = try await DeskFixture()
        let narrow = try await fixture.principal(.agent, named: "narrow", tools: ["calm"])
        for principal in [narrow, try await fixture.principal(.viewer)] {
            await #expect(throws: Refusal.self) {
                try await fixture.desk.request(fixture.call(), from: principal)
            }
        }
        #expect(try await fixture.desk.request(fixture.call(tool: "calm"), from: narrow).status == .pending)
    }

    @Test("under a lockdown is refused")
    func lockdown() async throws {
        let fixture = try await DeskFixture()
        _ = try await fixture.administration.setLockdown(active: true, reason: nil, by: fixture.person)
        let refusal = await #expect(throws: Refusal.self) {
            try await fixture.desk.request(fixture.call(), from: fixture.person)
        }
        #expect(refusal?.status == .locked)
    }
}

@Suite("A call that would rather wait than be refused")
struct WaitingCallTests {
    @Test("waits when it needs an approval, and its record says as what")
    func waits() async throws {
        let fixture = try await DeskFixture()
        var call = fixture.call()
        call.waitsForApproval = true
        let answer = await fixture.engine.answer(call, from: fixture.person, through: "test")
        #expect(answer.isSuccess && answer.json["status"] == "waiting_approval")
        let entry = try #require(try await fixture.log.entry(answer.auditID))
        #expect(entry["status"] == "approval_required")
        #expect(entry["approval_request_id"]?.stringValue == answer.waiting?.itemID)
    }

    @Test("runs at once when it needs none")
    func needsNone() async throws {
        let fixture = try await DeskFixture()
        var call = fixture.call(tool: "calm")
        call.waitsForApproval = true
        let answer = await fixture.engine.answer(call, from: fixture.person, through: "test")
        #expect(answer.isSuccess && answer.waiting == nil)
        #expect(fixture.home.effects == ["a.txt"])
    }

    @Test("plans at once when it is a dry run, and waits for nobody")
    func dryRun() async throws {
        let fixture = try await DeskFixture()
        var call = fixture.call()
        call.waitsForApproval = true
        call.dryRun = true
        let answer = await fixture.engine.answer(call, from: fixture.person, through: "test")
        #expect(answer.isDryRun && answer.result["plan"]?["approval_required"] == true)
        #expect(try await fixture.desk.items(InboxQuery()).items.isEmpty)
    }

    @Test("is refused at once, and does not wait, when policy denies it or its arguments are wrong")
    func refused() async throws {
        let fixture = try await DeskFixture(policy: Rules.denyingDrafts)
        for path in ["drafts/a.txt", "../a.txt"] {
            var call = fixture.call(path)
            call.waitsForApproval = true
            #expect(await fixture.engine.answer(call, from: fixture.person, through: "test").isSuccess == false)
        }
        #expect(try await fixture.desk.items(InboxQuery()).items.isEmpty)
    }
}
