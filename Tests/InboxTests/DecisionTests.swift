internal import Audit
internal import Engine
internal import Foundation
internal import Gate
internal import LayerTesting
internal import Testing
internal import ToolKit

@Suite("A decision about a call that waits")
struct DecisionTests {
    @Test("R55: that approves runs exactly the stored call, once, and tells its result")
    func approve() async throws {
        let fixture = try await DeskFixture()
        let bot = try await fixture.principal(.agent)
        let item = try await fixture.waitingItem("sub/../b.txt", from: bot)
        #expect(fixture.home.effects.isEmpty && item.status == .pending)
        #expect(item.plan["summary"] == "would touch b.txt")
        let after = try await fixture.approve(item)
        #expect(fixture.home.effects == ["b.txt"])
        #expect(after.status == .approved && after.decision?.by == "operator" && after.decision?.note == "so be it")
        #expect(after.execution.state == .done && after.execution.result?["result"]?["touched"] == "b.txt")
        #expect(try await fixture.desk.item(item.id) == after)
        await fixture.desk.resume()
        #expect(fixture.home.effects == ["b.txt"])
        let entry = try #require(try await fixture.log.entry(after.execution.auditID ?? ""))
        #expect(entry["principal"] == "agent" && entry["status"] == "ok" && entry["door"] == "inbox")
        #expect(entry["approval_request_id"] == .string(item.id))
    }

