internal import Audit
internal import Engine
internal import Foundation
internal import Gate
internal import LayerTesting
internal import Testing
internal import ToolKit

@Suite("A call that sends a planted credential")
struct IncidentTests {
    static let key = "AKIAQ2WX7CDERT5TGB6N"
    static let tokens = Honeytokens([Honeytoken(.home, key)])

    private struct Scene {
        let fixture: DeskFixture
        let agent: Principal
        let other: Principal

        func answer(_ path: String, from principal: Principal, tool: String = "calm") async -> Answer {
            await fixture.engine.answer(fixture.call(path, tool: tool), from: principal, through: "test")
        }

        func incidents() async throws -> [InboxItem] {
            try await fixture.desk.items(InboxQuery(isPendingOnly: true, kind: .incident)).items
        }

        /// A scene in which the agent is paused.
        func sighted() async throws -> InboxItem {
            #expect(await answer("a/\(IncidentTests.key)", from: agent).code == "agent_paused")
            return try #require(try await incidents().first)
        }
    }

    private func scene(settings: [String: JSONValue] = [:]) async throws -> Scene {
        let fixture = try await DeskFixture(settings: settings, honeytokens: Self.tokens)
        return Scene(
            fixture: fixture, agent: try await fixture.principal(.agent, named: "mole"),
            other: try await fixture.principal(.agent, named: "bystander"))
    }

    @Test("does not run, pauses its caller, and is an incident in the inbox")
    func pauses() async throws {
        let scene = try await scene()
        // Control: ordinary calls pass.
        #expect(await scene.answer("a.txt", from: scene.agent).isSuccess)
        let refused = await scene.answer("a/\(Self.key)", from: scene.agent)
        #expect(refused.code == "agent_paused" && !refused.isSuccess)
        #expect(scene.fixture.home.effects == ["a.txt"])
        let item = try #require(try await scene.incidents().first)
        #expect(refused.more["incident_id"] == .string(item.id))
        #expect(item.principal == "mole" && item.kind == .incident && item.expiresAt == .infinity)
        #expect(item.call.arguments["seen_in"] == "arguments" && item.call.arguments["planted_in"] == "home")
        let later = await scene.answer("a.txt", from: scene.agent)
        #expect(later.code == "agent_paused" && later.more["incident_id"] == .string(item.id))
        #expect(scene.fixture.home.effects == ["a.txt"])
    }

    @Test("pauses nobody else, and is one incident however often it is sent")
    func others() async throws {
        let scene = try await scene()
        _ = try await scene.sighted()
        for _ in 0..<5 { #expect(await scene.answer("b/\(Self.key)", from: scene.agent).code == "agent_paused") }
        #expect(try await scene.incidents().count == 1)
        #expect(await scene.answer("a.txt", from: scene.other).isSuccess)
        #expect(await scene.answer("a.txt", from: scene.fixture.person).isSuccess)
    }

    @Test("keeps its caller from asking people, proposing policies and making tasks as well")
    func doors() async throws {
        let scene = try await scene()
        _ = try await scene.sighted()
        let desk = scene.fixture.desk
        for principal in [scene.agent, scene.other] {
            let expected: String? = principal == scene.agent ? "agent_paused" : nil
            var code: String?
            do { _ = try await desk.request(scene.fixture.call(), from: principal) } catch let refusal as Refusal {
                code = refusal.code
            }
            #expect(code == expected)
            code = nil
            do { try scene.fixture.gate.admitTaskChange(from: principal) } catch { code = error.code }
            #expect(code == expected)
        }
    }

    @Test("that only asks a person is one as well")
    func request() async throws {
        let scene = try await scene()
        var call = scene.fixture.call()
        call.reason = "because of \(Self.key)"
        await #expect(throws: Refusal.self) { _ = try await scene.fixture.desk.request(call, from: scene.agent) }
        #expect(try await scene.incidents().count == 1)
        #expect(await scene.answer("a.txt", from: scene.agent).code == "agent_paused")
    }

    @Test("stays paused over a restart, until a person lets it go on")
    func restart() async throws {
        let scene = try await scene()
        let item = try await scene.sighted()
        let next = try await DeskFixture(scene.fixture.home, honeytokens: Self.tokens)
        #expect(next.gate.pauses.pause(of: "mole") == nil)
        try await next.engine.incidents.restore()
        let again = Scene(fixture: next, agent: scene.agent, other: scene.other)
        #expect(await again.answer("a.txt", from: scene.agent).code == "agent_paused")
        #expect(await again.answer("a.txt", from: scene.other).isSuccess)
        let decided = try #require(
            try await next.desk.decide(item.id, InboxDesk.Verdict(isApproved: true, note: "a test"), by: next.person))
        #expect(decided.status == .approved && decided.execution.state == .done)
        #expect(await again.answer("a.txt", from: scene.agent).isSuccess)
        let third = try await DeskFixture(scene.fixture.home, honeytokens: Self.tokens)
        try await third.engine.incidents.restore()
        #expect(third.gate.pauses.pause(of: "mole") == nil)
    }

