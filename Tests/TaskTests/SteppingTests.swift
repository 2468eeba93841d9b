internal import Engine
internal import Gate
internal import Testing
internal import ToolKit

@Suite("A task that is run step by step")
struct SteppingTests {
    @Test("runs one step at a time, and ends with the last")
    func stepByStep() async throws {
        let fixture = try await TaskFixture()
        let task = try await fixture.create([TaskFixture.step("a"), TaskFixture.step("b", tool: "sonde")])
        #expect(task.status == .pending && task.stepCount == 2)
        guard case .stepped(let first, let step) = try await fixture.step(task) else {
            Issue.record("no step")
            return
        }
        #expect(first.status == .running && step.facts.state == .done && step.number == 1)
        #expect(fixture.worker.begun == ["1:probe"])
        #expect(try await fixture.step(task).task.status == .completed)
        #expect(fixture.worker.begun == ["1:probe", "2:probe"])
        guard case .idle(let ended, let message) = try await fixture.step(task) else {
            Issue.record("a step")
            return
        }
        #expect(ended.status == .completed && message.contains("completed"))
        #expect(fixture.worker.begun.count == 2)
    }

    @Test("R67: runs each step once, however many ask at once")
    func concurrently() async throws {
        let fixture = try await TaskFixture()
        fixture.worker.script { _, _ in
            for _ in 0..<20 { await Task.yield() }
            return .done
        }
        let task = try await fixture.create((1...5).map { TaskFixture.step("\($0)") })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { try await fixture.step(task) } }
            try await group.waitForAll()
        }
        #expect(fixture.worker.begun == (1...5).map { "\($0):probe" })
        #expect(try await fixture.now(task).status == .completed)
    }

    @Test("R67: runs each step once when two daemons share the store")
    func twoDesks() async throws {
        let fixture = try await TaskFixture()
        let other = TaskDesk(
            engine: fixture.engine, store: fixture.home.store, findRun: { try await fixture.worker.run($0) },
            working: fixture.worker, authenticator: fixture.authenticator, time: fixture.home.time)
        fixture.worker.script { _, _ in
            for _ in 0..<20 { await Task.yield() }
            return .done
        }
        let task = try await fixture.create((1...3).map { TaskFixture.step("\($0)") })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    _ = try await (number.isMultiple(of: 2) ? fixture.desk : other).step(task.id, by: fixture.person)
                }
            }
            try await group.waitForAll()
        }
        while try await fixture.now(task).status != .completed { _ = try await fixture.step(task) }
        #expect(fixture.worker.begun == (1...3).map { "\($0):probe" })
    }

    @Test("R53: calls as whoever made it, with its goal as the reason, and would rather wait than be refused")
    func call() async throws {
        let fixture = try await TaskFixture()
        let task = try await fixture.create(goal: "because")
        try await fixture.step(task)
        let call = try #require(fixture.worker.calls.first)
        #expect(call.reason == "because" && call.agentID == "label" && call.waitsForApproval)
        #expect(try await fixture.worker.run(fixture.runID(task))?.principal == "operator")
    }

    @Test("runs nothing once the token that made it has ended, and says so")
    func tokenEnded() async throws {
        let fixture = try await TaskFixture()
        let agent = try await fixture.principal(.agent, named: "bot")
        let task = try await fixture.create(by: agent)
        let record = try #require(fixture.authenticator.tokens.first)
        _ = try await fixture.authenticator.revoke(id: record.id) { _ in }
        #expect(try await fixture.step(task).task.status == .failed)
        #expect(fixture.worker.begun.isEmpty)
        #expect(try await fixture.now(task).note?.contains("revoked") == true)
    }

    @Test("runs nothing during a lockdown, stays as it is, and goes on afterwards")
    func lockdown() async throws {
        let fixture = try await TaskFixture()
        let task = try await fixture.create()
        _ = try await fixture.administration.setLockdown(active: true, reason: nil, by: fixture.person)
        #expect(try await fixture.refusal { try await fixture.step(task) } == "lockdown")
        #expect(
            try await fixture.refusal { _ = try await fixture.desk.start(task.id, by: fixture.person) } == "lockdown")
        #expect(try await fixture.now(task) == task)
        _ = try await fixture.administration.setLockdown(active: false, reason: nil, by: fixture.person)
        try await fixture.step(task)
        #expect(try await fixture.now(task).status == .completed)
    }

    @Test("is unknown to other agents, and an operator controls it")
    func owners() async throws {
        let fixture = try await TaskFixture()
        let agent = try await fixture.principal(.agent, named: "bot")
        let other = try await fixture.principal(.agent, named: "spy")
        let viewer = try await fixture.principal(.viewer, named: "eye")
        let task = try await fixture.create(by: agent)
        #expect(try await fixture.desk.task(task.id, for: other) == nil)
        #expect(try await fixture.desk.step(task.id, by: other) == nil)
        #expect(try await fixture.desk.cancel(task.id, by: other) == nil)
        #expect(try await fixture.desk.tasks(TaskQuery(principal: "bot"), for: other).listings.isEmpty)
        #expect(try await fixture.desk.task(task.id, for: viewer) != nil)
        #expect(try await fixture.refusal { _ = try await fixture.desk.step(task.id, by: viewer) } == "not_entitled")
        #expect(try await fixture.desk.pause(task.id, by: fixture.person)?.status == .paused)
        #expect(fixture.worker.begun.isEmpty)
    }

    @Test("is cancelled with what runs, and its steps never run again")
    func cancel() async throws {
        let fixture = try await TaskFixture()
        fixture.worker.script(.waiting)
        let task = try await fixture.create([TaskFixture.step("a"), TaskFixture.step("b")])
        try await fixture.step(task)
        let cancelled = try #require(try await fixture.desk.cancel(task.id, by: fixture.person))
        #expect(cancelled.status == .cancelled)
        #expect(fixture.worker.cancelled == [try await fixture.runID(task)])
        #expect(try await fixture.facts(task).state == .cancelled)
        guard case .idle = try await fixture.step(task) else {
            Issue.record("a step")
            return
        }
        #expect(fixture.worker.begun == ["1:probe"])
        for code in [
            try await fixture.refusal { _ = try await fixture.desk.start(task.id, by: fixture.person) },
            try await fixture.refusal { _ = try await fixture.desk.resume(task.id, by: fixture.person) },
            try await fixture.refusal { _ = try await fixture.desk.pause(task.id, by: fixture.person) },
            try await fixture.refusal {
                _ = try await fixture.desk.append(TaskFixture.step(), to: task.id, by: fixture.person)
            },
        ] { #expect(code == "task_finished") }
    }

    @Test("does not begin a step while it is paused, and goes on where it was")
    func pause() async throws {
        let fixture = try await TaskFixture()
        let task = try await fixture.create([TaskFixture.step("a"), TaskFixture.step("b")])
        try await fixture.step(task)
        #expect(try await fixture.desk.pause(task.id, by: fixture.person)?.status == .paused)
        guard case .idle(_, let message) = try await fixture.step(task) else {
            Issue.record("a step")
            return
        }
        #expect(message.contains("paused"))
        #expect(try await fixture.desk.resume(task.id, by: fixture.person)?.status == .running)
        #expect(try await fixture.step(task).task.status == .completed)
        #expect(fixture.worker.begun == ["1:probe", "2:probe"])
    }

    @Test("takes steps that are appended, and is completed when nothing is left")
    func outside() async throws {
        let fixture = try await TaskFixture()
        let task = try await fixture.create([])
        #expect(task.source == .outside)
        for path in ["a", "b"] {
            _ = try await fixture.desk.append(TaskFixture.step(path), to: task.id, by: fixture.person)
            #expect(try await fixture.step(task).task.status == .running)
        }
        #expect(try await fixture.step(task).task.status == .completed)
        #expect(fixture.worker.begun == ["1:probe", "2:probe"])
    }

    @Test("R67: takes no more steps than its own limit and the configuration's")
    func budget() async throws {
        let fixture = try await TaskFixture(settings: ["max_steps_per_run": 2, "max_retries_per_tool": 1])
        let task = try await fixture.create([], maxSteps: 10_000, maxRetries: 100)
        #expect(task.maxSteps == 2 && task.maxRetries == 1)
        for _ in 0..<2 { _ = try await fixture.desk.append(TaskFixture.step(), to: task.id, by: fixture.person) }
        #expect(
            try await fixture.refusal {
                _ = try await fixture.desk.append(TaskFixture.step(), to: task.id, by: fixture.person)
            } == "step_limit")
        #expect(
            try await fixture.refusal { _ = try await fixture.create((0..<3).map { _ in TaskFixture.step() }) }
                == "steps")
        try fixture.gate.configuration.patch(["max_steps_per_run": 1])
        try await fixture.step(task)
        #expect(try await fixture.step(task).task.status == .paused)
        #expect(fixture.worker.begun == ["1:probe"])
    }

    @Test("tells those who watch of every change")
    func events() async throws {
        let fixture = try await TaskFixture()
        let task = try await fixture.create()
        try await fixture.step(task)
        let statuses = fixture.told.events.map { event in
            (try? JSONReader.read(event.data))?["status"]?.stringValue ?? ""
        }
        #expect(statuses == ["pending", "running", "completed"])
        #expect(fixture.told.events.allSatisfy { $0.name == .task && $0.principal == "operator" })
    }
}