    @Test("R57: that denies runs nothing and never becomes an approval")
    func deny() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: try await fixture.principal(.agent))
        let after = try #require(try await fixture.decide(item, false))
        #expect(after.status == .denied && after.execution.state == .refused)
        #expect(try await fixture.refusal(item, true) == "already_decided")
        await fixture.desk.resume()
        #expect(fixture.home.effects.isEmpty)
        #expect(after.runJSON["result"]?["code"] == "approval_denied")
    }

    @Test("R57: an approved item is neither approved again nor denied")
    func again() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: try await fixture.principal(.agent))
        _ = try await fixture.approve(item)
        #expect(try await fixture.refusal(item, true) == "already_decided")
        #expect(try await fixture.refusal(item, false) == "already_decided")
        #expect(fixture.home.effects.count == 1)
    }

    @Test("R57: of twenty at once one wins, and the call runs once or not at all")
    func race() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: try await fixture.principal(.agent))
        let won = try await racers { try await fixture.refusal(item, $0.isMultiple(of: 2)) == nil }
        #expect(won == 1)
        let after = try #require(try await fixture.desk.item(item.id))
        #expect(fixture.home.effects.count == (after.status == .approved ? 1 : 0))
        // One line for what came in, one for the decision.
        #expect(try await fixture.changes("change:approval").count == 2)
    }

    @Test("R57: twenty approvals while the unfinished is taken up run the call once")
    func resumeRace() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: try await fixture.principal(.agent))
        let won = try await racers { number in
            if number.isMultiple(of: 2) {
                for _ in 0..<20 { await fixture.desk.resume() }
                return false
            }
            return try await fixture.refusal(item) == nil
        }
        #expect(won == 1)
        #expect(fixture.home.effects == ["a.txt"])
        #expect(try await fixture.desk.item(item.id)?.execution.state == .done)
    }

    @Test("comes too late when the item's time has ended, and the record says who let it end")
    func expired() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: try await fixture.principal(.agent))
        fixture.time.advance(by: 604_800)
        #expect(try await fixture.refusal(item) == "approval_expired")
        #expect(try await fixture.desk.item(item.id)?.status == .expired)
        #expect(try await fixture.refusal(item) == "approval_expired")
        let change = try #require(try await fixture.changes("change:approval").first)
        #expect(change["principal"] == "daemon" && change["after"]?["status"] == "expired")
        #expect(fixture.home.effects.isEmpty)
    }

    @Test("is made for nobody when the time has ended, in batches, each recorded once")
    func upkeep() async throws {
        let fixture = try await DeskFixture()
        let bot = try await fixture.principal(.agent)
        for number in 0..<40 { _ = try await fixture.waitingItem("\(number).txt", from: bot) }
        fixture.time.advance(by: 604_799)
        try await fixture.desk.expire()
        #expect(try await fixture.desk.items(InboxQuery(isPendingOnly: true)).items.count == 40)
        fixture.time.advance(by: 1)
        try await fixture.desk.expire()
        try await fixture.desk.expire()
        #expect(try await fixture.desk.items(InboxQuery(isPendingOnly: true)).items.isEmpty)
        #expect(try await fixture.changes("change:approval").count { $0["after"]?["status"] == "expired" } == 40)
    }

    @Test("about something unknown is none")
    func unknown() async throws {
        let fixture = try await DeskFixture()
        #expect(try await fixture.desk.decide("req_none", .init(isApproved: true), by: fixture.person) == nil)
    }

    @Test("belongs to approvers and operators", arguments: [Role.agent, .viewer, .approver, .operator])
    func roles(_ role: Role) async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: try await fixture.principal(.agent, named: "bot"))
        let principal = try await fixture.principal(role, named: "somebody")
        let mayDecide = role == .approver || role == .operator
        for isApproved in [true, false] where !mayDecide {
            #expect(try await fixture.refusal(item, isApproved, by: principal) == "not_entitled")
        }
        if mayDecide { #expect(try await fixture.refusal(item, by: principal) == nil) }
        #expect(fixture.home.effects.count == (mayDecide ? 1 : 0))
    }

    @Test("about a call of one's own is refused where approval_self is false, to operators too")
    func own() async throws {
        let fixture = try await DeskFixture(settings: ["approval_self": false])
        let item = try await fixture.waitingItem(from: fixture.person)
        #expect(try await fixture.refusal(item) == "self_approval")
        #expect(try await fixture.refusal(item, false) == "self_approval")
        let other = try await fixture.principal(.approver)
        #expect(try await fixture.refusal(item, by: other) == nil)
        #expect(fixture.home.effects.count == 1)
    }

    @Test("about a call of one's own passes by default")
    func ownByDefault() async throws {
        let fixture = try await DeskFixture()
        #expect(try await fixture.refusal(try await fixture.waitingItem(from: fixture.person)) == nil)
    }

    @Test("runs nothing when the asker's token was revoked meanwhile")
    func revokedToken() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: try await fixture.principal(.agent))
        let token = try #require(fixture.authenticator.tokens.first)
        _ = try await fixture.authenticator.revoke(id: token.id) { _ in }
        let after = try await fixture.approve(item)
        #expect(after.execution.state == .refused && after.execution.result?["code"] == "token_ended")
        #expect(fixture.home.effects.isEmpty)
    }

    @Test("runs nothing when the tool was switched off meanwhile, and says so in its result")
    func disabledTool() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: try await fixture.principal(.agent))
        _ = try await fixture.administration.setTool("probe", enabled: false, by: fixture.person)
        let after = try await fixture.approve(item)
        #expect(after.status == .approved && after.execution.state == .refused)
        #expect(after.execution.result?["code"] == "tool_disabled" && after.execution.result?["success"] == false)
        #expect(fixture.home.effects.isEmpty)
    }

    @Test("runs nothing when policy denies the call by now")
    func policy() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem("drafts/a.txt", from: try await fixture.principal(.agent))
        try Rules.denyingDrafts.write(
            toFile: fixture.home.folder + "/policy.yaml", atomically: true, encoding: .utf8)
        _ = fixture.gate.policy.poll()
        let after = try await fixture.approve(item)
        #expect(after.execution.state == .refused && after.execution.result?["code"] == "policy_blocked")
        #expect(fixture.home.effects.isEmpty)
    }

    @Test("runs what policy only asks about, although policy would ask again")
    func asks() async throws {
        let fixture = try await DeskFixture(
            policy: Rules.denyingDrafts.replacing("write: deny", with: "write: ask"),
            settings: ["approval_mode": "auto"])
        let item = try await fixture.waitingItem("drafts/a.txt", from: try await fixture.principal(.agent))
        #expect(try await fixture.approve(item).execution.state == .done)
    }

    @Test("under a lockdown may deny and not approve")
    func lockdown() async throws {
        let fixture = try await DeskFixture()
        let bot = try await fixture.principal(.agent)
        let (first, second) = (
            try await fixture.waitingItem("1.txt", from: bot), try await fixture.waitingItem("2.txt", from: bot)
        )
        _ = try await fixture.administration.setLockdown(active: true, reason: "stop", by: fixture.person)
        #expect(try await fixture.refusal(first) == "lockdown")
        #expect(try await fixture.refusal(second, false) == nil)
        _ = try await fixture.administration.setLockdown(active: false, reason: nil, by: fixture.person)
        #expect(try await fixture.refusal(first) == nil)
        #expect(fixture.home.effects == ["1.txt"])
    }

    @Test("is recorded before it is acted on, with who, what and about whose call")
    func recorded() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: try await fixture.principal(.agent))
        _ = try await fixture.approve(item, by: try await fixture.principal(.approver, named: "ann"))
        let changes = try await fixture.changes("change:approval")
        let decision = try #require(changes.first)
        #expect(decision["principal"] == "ann" && decision["after"]?["status"] == "approved")
        #expect(decision["after"]?["principal"] == "agent" && decision["before"]?["status"] == "pending")
        #expect(decision["after"]?["note"] == "so be it" && decision["after"]?["digest"] == .string(item.digest.hex))
        #expect(changes.last?["principal"] == "agent" && changes.last?["before"] == .null)
        let call = try #require(try await fixture.calls().first)
        #expect((call["seq"]?.integerValue ?? 0) > (decision["seq"]?.integerValue ?? .max))
    }
}

enum Rules {
    static let denyingDrafts = """
        version: 1
        paths:
          - name: drafts
            match: ["drafts/**"]
            write: deny
            reason: not yet
            examples:
              match: ["drafts/a.txt"]
              not_match: ["a.txt"]
        """

    static let askingAboutKeys = """
        version: 1
        paths:
          - name: keys
            match: ["keys"]
            write: ask
            reason: a person looks
            examples:
              match: ["config/keys"]
              not_match: ["config/a"]
        """
}
