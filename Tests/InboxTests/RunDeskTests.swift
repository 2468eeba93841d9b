internal import Audit
internal import Engine
internal import Gate
internal import LayerTesting
internal import Synchronization
internal import Testing
internal import ToolKit

/// Runs in the state of a desk.
extension DeskFixture {
    var runs: RunDesk { desk.runs }

    /// A step of a task, queued.
    func step(
        _ path: String = "a.txt", tool: String = "calm", waits: Bool = true, number: Int = 1
    ) async throws -> Run {
        var call = call(path, tool: tool)
        call.waitsForApproval = waits
        let run = Run(
            id: "run_step\(number)", call: call, principal: person.name,
            isIdempotent: gate.catalog.entry(named: tool)?.tool.isIdempotent ?? false,
            step: TaskPlace(taskID: "task_1", step: number), createdAt: time.wall)
        try await state.insert(run)
        return run
    }

    /// A run that was begun by a worker that is gone, with its intent in the audit.
    func lostRun(_ tool: String = "probe") async throws -> Run {
        let run = try await step(tool: tool)
        #expect(try await state.lease(run.id, Sample.lease) != nil)
        #expect(try await state.begin(run.id, token: Sample.lease.token, auditID: "aud_1"))
        try await log.append([
            AuditRecord(
                .intent, auditID: "aud_1",
                fields: ["tool_name": .string(tool), "principal": .string(person.name), "ts": 1])
        ])
        return run
    }

    /// Closes the log as a crash would leave it, and opens everything anew.
    func reborn() async throws -> DeskFixture {
        await log.close()
        return try await DeskFixture(home)
    }
}

@Suite("A step that runs by itself")
struct RunDeskTests {
    @Test("is begun once, recorded, and its end is kept")
    func whole() async throws {
        let fixture = try await DeskFixture()
        let run = try await fixture.step()
        let after = try #require(try await fixture.runs.work(on: run.id))
        #expect(after.state == .done && after.beginnings == 1 && after.result?["success"] == true)
        #expect(try await fixture.state.run(run.id) == after)
        let entry = try #require(try await fixture.log.entry(after.auditID ?? ""))
        #expect(entry["door"] == "task" && entry["status"] == "ok")
        #expect(try await fixture.runs.work(on: run.id) == after)
        #expect(fixture.home.effects == ["a.txt"])
    }

    @Test("is begun once by twenty who ask for it at the same time")
    func twenty() async throws {
        let fixture = try await DeskFixture()
        let run = try await fixture.step()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try? await fixture.runs.work(on: run.id) } }
        }
        #expect(fixture.home.effects == ["a.txt"])
        #expect(try await fixture.state.run(run.id)?.beginnings == 1)
    }

    @Test("waits for a person where it needs one, goes on when that person agrees, and says so")
    func parked() async throws {
        let fixture = try await DeskFixture()
        let told = Mutex<[RunState]>([])
        fixture.runs.observe { run in told.withLock { $0.append(run.state) } }
        let run = try await fixture.step(tool: "probe")
        let waiting = try #require(try await fixture.runs.work(on: run.id))
        #expect(waiting.state == .waiting && fixture.home.effects.isEmpty)
        let item = try #require(try await fixture.desk.item(ofRun: run.id))
        #expect(item.kind == .taskStep && item.step == run.step && item.status == .pending)
        #expect(item.json["task_id"] == "task_1" && item.json["request_type"] == "task_step")
        #expect(try await fixture.approve(item).execution.state == .done)
        #expect(fixture.home.effects == ["a.txt"])
        #expect(told.withLock { $0 } == [.done])
    }

    @Test("is refused when the person says no, and whoever looks after the task is told", arguments: [true, false])
    func denied(_ expires: Bool) async throws {
        let fixture = try await DeskFixture()
        let told = Mutex<[RunState]>([])
        fixture.runs.observe { run in told.withLock { $0.append(run.state) } }
        let run = try await fixture.step(tool: "probe")
        _ = try await fixture.runs.work(on: run.id)
        if expires {
            fixture.time.advance(by: 8 * 86_400)
            try await fixture.desk.expire()
        } else {
            let item = try #require(try await fixture.desk.item(ofRun: run.id))
            _ = try await fixture.decide(item, false)
        }
        #expect(told.withLock { $0 } == [.refused])
        #expect(fixture.home.effects.isEmpty)
    }

    @Test("is refused with the gate's reason")
    func refused() async throws {
        let fixture = try await DeskFixture()
        let run = try await fixture.step(tool: "asleep")
        let after = try #require(try await fixture.runs.work(on: run.id))
        #expect(after.state == .refused && after.result?["code"] == "tool_disabled")
    }

    @Test("stays queued during a lockdown")
    func lockdown() async throws {
        let fixture = try await DeskFixture()
        let run = try await fixture.step()
        _ = try await fixture.administration.setLockdown(active: true, reason: nil, by: fixture.person)
        #expect(try await fixture.runs.work(on: run.id)?.state == .queued)
        _ = try await fixture.administration.setLockdown(active: false, reason: nil, by: fixture.person)
        #expect(try await fixture.runs.work(on: run.id)?.state == .done)
    }

    private static let faults = (1...3).flatMap { write in
        [FailingState.Fault(write: write, isKept: false), FailingState.Fault(write: write, isKept: true)]
    }

    /// Taking, beginning and ending each write once.
    @Test("is begun once whichever write fails, kept or not", arguments: faults, [true, false])
    func failingWrite(_ fault: FailingState.Fault, _ restarts: Bool) async throws {
        var fixture = try await DeskFixture()
        let run = try await fixture.step(tool: "shell_exec")
        fixture.state.fail(fault)
        _ = try? await fixture.runs.work(on: run.id)
        fixture.state.fail(nil)
        if restarts { fixture = try await fixture.reborn() }
        await fixture.runs.sweep()
        let after = try #require(try await fixture.state.run(run.id))
        if after.state == .queued { #expect(try await fixture.runs.work(on: run.id)?.state == .done) }
        #expect(try await fixture.state.run(run.id)?.state == .done)
        #expect(fixture.home.effects == ["a.txt"])
    }
}

