internal import Audit
internal import Engine
internal import Gate
internal import LayerTesting
internal import Testing
internal import ToolKit

@Suite("A task that runs on in the background")
struct BackgroundTests {
    private func started(_ fixture: TaskFixture, _ steps: [StepDraft], retries: Int = 3) async throws -> AgentTask {
        let task = try await fixture.create(steps, maxRetries: retries)
        return try #require(try await fixture.desk.start(task.id, by: fixture.person))
    }

    @Test("runs every step in its order, and nothing before it is started")
    func runs() async throws {
        let fixture = try await TaskFixture()
        let task = try await fixture.create((1...20).map { TaskFixture.step("\($0)") })
        await fixture.desk.goOn()
        #expect(fixture.worker.begun.isEmpty)
        _ = try await fixture.desk.start(task.id, by: fixture.person)
        await fixture.desk.goOn()
        #expect(fixture.worker.begun == (1...20).map { "\($0):probe" })
        #expect(try await fixture.now(task).status == .completed)
    }

    @Test("goes on at the right step after three days, two restarts and an approval")
    func threeDays() async throws {
        var fixture = try await TaskFixture()
        fixture.worker.script { run, _ in run.step?.step == 2 ? .waiting : .done }
        let task = try await started(fixture, (1...4).map { TaskFixture.step("\($0)") })
        await fixture.desk.goOn()
        #expect(try await fixture.now(task).status == .waiting)
        let runID = try await fixture.runID(task, 2)
        for _ in 0..<2 {
            fixture.home.time.advance(by: 1.5 * 86_400)
            fixture.home.time.reboot(as: "boot_\(fixture.home.time.wall)")
            fixture = try await fixture.restarted()
            await fixture.desk.reconcile()
            await fixture.desk.goOn()
            #expect(try await fixture.now(task).status == .waiting)
        }
        #expect(fixture.worker.begun == ["1:probe", "2:probe"])
        await fixture.worker.tell(runID, .done)
        await fixture.desk.goOn()
        #expect(fixture.worker.begun == (1...4).map { "\($0):probe" })
        #expect(try await fixture.now(task).status == .completed)
        await fixture.log.close()
    }

    @Test("finds a decision of which nobody told it, when the daemon starts")
    func decidedMeanwhile() async throws {
        let fixture = try await TaskFixture()
        fixture.worker.script(.waiting, .done)
        let task = try await started(fixture, [TaskFixture.step("a"), TaskFixture.step("b")])
        await fixture.desk.goOn()
        fixture.worker.settleSilently(try await fixture.runID(task), .done)
        let next = try await fixture.restarted()
        await next.desk.reconcile()
        await next.desk.goOn()
        #expect(next.worker.begun == ["1:probe", "2:probe"])
        #expect(try await next.now(task).status == .completed)
        await next.log.close()
    }

    @Test("goes on after a restart with the run that was kept and had not begun")
    func queued() async throws {
        let fixture = try await TaskFixture()
        fixture.worker.close(true)
        let task = try await started(fixture, [TaskFixture.step("a"), TaskFixture.step("b")])
        await fixture.desk.goOn()
        let runID = try await fixture.runID(task)
        #expect(fixture.worker.begun.isEmpty)
        let next = try await fixture.restarted()
        next.worker.close(false)
        next.home.time.advance(by: 60)
        await next.desk.goOn()
        #expect(next.worker.begun == ["1:probe", "2:probe"])
        #expect(try await next.runID(task) == runID)
        await next.log.close()
    }

    @Test(
        "ends as failed when a person denies a step, or nobody decides in time",
        arguments: ["approval_denied", "approval_expired"])
    func denied(_ code: String) async throws {
        let fixture = try await TaskFixture()
        fixture.worker.script(.waiting)
        let task = try await started(fixture, [TaskFixture.step("a"), TaskFixture.step("b")])
        await fixture.desk.goOn()
        await fixture.worker.tell(try await fixture.runID(task), .refused(code, "somebody said no"))
        await fixture.desk.goOn()
        let after = try await fixture.now(task)
        #expect(after.status == .failed && after.note?.contains("somebody said no") == true)
        #expect(fixture.worker.begun == ["1:probe"])
    }

