internal import Audit
internal import Engine
internal import Gate
internal import Testing
internal import ToolKit

@Suite("A lockdown while calls run")
struct LockdownTests {
    /// A call that runs until it is cancelled.
    private func running(_ fixture: DeskFixture) async throws -> Task<Answer, Never> {
        let (started, start) = AsyncStream<Void>.makeStream()
        fixture.waiting.set {
            start.yield()
            try await Task.sleep(for: .seconds(600))
        }
        let call = Task { await fixture.engine.answer(fixture.call(tool: "calm"), from: fixture.person, through: "t") }
        for await _ in started { break }
        return call
    }

    @Test("ends them, lets nothing new in, and says how many and how long it took")
    func ends() async throws {
        let fixture = try await DeskFixture()
        let call = try await running(fixture)
        let (state, stopped) = try await fixture.administration.setLockdown(
            active: true, reason: "enough", by: fixture.person)
        #expect(state.isActive && stopped?.calls == 1 && stopped?.stillRunning == 0)
        #expect((stopped?.milliseconds ?? 0) > 0)
        #expect(await call.value.code == "cancelled")
        fixture.waiting.set(nil)
        let refused = await fixture.engine.answer(fixture.call(tool: "calm"), from: fixture.person, through: "t")
        #expect(refused.code == "lockdown" && fixture.home.effects.isEmpty)
    }

    @Test("ends an approved call too, which is not run again when it is over")
    func approved() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: fixture.person)
        let (started, start) = AsyncStream<Void>.makeStream()
        fixture.waiting.set {
            start.yield()
            try await Task.sleep(for: .seconds(600))
        }
        async let decided = fixture.approve(item)
        for await _ in started { break }
        _ = try await fixture.administration.setLockdown(active: true, reason: nil, by: fixture.person)
        #expect(try await decided.execution.state == .failed)
        fixture.waiting.set(nil)
        _ = try await fixture.administration.setLockdown(active: false, reason: nil, by: fixture.person)
        await fixture.desk.resume()
        #expect(fixture.home.effects.isEmpty)
    }

    @Test("is started by approvers and ended by operators")
    func roles() async throws {
        let fixture = try await DeskFixture()
        let (agent, approver) = (try await fixture.principal(.agent), try await fixture.principal(.approver))
        await #expect(throws: Refusal.self) {
            _ = try await fixture.administration.setLockdown(active: true, reason: nil, by: agent)
        }
        #expect(try await fixture.administration.setLockdown(active: true, reason: nil, by: approver).state.isActive)
        await #expect(throws: Refusal.self) {
            _ = try await fixture.administration.setLockdown(active: false, reason: nil, by: approver)
        }
        #expect(fixture.gate.lockdown.state.isActive)
    }
}
