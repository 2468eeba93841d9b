internal import Audit
internal import Engine
internal import Gate
internal import LayerTesting
internal import Testing
internal import ToolKit

@Suite("A store that fails once")
struct FailureTests {
    private static let faults = (1...5).flatMap { write in
        [FailingState.Fault(write: write, isKept: false), FailingState.Fault(write: write, isKept: true)]
    }

    /// Asking, deciding, taking, beginning and ending each write once.
    @Test("R57: loses nothing and runs nothing twice, whichever write it is and whether it was kept", arguments: faults)
    func once(_ fault: FailingState.Fault) async throws {
        let fixture = try await DeskFixture()
        fixture.state.fail(fault)
        var item: InboxItem?
        for _ in 0..<2 where item == nil {
            do {
                item = try await fixture.desk.request(fixture.call(), from: fixture.person)
            } catch is StoreUnavailable {
                #expect(fault.write == 1 && !fault.isKept)
            }
        }
        let asked = try #require(item)
        #expect(try await fixture.desk.items(InboxQuery()).items.count == 1)
        for _ in 0..<2 {
            do {
                guard try await fixture.desk.item(asked.id)?.status == .pending else { break }
                _ = try await fixture.approve(asked)
            } catch is StoreUnavailable {
                #expect(fault.write == 2 && !fault.isKept)
            }
        }
        fixture.state.fail(nil)
        await fixture.desk.resume()
        #expect(fixture.home.effects == ["a.txt"])
        let after = try #require(try await fixture.desk.item(asked.id))
        #expect(after.status == .approved && after.execution.state == .done)
        #expect(after.execution.result?["success"] == true)
        await fixture.desk.resume()
        #expect(fixture.home.effects == ["a.txt"])
    }

    @Test("R57: and then the daemon, loses nothing and runs nothing twice", arguments: faults)
    func thenTheDaemon(_ fault: FailingState.Fault) async throws {
        let fixture = try await DeskFixture()
        fixture.state.fail(fault)
        let item = try? await fixture.desk.request(fixture.call(), from: fixture.person)
        if let item { _ = try? await fixture.approve(item) }
        await fixture.log.close()
        fixture.state.fail(nil)
        let next = try await DeskFixture(fixture.home)
        await next.desk.resume()
        let left = try await next.desk.items(InboxQuery()).items
        #expect(left.count == (item == nil ? 0 : 1))
        for item in left where item.status == .pending { _ = try await next.approve(item) }
        #expect(next.home.effects == (left.isEmpty ? [] : ["a.txt"]))
        #expect(try await next.desk.items(InboxQuery()).items.allSatisfy(\.isSettled))
        await next.log.close()
    }

    @Test("says in the record that a decision which it did not keep is none")
    func retracted() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.desk.request(fixture.call(), from: fixture.person)
        fixture.state.fail(.init(write: 1, isKept: false))
        await #expect(throws: StoreUnavailable.self) { _ = try await fixture.approve(item) }
        #expect(try await fixture.changes("change:approval").first?["after"]?["retracted"] != nil)
        #expect(try await fixture.desk.item(item.id)?.status == .pending)
        #expect(try await fixture.refusal(item, false) == nil)
    }

    @Test("keeps a grant that could not be revoked in the list, where it can be revoked again")
    func revoke() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: fixture.person)
        _ = try await fixture.approve(
            item, grant: ["tool_name": "probe", "args": ["path": ["exact": "a.txt"]], "uses": 9])
        let grant = try #require(fixture.gate.standingGrants.current.first)
        fixture.state.fail(.init(write: 1, isKept: false))
        await #expect(throws: StoreUnavailable.self) {
            _ = try await fixture.desk.revokeGrant(grant.id, by: fixture.person)
        }
        // The record says both, and last what is true.
        let changes = try await fixture.changes("change:grant")
        #expect(changes.first?["after"]?["retracted"]?.stringValue != nil)
        #expect(changes.dropFirst().first?["after"]?["revoked"] == true)
        #expect(try await fixture.desk.revokeGrant(grant.id, by: fixture.person)?.id == grant.id)
        #expect(fixture.gate.standingGrants.current.isEmpty)
    }

    @Test("refuses a call that would have used a grant, in a sentence, and the next one passes")
    func use() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: fixture.person)
        _ = try await fixture.approve(
            item, grant: ["tool_name": "probe", "args": ["path": ["exact": "a.txt"]], "uses": 9])
        fixture.state.fail(.init(write: 1, isKept: false))
        let refused = await fixture.engine.answer(fixture.call(), from: fixture.person, through: "test")
        #expect(refused.code == "store_unavailable" && refused.error?.isEmpty == false)
        #expect(await fixture.engine.answer(fixture.call(), from: fixture.person, through: "test").isSuccess)
    }
}

