import Gate
import LayerTesting
import Testing
import ToolKit

@Suite("Whoever presents a token")
struct AuthenticationTests {
    @Test("is the local operator where no token was ever made, and a wrong token is refused even there")
    func local() async throws {
        let fixture = try await GateFixture()
        #expect(try fixture.local.name == "local")
        #expect(throws: AuthenticationFailure.wrong) { try fixture.authenticator.principal(for: "x", from: "p") }
    }

    @Test("R47: must have one as soon as any was ever made, a revoked one included")
    func everMade() async throws {
        let fixture = try await GateFixture()
        let first = try await fixture.authenticator.create(.init(name: "first", role: .operator)) { _ in }
        let second = try await fixture.authenticator.create(.init(name: "second", role: .operator)) { _ in }
        _ = try await fixture.authenticator.revoke(id: first.record.id) { _ in }
        #expect(throws: AuthenticationFailure.missing) { try fixture.local }
        #expect(throws: AuthenticationFailure.wrong) {
            try fixture.authenticator.principal(for: first.token, from: "p")
        }
        #expect(try fixture.authenticator.principal(for: second.token, from: "p").name == "second")
        let restarted = try await Authenticator(operatorToken: nil, store: fixture.state, time: fixture.time)
        #expect(throws: AuthenticationFailure.missing) { try restarted.principal(for: nil, from: "p") }
    }

    @Test("R36: always passes with a right one, however many wrong ones came from the same peer")
    func limited() async throws {
        let fixture = try await GateFixture(operatorToken: "right")
        var answers: [AuthenticationFailure] = []
        for _ in 0..<40 {
            do throws(AuthenticationFailure) {
                _ = try fixture.authenticator.principal(for: "wrong", from: "peer")
            } catch {
                answers.append(error)
            }
        }
        #expect(answers.prefix(30).allSatisfy { $0 == .wrong })
        #expect(answers.suffix(10).allSatisfy { if case .tooMany = $0 { true } else { false } })
        #expect(try fixture.authenticator.principal(for: "right", from: "peer").role == .operator)
    }

    @Test("is refused once the token has expired")
    func expired() async throws {
        let fixture = try await GateFixture(operatorToken: "right")
        let made = try await fixture.authenticator.create(.init(name: "agent", role: .agent, lifetime: 60)) { _ in }
        #expect(try fixture.authenticator.principal(for: made.token, from: "p").role == .agent)
        fixture.time.advance(by: 60)
        #expect(throws: AuthenticationFailure.wrong) {
            try fixture.authenticator.principal(for: made.token, from: "p")
        }
    }

    @Test("cannot be locked out: the first token is a lasting operator's, and the last of these stays")
    func lockout() async throws {
        let fixture = try await GateFixture()
        await #expect(throws: Refusal.self) {
            try await fixture.authenticator.create(.init(name: "a", role: .agent)) { _ in }
        }
        let only = try await fixture.authenticator.create(.init(name: "b", role: .operator)) { _ in }
        await #expect(throws: Refusal.self) { try await fixture.authenticator.revoke(id: only.record.id) { _ in } }
    }

    @Test("has a name of its own", arguments: ["operator", "local", "taken", "", "a b", "a\u{202E}"])
    func names(_ name: String) async throws {
        let fixture = try await GateFixture(operatorToken: "right")
        _ = try await fixture.authenticator.create(.init(name: "taken", role: .agent)) { _ in }
        await #expect(throws: Refusal.self) {
            try await fixture.authenticator.create(.init(name: name, role: .agent)) { _ in }
        }
    }

    @Test("may do what the role allows and no more")
    func roles() {
        #expect(Permission.allCases.allSatisfy { Role.operator.allows($0) })
        #expect(Permission.allCases.filter { Role.agent.allows($0) } == [.listTools, .runTools, .readOwnRecords])
        for permission in [Permission.runTools, .decide, .configure, .manageTokens, .startLockdown] {
            #expect(!Role.viewer.allows(permission))
        }
        #expect(Role.approver.allows(.decide) && Role.approver.allows(.startLockdown))
        #expect(!Role.approver.allows(.endLockdown) && !Role.approver.allows(.runTools))
    }

    @Test("uses only the tools of the token's list")
    func toolList() async throws {
        let fixture = try await GateFixture(tools: [ProbeTool(), ProbeTool("other")], operatorToken: "right")
        let agent = try await fixture.principal(.agent, named: "agent", tools: ["probe"])
        let arguments: [String: JSONValue] = ["path": "a"]
        #expect(try await fixture.refusal(of: ToolCall(toolName: "probe", arguments: arguments), from: agent) == nil)
        let refusal = try await fixture.refusal(of: ToolCall(toolName: "other", arguments: arguments), from: agent)
        #expect(refusal?.code == "tool_not_granted")
    }
}