@Suite("A run of which nobody knows how it ended")
struct LostRunTests {
    private func asked(_ fixture: DeskFixture) async throws -> (DeskFixture, InboxItem) {
        let run = try await fixture.lostRun()
        let next = try await fixture.reborn()
        await next.runs.sweep()
        #expect(try await next.state.run(run.id)?.state == .indeterminate)
        return (next, try #require(try await next.desk.item(ofRun: run.id)))
    }

    private func resolve(
        _ fixture: DeskFixture, _ item: InboxItem, _ resolution: InboxItem.Resolution
    ) async throws -> InboxItem? {
        try await fixture.desk.decide(
            item.id, InboxDesk.Verdict(resolution, note: "looked"), by: fixture.person)
    }

    @Test("is asked about in the inbox, without a time that ends")
    func item() async throws {
        let (fixture, item) = try await asked(try await DeskFixture())
        #expect(item.kind == .indeterminate && item.status == .pending && item.json["expires_at"] == .null)
        #expect(item.plan["audit_id"] == "aud_1")
        fixture.time.advance(by: 400 * 86_400)
        try await fixture.desk.expire()
        #expect(try await fixture.desk.item(item.id)?.status == .pending)
        await fixture.runs.sweep()
        #expect(try await fixture.desk.items(InboxQuery()).items.count == 1)
        #expect(fixture.home.effects.isEmpty)
    }

    @Test("is done when a person says that it happened, and does not run")
    func happened() async throws {
        let (fixture, item) = try await asked(try await DeskFixture())
        let after = try #require(try await resolve(fixture, item, .happened))
        #expect(after.execution.state == .done && after.execution.result?["resolution"] == "happened")
        #expect(fixture.home.effects.isEmpty)
        let change = try #require(try await fixture.changes("change:approval").first)
        #expect(change["after"]?["resolution"] == "happened" && change["principal"] == .string(fixture.person.name))
    }

    @Test("runs again when a person says so, once")
    func retry() async throws {
        let (fixture, item) = try await asked(try await DeskFixture())
        let after = try #require(try await resolve(fixture, item, .retry))
        #expect(after.execution.state == .done && fixture.home.effects == ["a.txt"])
        #expect(try await fixture.state.run(item.execution.runID)?.beginnings == 2)
        await #expect(throws: Refusal.self) { _ = try await resolve(fixture, item, .retry) }
        #expect(fixture.home.effects == ["a.txt"])
    }

    @Test("is called off when a person gives it up")
    func abandon() async throws {
        let (fixture, item) = try await asked(try await DeskFixture())
        let after = try #require(try await resolve(fixture, item, .abandon))
        #expect(after.execution.state == .cancelled && after.execution.result?["code"] == "abandoned")
        #expect(fixture.home.effects.isEmpty)
    }

    @Test("is not settled by an approval, nor an approval by a resolution")
    func mixedUp() async throws {
        let (fixture, item) = try await asked(try await DeskFixture())
        await #expect(throws: Refusal.self) { _ = try await fixture.approve(item) }
        let other = try await fixture.waitingItem("b.txt", from: fixture.person)
        await #expect(throws: Refusal.self) { _ = try await resolve(fixture, other, .happened) }
        #expect(try await fixture.desk.item(item.id)?.status == .pending)
        #expect(try await fixture.desk.item(other.id)?.status == .pending)
    }

    @Test("is lost again, and asked about again, when the daemon dies in the repeat")
    func again() async throws {
        let (fixture, item) = try await asked(try await DeskFixture())
        let decision = InboxItem.Decision(
            isApproved: true, by: "operator", at: fixture.time.wall, note: nil, resolution: .retry)
        #expect(try await fixture.state.decide(item.id, decision, grant: nil, result: nil))
        let next = Run.Lease(token: "lse_next", expiresAt: 9_000)
        #expect(try await fixture.state.lease(item.execution.runID, next) != nil)
        #expect(try await fixture.state.begin(item.execution.runID, token: next.token, auditID: "aud_2"))
        try await fixture.log.append([
            AuditRecord(.intent, auditID: "aud_2", fields: ["tool_name": "probe", "principal": "operator", "ts": 2])
        ])
        let last = try await fixture.reborn()
        await last.runs.sweep()
        let items = try await last.desk.items(InboxQuery()).items
        #expect(items.map(\.status) == [.pending, .approved] && items.map(\.kind) == [.indeterminate, .indeterminate])
        #expect(last.home.effects.isEmpty)
    }
}

@Suite("A run that is called off")
struct CalledOffRunTests {
    @Test("never begins when it waits for a person, and nobody is asked any more")
    func waiting() async throws {
        let fixture = try await DeskFixture()
        let run = try await fixture.step(tool: "probe")
        _ = try await fixture.runs.work(on: run.id)
        let item = try #require(try await fixture.desk.item(ofRun: run.id))
        #expect(try await fixture.runs.cancel(run.id, reason: "the task was cancelled")?.state == .cancelled)
        #expect(try await fixture.refusal(item) == "already_decided")
        #expect(try await fixture.desk.item(item.id)?.status == .withdrawn)
        #expect(fixture.home.effects.isEmpty)
    }