    @Test(
        "is held by a step of which nobody knows what it did, until a person says so",
        arguments: ["happened", "retry", "abandon"])
    func indeterminate(_ resolution: String) async throws {
        let fixture = try await TaskFixture()
        fixture.worker.script { run, _ in run.step?.step == 1 ? .indeterminate : .done }
        let task = try await started(fixture, [TaskFixture.step("a", expect: ["exit": 7]), TaskFixture.step("b")])
        await fixture.desk.goOn()
        fixture.home.time.advance(by: 9_000)
        await fixture.desk.goOn()
        let held = try await fixture.now(task)
        #expect(held.status == .waiting && held.note?.contains("nobody knows") == true)
        #expect(fixture.worker.begun == ["1:probe"])
        let runID = try await fixture.runID(task)
        switch resolution {
        case "happened":
            await fixture.worker.tell(
                runID, .init(state: .done, result: ["success": true, "result": nil, "resolution": "happened"]))
            await fixture.desk.goOn()
            #expect(fixture.worker.begun == ["1:probe", "2:probe"])
            #expect(try await fixture.now(task).status == .completed)
        case "retry":
            await fixture.worker.tell(runID, .init(state: .queued, result: nil))
            #expect(try await fixture.now(task).status == .running)
            await fixture.worker.tell(runID, .done(["returncode": 7]))
            await fixture.desk.goOn()
            #expect(try await fixture.now(task).status == .completed)
        default:
            await fixture.worker.tell(
                runID, .init(state: .cancelled, result: ["success": false, "code": "abandoned", "error": "given up"]))
            await fixture.desk.goOn()
            #expect(try await fixture.now(task).status == .failed)
            #expect(fixture.worker.begun == ["1:probe"])
        }
    }

    @Test("stands still during a lockdown, and goes on when it ends")
    func lockdown() async throws {
        let fixture = try await TaskFixture()
        let task = try await started(fixture, [TaskFixture.step("a")])
        _ = try await fixture.administration.setLockdown(active: true, reason: nil, by: fixture.person)
        await fixture.desk.goOn()
        #expect(fixture.worker.begun.isEmpty)
        #expect(try await fixture.now(task).status == .pending)
        _ = try await fixture.administration.setLockdown(active: false, reason: nil, by: fixture.person)
        await fixture.desk.goOn()
        #expect(try await fixture.now(task).status == .completed)
    }

    @Test("begins no further step once it is paused in the middle of one")
    func pausedInTheMiddle() async throws {
        let fixture = try await TaskFixture()
        let task = try await fixture.create([TaskFixture.step("a"), TaskFixture.step("b")])
        let (desk, person) = (fixture.desk, fixture.person)
        fixture.worker.script { run, _ in
            if run.step?.step == 1 { _ = try? await desk.pause(task.id, by: person) }
            return .done
        }
        _ = try await desk.start(task.id, by: person)
        await desk.goOn()
        #expect(fixture.worker.begun == ["1:probe"])
        let paused = try await fixture.now(task)
        #expect(paused.status == .paused && paused.current == 2)
        _ = try await desk.resume(task.id, by: person)
        await desk.goOn()
        #expect(try await fixture.now(task).status == .completed)
    }

    @Test("waits for the next step of an outside planner, and runs it when it comes")
    func outside() async throws {
        let fixture = try await TaskFixture()
        let task = try await started(fixture, [])
        await fixture.desk.goOn()
        #expect(try await fixture.now(task).status == .pending)
        for number in 1...2 {
            _ = try await fixture.desk.append(TaskFixture.step(), to: task.id, by: fixture.person)
            await fixture.desk.goOn()
            #expect(fixture.worker.begun.count == number)
            #expect(try await fixture.now(task).status == .running)
        }
    }

    @Test("runs beside many others, each step of each once")
    func many() async throws {
        let fixture = try await TaskFixture()
        fixture.worker.script { _, _ in
            await Task.yield()
            return .done
        }
        for _ in 0..<40 { _ = try await started(fixture, (1...10).map { TaskFixture.step("\($0)") }) }
        await fixture.desk.goOn()
        #expect(fixture.worker.begun.count == 400)
        let page = try await fixture.desk.tasks(TaskQuery(limit: 100, status: .completed), for: fixture.person)
        #expect(page.listings.count == 40)
    }
}
