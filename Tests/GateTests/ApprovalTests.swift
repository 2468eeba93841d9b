import Foundation
import Gate
import LayerTesting
import Testing
import ToolKit

@Suite("A call that needs an approval")
struct ApprovalTests {
    private let arguments: [String: JSONValue] = ["path": "a.txt"]

    private func fixture() async throws -> GateFixture {
        let fixture = try await GateFixture(tools: [ProbeTool(risk: .high), ProbeTool("other", risk: .high)])
        try fixture.gate.configuration.patch(["approval_mode": "require_approval"])
        return fixture
    }

    private func call(_ approval: Approval?, toolName: String = "probe") -> ToolCall {
        ToolCall(toolName: toolName, arguments: arguments, approvalID: approval?.id)
    }

    private func approve(
        _ fixture: GateFixture, bound: Bool = true, agentID: String? = nil
    ) async throws -> Approval? {
        try await fixture.gate.approve(
            ApprovalRequest(toolName: "probe", arguments: bound ? arguments : nil, agentID: agentID),
            by: fixture.local
        ) { _ in }
    }

    @Test("is refused without one and says how to get one")
    func missing() async throws {
        let fixture = try await fixture()
        let refusal = try await fixture.refusal(of: call(nil), from: fixture.local)
        #expect(refusal?.code == "approval_required")
        #expect(refusal?.remedy.contains("/approve?tool_name=probe") == true)
    }