@Suite("A daemon that ended in the middle of an approved call")
struct ResumingTests {
    private func approved(_ fixture: DeskFixture, tool: String = "probe") async throws -> InboxItem {
        let item = try await fixture.waitingItem(tool: tool, from: fixture.person)
        let decision = InboxItem.Decision(isApproved: true, by: "operator", at: fixture.time.wall, note: nil)
        #expect(try await fixture.state.state.decide(item.id, decision, grant: nil))
        return item
    }

    private func restarted(_ fixture: DeskFixture) async throws -> DeskFixture {
        await fixture.log.close()
        let next = try await DeskFixture(fixture.home)
        await next.desk.resume()
        return next
    }

    private func record(_ kind: LineKind, _ fields: [String: JSONValue], in log: AuditLog) async throws {
        var all: [String: JSONValue] = ["tool_name": "probe", "principal": "operator", "ts": 1]
        all.merge(fields) { $1 }
        try await log.append([AuditRecord(kind, auditID: "aud_1", fields: all)])
    }

    @Test("R57: runs it when nothing had begun")
    func notBegun() async throws {
        let fixture = try await DeskFixture()
        let item = try await approved(fixture)
        let next = try await restarted(fixture)
        #expect(next.home.effects == ["a.txt"])
        #expect(try await next.desk.item(item.id)?.execution.state == .done)
        await next.log.close()
    }

    @Test("R57: runs it when the audit knows of no beginning")
    func begunWithoutEntry() async throws {
        let fixture = try await DeskFixture()
        let item = try await approved(fixture)
        #expect(try await fixture.state.state.begin(item.id, auditID: "aud_1") != nil)
        let next = try await restarted(fixture)
        #expect(next.home.effects == ["a.txt"])
        #expect(try await next.desk.item(item.id)?.execution.state == .done)
        await next.log.close()
    }

    @Test("R57: leaves it to people when nobody knows how it ended")
    func unknown() async throws {
        let fixture = try await DeskFixture()
        let item = try await approved(fixture)
        #expect(try await fixture.state.state.begin(item.id, auditID: "aud_1") != nil)
        try await record(.intent, [:], in: fixture.log)
        let next = try await restarted(fixture)
        #expect(next.home.effects.isEmpty)
        let after = try #require(try await next.desk.item(item.id))
        #expect(after.execution.state == .indeterminate && after.execution.result?["code"] == "indeterminate")
        await next.desk.resume()
        #expect(next.home.effects.isEmpty)
        await next.log.close()
    }

    @Test("runs it again when nobody knows how it ended and the call may be repeated")
    func repeatable() async throws {
        let fixture = try await DeskFixture()
        let item = try await approved(fixture, tool: "filesystem_write")
        #expect(try await fixture.state.state.begin(item.id, auditID: "aud_1") != nil)
        try await record(.intent, ["tool_name": "filesystem_write"], in: fixture.log)
        let next = try await restarted(fixture)
        #expect(next.home.effects == ["a.txt"])
        #expect(try await next.desk.item(item.id)?.execution.state == .done)
        #expect(try await next.state.run(item.execution.runID)?.beginnings == 2)
        await next.log.close()
    }

    @Test("R57: keeps how it ended when the audit knows", arguments: ["ok", "error", "timeout"])
    func finished(_ status: String) async throws {
        let fixture = try await DeskFixture()
        let item = try await approved(fixture)
        #expect(try await fixture.state.state.begin(item.id, auditID: "aud_1") != nil)
        try await record(.intent, [:], in: fixture.log)
        try await record(.outcome, ["status": .string(status), "error": "it says"], in: fixture.log)
        let next = try await restarted(fixture)
        #expect(next.home.effects.isEmpty)
        let after = try #require(try await next.desk.item(item.id))
        #expect(after.execution.state == (status == "ok" ? .done : .failed))
        #expect(after.execution.result?["recovered"] == true && after.execution.result?["audit_id"] == "aud_1")
        await next.log.close()
    }

    @Test("waits for the end of a lockdown that is on")
    func lockdown() async throws {
        let fixture = try await DeskFixture()
        _ = try await approved(fixture)
        _ = try await fixture.administration.setLockdown(active: true, reason: nil, by: fixture.person)
        let next = try await restarted(fixture)
        #expect(next.gate.lockdown.state.isActive && next.home.effects.isEmpty)
        _ = try await next.administration.setLockdown(active: false, reason: nil, by: next.person)
        await next.desk.resume()
        #expect(next.home.effects == ["a.txt"])
        await next.log.close()
    }

    @Test("puts an approved policy in force, once")
    func policy() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.desk.propose(policy: Rules.denyingDrafts, reason: nil, from: fixture.person)
        let decision = InboxItem.Decision(isApproved: true, by: "operator", at: fixture.time.wall, note: nil)
        #expect(try await fixture.state.state.decide(item.id, decision, grant: nil))
        let next = try await restarted(fixture)
        #expect(next.gate.policy.version == item.plan["version_after"]?.stringValue)
        #expect(try await next.desk.item(item.id)?.execution.state == .done)
        await next.desk.resume()
        #expect(try await next.changes("change:policy").count == 1)
        await next.log.close()
    }
}