    @Test("is let go on by a person who decides, and by nobody else")
    func roles() async throws {
        let scene = try await scene()
        let item = try await scene.sighted()
        for principal in [scene.agent, scene.other] {
            #expect(try await scene.fixture.refusal(item, true, by: principal) == "not_entitled")
        }
        #expect(await scene.answer("a.txt", from: scene.agent).code == "agent_paused")
        let approver = try await scene.fixture.principal(.approver)
        #expect(try await scene.fixture.refusal(item, true, by: approver) == nil)
        #expect(await scene.answer("a.txt", from: scene.agent).isSuccess)
        #expect(try await scene.fixture.refusal(item, false) == "already_decided")
        // The next one is a new incident.
        #expect(try await scene.sighted().id != item.id)
    }

    @Test("whose incident is denied has its token revoked")
    func denied() async throws {
        let scene = try await scene()
        let item = try await scene.sighted()
        #expect(try await scene.fixture.refusal(item, false) == nil)
        let record = scene.fixture.authenticator.tokens.first { $0.name == "mole" }
        #expect(record?.revokedAt != nil)
        #expect(scene.fixture.authenticator.tokens.first { $0.name == "bystander" }?.revokedAt == nil)
        let change = try await scene.fixture.changes("change:token").first
        #expect(change?["after"]?["approval_request_id"] == .string(item.id))
    }

    @Test("with a token that cannot be revoked stays paused, and its incident open, when somebody denies it")
    func notRevocable() async throws {
        let scene = try await scene()
        let person = scene.fixture.person
        #expect(await scene.answer("a/\(Self.key)", from: person).code == "agent_paused")
        let item = try #require(try await scene.incidents().first)
        #expect(try await scene.fixture.refusal(item, false) == "token_not_revocable")
        #expect(try await scene.incidents().count == 1)
        #expect(await scene.answer("a.txt", from: person).code == "agent_paused")
        #expect(try await scene.fixture.refusal(item, true) == nil)
        #expect(await scene.answer("a.txt", from: person).isSuccess)
    }

    @Test("takes no standing grant, and never expires")
    func forms() async throws {
        let scene = try await scene()
        let item = try await scene.sighted()
        let grant: JSONValue = ["tool_name": "calm", "args": [:], "uses": 3]
        #expect(try await scene.fixture.refusal(item, true, grant: grant) == "invalid_request")
        scene.fixture.time.advance(by: 100 * 365 * 86_400)
        try await scene.fixture.desk.expire()
        #expect(try await scene.incidents().count == 1)
    }

    @Test("R63: leaves its value neither in the record nor in the inbox nor in the answer, in any encoding")
    func silent() async throws {
        let scene = try await scene()
        let base64 = Data("x\(Self.key)".utf8).base64EncodedString()
        let percent = Self.key.utf8.map { "%" + Hex.encode([$0]) }.joined()
        var texts: [String] = []
        for form in [Self.key, base64, percent] {
            var call = scene.fixture.call("a/\(form)", tool: "calm")
            call.reason = form
            call.agentID = "me-\(Self.key)"
            let answer = await scene.fixture.engine.answer(call, from: scene.agent, through: "test")
            #expect(answer.code == "agent_paused")
            texts.append("\(answer.json)")
        }
        texts += try await scene.incidents().map { "\($0.json)" }
        texts += try await scene.fixture.calls().map { "\($0)" }
        texts += try await scene.fixture.changes("change:approval").map { "\($0)" }
        #expect(texts.count >= 7)
        for text in texts {
            #expect(!text.contains(Self.key) && !text.contains(base64) && !text.contains(percent), "\(text)")
        }
    }

    @Test(
        "pauses its caller also while the store fails, and is filed once when it works again", arguments: [true, false])
    func storeFails(isKept: Bool) async throws {
        let scene = try await scene()
        scene.fixture.state.fail(.init(write: 1, isKept: isKept))
        #expect(await scene.answer("a/\(Self.key)", from: scene.agent).code == "agent_paused")
        #expect(try await scene.incidents().count == (isKept ? 1 : 0))
        #expect(await scene.answer("a.txt", from: scene.agent).code == "agent_paused")
        scene.fixture.state.fail(nil)
        await scene.fixture.engine.incidents.file()
        await scene.fixture.engine.incidents.file()
        #expect(try await scene.incidents().count == 1)
    }

    @Test("passes where honeytokens are switched off")
    func switchedOff() async throws {
        let scene = try await scene(settings: ["honeytokens": false])
        #expect(await scene.answer("a/\(Self.key)", from: scene.agent).isSuccess)
        #expect(try await scene.incidents().isEmpty)
    }
}