    @Test("is refused without one in every mode, where the tool wants a person each time")
    func always() async throws {
        let fixture = try await GateFixture(tools: [ProbeTool(alwaysNeedsApproval: true), ProbeTool("other")])
        #expect(try await fixture.refusal(of: call(nil, toolName: "other"), from: fixture.local) == nil)
        #expect(
            try await fixture.refusal(of: call(nil), from: fixture.local)?.code == "approval_required")
        let approval = try await approve(fixture)
        #expect(try await fixture.refusal(of: call(approval), from: fixture.local) == nil)
    }

    @Test("R55: passes once with one, and never again")
    func once() async throws {
        let fixture = try await fixture()
        let approval = try await approve(fixture)
        #expect(try await fixture.refusal(of: call(approval), from: fixture.local) == nil)
        #expect(try await fixture.refusal(of: call(approval), from: fixture.local)?.code == "approval_invalid")
    }

    @Test("R55: is run by one of twenty racers")
    func race() async throws {
        let fixture = try await fixture()
        let approval = try await approve(fixture)
        let racers = call(approval)
        let passed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask { try await fixture.refusal(of: racers, from: fixture.local) == nil }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(passed == 1)
    }

    @Test("R54: is refused when anything of it differs from what was approved")
    func drift() async throws {
        let fixture = try await fixture()
        let approval = try await approve(fixture, agentID: "planner")
        var changed = call(approval)
        changed.agentID = "planner"
        changed.arguments["loud"] = true
        #expect(try await fixture.refusal(of: changed, from: fixture.local)?.message.contains("arguments") == true)
        var foreign = call(approval)
        foreign.agentID = "somebody"
        #expect(try await fixture.refusal(of: foreign, from: fixture.local)?.message.contains("caller") == true)
        var other = call(approval, toolName: "other")
        other.agentID = "planner"
        #expect(try await fixture.refusal(of: other, from: fixture.local)?.message.contains("tool") == true)
        var exact = call(approval)
        exact.agentID = "planner"
        exact.arguments = ["file": "./a.txt", "loud": false]
        #expect(try await fixture.refusal(of: exact, from: fixture.local) == nil)
    }

    @Test("R54: is refused from another token than the one it was approved for")
    func principal() async throws {
        let fixture = try await fixture()
        let person = try await fixture.principal(.operator, named: "person")
        let agent = try await fixture.principal(.agent, named: "agent")
        let approval = try await fixture.gate.approve(
            ApprovalRequest(toolName: "probe", arguments: arguments, principal: "agent"), by: person
        ) { _ in }
        #expect(try await fixture.refusal(of: call(approval), from: person)?.code == "approval_invalid")
        #expect(try await fixture.refusal(of: call(approval), from: agent) == nil)
    }

    @Test("R54: is refused once the policy changed")
    func policyChange() async throws {
        let fixture = try await fixture()
        let approval = try await approve(fixture)
        let policy = """
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
        try policy.write(toFile: fixture.folder + "/policy.yaml", atomically: true, encoding: .utf8)
        _ = fixture.gate.policy.poll()
        #expect(fixture.gate.policy.problem == nil)
        #expect(try await fixture.refusal(of: call(approval), from: fixture.local)?.message.contains("policy") == true)
    }

    @Test("R56: is refused after 300 s, whatever the wall clock says")
    func expiry() async throws {
        let fixture = try await fixture()
        let early = try await approve(fixture)
        let late = try await approve(fixture)
        fixture.time.advance(by: 299)
        fixture.time.setWall(to: 9_999_999_999)
        #expect(try await fixture.refusal(of: call(early), from: fixture.local) == nil)
        fixture.time.advance(by: 1)
        fixture.time.setWall(to: 0)
        #expect(try await fixture.refusal(of: call(late), from: fixture.local)?.message.contains("expired") == true)
    }

    @Test("R56: is refused after the machine was started anew")
    func reboot() async throws {
        let fixture = try await fixture()
        let approval = try await approve(fixture)
        fixture.time.reboot(as: "boot_two")
        #expect(try await fixture.refusal(of: call(approval), from: fixture.local)?.message.contains("expired") == true)
    }

    @Test("spends nothing when it is invalid, a dry run, or of another tool")
    func unspent() async throws {
        let fixture = try await fixture()
        let approval = try await approve(fixture)
        var invalid = call(approval)
        invalid.arguments = [:]
        #expect(try await fixture.refusal(of: invalid, from: fixture.local)?.code == "invalid_arguments")
        var dry = call(approval)
        dry.dryRun = true
        #expect(try await fixture.refusal(of: dry, from: fixture.local) == nil)
        #expect(try await fixture.refusal(of: call(approval, toolName: "other"), from: fixture.local) != nil)
        #expect(try await fixture.refusal(of: call(approval), from: fixture.local) == nil)
    }

    @Test("passes with an unbound one, unless approvals must be bound")
    func unbound() async throws {
        let fixture = try await fixture()
        let approval = try await approve(fixture, bound: false)
        #expect(approval?.binding == nil)
        #expect(try await fixture.refusal(of: call(approval), from: fixture.local) == nil)
        try fixture.gate.configuration.patch(["approval_strict": true])
        await #expect(throws: Refusal.self) { try await approve(fixture, bound: false) }
    }

    @Test("gets none where nobody has to approve it")
    func needless() async throws {
        let fixture = try await GateFixture()
        #expect(try await approve(fixture) == nil)
    }

    @Test("gets none from its own caller where that is forbidden")
    func selfApproval() async throws {
        let fixture = try await fixture()
        try fixture.gate.configuration.patch(["approval_self": false])
        let refusal = await #expect(throws: Refusal.self) { try await approve(fixture) }
        #expect(refusal?.code == "self_approval")
    }

    @Test("is not let pass by an unbound one of its own caller where that is forbidden")
    func ownUnboundApproval() async throws {
        let fixture = try await fixture()
        let approval = try await approve(fixture, bound: false)
        try fixture.gate.configuration.patch(["approval_self": false])
        #expect(try await fixture.refusal(of: call(approval), from: fixture.local)?.code == "approval_invalid")
        try fixture.gate.configuration.patch(["approval_self": true])
        #expect(try await fixture.refusal(of: call(approval), from: fixture.local) == nil)
    }

    @Test("gets none that names a caller or a label and no arguments")
    func halfBound() async throws {
        let fixture = try await fixture()
        await #expect(throws: Refusal.self) { try await approve(fixture, bound: false, agentID: "planner") }
    }

    @Test("gets none that cannot be recorded")
    func unrecorded() async throws {
        struct DiskFull: Error {}
        let fixture = try await fixture()
        await #expect(throws: DiskFull.self) {
            try await fixture.gate.approve(
                ApprovalRequest(toolName: "probe", arguments: arguments), by: fixture.local
            ) { _ in throw DiskFull() }
        }
    }

    @Test("R58: needs one again as soon as the mode is raised, and an unknown mode changes nothing")
    func modes() async throws {
        let fixture = try await fixture()
        #expect(throws: (any Error).self) { try fixture.gate.configuration.patch(["approval_mode": "none"]) }
        #expect(try await fixture.refusal(of: call(nil), from: fixture.local)?.status == .approvalRequired)
        try fixture.gate.configuration.patch(["approval_mode": "auto"])
        #expect(try await fixture.refusal(of: call(nil), from: fixture.local) == nil)
    }

    @Test("needs one in every mode when the policy asks")
    func asks() async throws {
        let fixture = try await GateFixture()
        let secret = ToolCall(toolName: "probe", arguments: ["path": ".env"])
        #expect(try await fixture.refusal(of: secret, from: fixture.local)?.status == .approvalRequired)
        let approval = try await fixture.gate.approve(
            ApprovalRequest(toolName: "probe", arguments: ["path": ".env"]), by: fixture.local
        ) { _ in }
        var approved = secret
        approved.approvalID = approval?.id
        #expect(try await fixture.refusal(of: approved, from: fixture.local) == nil)
    }
}
