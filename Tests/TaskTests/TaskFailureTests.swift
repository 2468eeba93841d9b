internal import Audit
internal import Engine
internal import Gate
internal import LayerTesting
internal import Testing
internal import ToolKit

@Suite("A task whose store fails once")
struct TaskFailureTests {
    private static let faults = (1...7).flatMap { write in
        [FailingTasks.Fault(write: write, isKept: false), FailingTasks.Fault(write: write, isKept: true)]
    }

    /// Making it writes once, starting it once, each of two steps twice, and a look aside once.
    @Test(
        "R67: loses nothing and begins nothing twice, whichever write it is and whether it was kept", arguments: faults)
    func once(_ fault: FailingTasks.Fault) async throws {
        let fixture = try await TaskFixture()
        try await run(fixture, fault)
        await fixture.desk.goOn()
        fixture.home.time.advance(by: 600)
        await fixture.desk.goOn()
        try await check(fixture)
    }

    @Test("R67: and then the daemon, loses nothing and begins nothing twice", arguments: faults)
    func thenTheDaemon(_ fault: FailingTasks.Fault) async throws {
        let fixture = try await TaskFixture()
        try await run(fixture, fault)
        fixture.home.store.fail(nil)
        let next = try await fixture.restarted()
        next.home.time.advance(by: 600)
        await next.desk.reconcile()
        await next.desk.goOn()
        try await check(next)
        await next.log.close()
    }

    private func run(_ fixture: TaskFixture, _ fault: FailingTasks.Fault) async throws {
        fixture.home.store.fail(fault)
        var task: AgentTask?
        for _ in 0..<2 where task == nil {
            task = try? await fixture.create([TaskFixture.step("a"), TaskFixture.step("b")])
            if task == nil { #expect(fault.write == 1) }
        }
        let id = try #require(task).id
        for _ in 0..<2 {
            if let started = try? await fixture.desk.start(id, by: fixture.person), started.isStarted { break }
        }
        await fixture.desk.goOn()
    }

    private func check(_ fixture: TaskFixture) async throws {
        // One that was made and could not be answered waits for somebody who starts it.
        let tasks = try await fixture.desk.tasks(TaskQuery(), for: fixture.person).listings.map(\.task)
        #expect(tasks.filter(\.isStarted).map(\.status) == [.completed])
        #expect(tasks.count <= 2 && fixture.worker.begun == ["1:probe", "2:probe"])
    }

    @Test("is told of in a sentence by whoever asks while the store is held, and nothing runs")
    func held() async throws {
        let fixture = try await TaskFixture()
        let task = try await fixture.create()
        fixture.home.store.lock(true)
        await #expect(throws: StoreUnavailable.self) { _ = try await fixture.create() }
        await #expect(throws: StoreUnavailable.self) { _ = try await fixture.step(task) }
        await #expect(throws: StoreUnavailable.self) { _ = try await fixture.desk.cancel(task.id, by: fixture.person) }
        await fixture.desk.goOn()
        #expect(fixture.worker.begun.isEmpty)
        fixture.home.store.lock(false)
        #expect(try await fixture.step(task).task.status == .completed)
    }
}