    @Test("never begins when it is queued")
    func queued() async throws {
        let fixture = try await DeskFixture()
        let run = try await fixture.step()
        #expect(try await fixture.runs.cancel(run.id, reason: "enough")?.state == .cancelled)
        #expect(try await fixture.runs.work(on: run.id)?.state == .cancelled)
        #expect(fixture.home.effects.isEmpty)
    }

    @Test("is ended in the middle, and recorded as such")
    func running() async throws {
        let fixture = try await DeskFixture()
        let run = try await fixture.step()
        let (started, start) = AsyncStream<Void>.makeStream()
        fixture.waiting.set {
            start.yield()
            try await Task.sleep(for: .seconds(600))
        }
        async let worked = fixture.runs.work(on: run.id)
        for await _ in started { break }
        let cancelled = try #require(try await fixture.runs.cancel(run.id, reason: "enough"))
        #expect(cancelled.state == .cancelled && cancelled.result?["code"] == "cancelled")
        #expect(try await worked?.state == .cancelled)
        #expect(try await fixture.log.entry(cancelled.auditID ?? "")?["status"] == "cancelled")
    }

    @Test("is queued again instead when the daemon stops and the call may be repeated", arguments: [true, false])
    func stopped(_ isIdempotent: Bool) async throws {
        let fixture = try await DeskFixture(settings: ["approval_mode": "auto"])
        let run = try await fixture.step(tool: isIdempotent ? "calm" : "probe")
        let (started, start) = AsyncStream<Void>.makeStream()
        fixture.waiting.set {
            start.yield()
            try await Task.sleep(for: .seconds(600))
        }
        async let worked = fixture.runs.work(on: run.id)
        for await _ in started { break }
        await fixture.runs.stop()
        #expect(try await worked?.state == (isIdempotent ? .queued : .failed))
        #expect(try await fixture.state.run(run.id)?.state == (isIdempotent ? .queued : .failed))
    }

    @Test("is given up when nobody knows how it ended, and nobody is asked any more")
    func unknown() async throws {
        let fixture = try await DeskFixture()
        let run = try await fixture.lostRun()
        let next = try await fixture.reborn()
        await next.runs.sweep()
        let item = try #require(try await next.desk.item(ofRun: run.id))
        #expect(try await next.runs.cancel(run.id, reason: "the task was cancelled")?.state == .cancelled)
        #expect(try await next.desk.item(item.id)?.status == .withdrawn)
        await #expect(throws: Refusal.self) {
            _ = try await next.desk.decide(item.id, InboxDesk.Verdict(.retry), by: next.person)
        }
        #expect(next.home.effects.isEmpty)
    }

    @Test("stays as it ended when it ended before")
    func ended() async throws {
        let fixture = try await DeskFixture()
        let run = try await fixture.step()
        _ = try await fixture.runs.work(on: run.id)
        #expect(try await fixture.runs.cancel(run.id, reason: "late")?.state == .done)
        #expect(try await fixture.runs.cancel("run_nobody", reason: "late") == nil)
    }
}
