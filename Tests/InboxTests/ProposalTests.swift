internal import Engine
internal import Foundation
internal import Gate
internal import Testing
internal import ToolKit

@Suite("A policy that somebody proposes")
struct ProposalTests {
    private func propose(_ fixture: DeskFixture, _ yaml: String = Rules.denyingDrafts) async throws -> InboxItem {
        try await fixture.desk.propose(policy: yaml, reason: "safer", from: fixture.person)
    }

    @Test("is shown as a diff, changes nothing, and is in force once an operator approves it")
    func approved() async throws {
        let fixture = try await DeskFixture()
        let before = fixture.gate.policy.version
        let item = try await propose(fixture)
        #expect(item.kind == .policyChange && item.plan["diff"]?.stringValue?.contains("+version: 1") == true)
        #expect(fixture.gate.policy.version == before)
        let after = try await fixture.approve(item)
        #expect(after.execution.state == .done)
        #expect(fixture.gate.policy.version == item.plan["version_after"]?.stringValue)
        #expect(try await fixture.changes("change:policy").first?["principal"] == "operator")
        let denied = await fixture.engine.answer(
            fixture.call("drafts/a.txt", tool: "probe"), from: fixture.person, through: "test")
        #expect(denied.code == "policy_blocked")
    }

    @Test("that cannot be shown as a whole is refused")
    func unshowable() async throws {
        let fixture = try await DeskFixture()
        await #expect(throws: Refusal.self) {
            _ = try await propose(fixture, Rules.denyingDrafts + "# \(DeskFixture.unshowable)\n")
        }
        #expect(try await fixture.desk.items(InboxQuery()).items.isEmpty)
    }

    @Test("may be denied by an approver, and approved by an operator only")
    func roles() async throws {
        let fixture = try await DeskFixture()
        let approver = try await fixture.principal(.approver)
        let before = fixture.gate.policy.version
        let item = try await propose(fixture)
        #expect(try await fixture.refusal(item, by: approver) == "not_entitled")
        #expect(fixture.gate.policy.version == before)
        #expect(try await fixture.refusal(item, false, by: approver) == nil)
        #expect(fixture.gate.policy.version == before)
    }

    @Test("conflicts when the policy changed since")
    func conflict() async throws {
        let fixture = try await DeskFixture()
        let first = try await propose(fixture)
        let second = try await propose(fixture, Rules.denyingDrafts.replacing("not yet", with: "never"))
        _ = try await fixture.approve(second)
        let version = fixture.gate.policy.version
        #expect(try await fixture.refusal(first) == "policy_conflict")
        #expect(fixture.gate.policy.version == version)
        #expect(try await fixture.refusal(first, false) == nil)
    }

    @Test("conflicts when somebody edited the file by hand since, and leaves the edit as it is")
    func handEdit() async throws {
        let fixture = try await DeskFixture()
        let item = try await propose(fixture)
        let edited = Rules.denyingDrafts.replacing("not yet", with: "by hand")
        try edited.write(toFile: fixture.home.folder + "/policy.yaml", atomically: true, encoding: .utf8)
        let after = try await fixture.approve(item)
        #expect(after.execution.state == .failed && after.execution.result?["code"] == "policy_conflict")
        #expect(try String(contentsOfFile: fixture.home.folder + "/policy.yaml", encoding: .utf8) == edited)
    }

    @Test(
        "that cannot be used is refused by field and line",
        arguments: [
            "version: 1\npaths: nonsense\n", "version: [",
            Rules.denyingDrafts.replacing("not_match: [\"a.txt\"]", with: "not_match: [\"drafts/b.txt\"]"),
        ])
    func broken(_ yaml: String) async throws {
        let fixture = try await DeskFixture()
        let refusal = await #expect(throws: Refusal.self) { _ = try await self.propose(fixture, yaml) }
        #expect(refusal?.code == "invalid_policy" && refusal?.problems.first?.field == "yaml")
        #expect(try await fixture.desk.items(InboxQuery()).items.isEmpty)
    }

    @Test("that is the one in force is refused")
    func same() async throws {
        let fixture = try await DeskFixture(policy: Rules.denyingDrafts)
        let refusal = await #expect(throws: Refusal.self) { _ = try await self.propose(fixture) }
        #expect(refusal?.code == "no_change")
    }

    @Test("of one caller come no faster than calls of high risk may")
    func rate() async throws {
        let fixture = try await DeskFixture(callsPerMinute: 3)
        for number in 0..<3 { _ = try await propose(fixture, Rules.denyingDrafts + "# \(number)\n") }
        do {
            _ = try await propose(fixture)
            Issue.record("a fourth was taken")
        } catch let refusal as Refusal {
            #expect(refusal.code == "rate_limited" && refusal.retryAfterMilliseconds != nil)
        }
        let other = try await fixture.principal(.agent)
        _ = try await fixture.desk.propose(policy: Rules.denyingDrafts, reason: nil, from: other)
    }

    @Test("takes no grant")
    func grant() async throws {
        let fixture = try await DeskFixture()
        let item = try await propose(fixture)
        let grant: JSONValue = ["tool_name": "probe", "args": ["path": ["exact": "a.txt"]], "uses": 1]
        #expect(try await fixture.refusal(item, grant: grant) == "invalid_request")
        #expect(try await fixture.desk.item(item.id)?.status == .pending)
    }
}
