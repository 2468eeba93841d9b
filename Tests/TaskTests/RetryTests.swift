internal import Audit
@testable internal import Engine
internal import Gate
internal import LayerTesting
internal import Synchronization
internal import Testing
internal import ToolKit

@Suite("A step that fails")
struct RetryTests {
    @Test("is tried again after a growing time, and no more often than its task lets it")
    func backoff() async throws {
        let fixture = try await TaskFixture()
        fixture.worker.script { _, number in
            .failed("broken", "it broke at \(["one", "two", "three", "four"][number - 1])")
        }
        let task = try await fixture.create([TaskFixture.step()], maxRetries: 2)
        _ = try await fixture.desk.start(task.id, by: fixture.person)
        for (attempts, wait) in [(1, 1.0), (2, 2.0)] {
            await fixture.desk.goOn()
            #expect(fixture.worker.begun.count == attempts)
            #expect(try await fixture.facts(task).notBefore == fixture.home.time.wall + wait)
            guard case .idle(_, let message) = try await fixture.step(task) else {
                Issue.record("a step")
                return
            }
            #expect(message.contains("tried again"))
            fixture.home.time.advance(by: wait - 0.5)
            await fixture.desk.goOn()
            #expect(fixture.worker.begun.count == attempts)
            fixture.home.time.advance(by: 0.5)
        }
        await fixture.desk.goOn()
        let after = try await fixture.now(task)
        #expect(after.status == .failed && after.note?.contains("broke at three") == true)
        #expect(fixture.worker.begun.count == 3)
    }

    @Test("waits between a half and the whole of its time, five minutes at most")
    func jitter() {
        #expect(TaskDesk.backoff(after: 1, 0) == 0.5 && TaskDesk.backoff(after: 1, 1) == 1)
        #expect(TaskDesk.backoff(after: 5, 0.5) == 12)
        #expect(TaskDesk.backoff(after: 1_000, 1) == 300 && TaskDesk.backoff(after: 1_000, 7) == 300)
    }

    @Test("is tried again after an interruption only when its call may be repeated", arguments: [true, false])
    func interrupted(_ isIdempotent: Bool) async throws {
        let fixture = try await TaskFixture(tools: [WritingTool()])
        fixture.worker.script(.failed("cancelled", "cancelled: the daemon ended the call"), .done)
        let task = try await fixture.create([TaskFixture.step(tool: isIdempotent ? "probe" : "writing")])
        _ = try await fixture.desk.start(task.id, by: fixture.person)
        await fixture.desk.goOn()
        fixture.home.time.advance(by: 600)
        await fixture.desk.goOn()
        #expect(fixture.worker.begun.count == (isIdempotent ? 2 : 1))
        let after = try await fixture.now(task)
        #expect(after.status == (isIdempotent ? .completed : .paused))
        if !isIdempotent { #expect(after.note?.contains("interrupted in the middle") == true) }
    }

    @Test("whose file cannot be looked at is not repeated for that")
    func hidden() async throws {
        let fixture = try await TaskFixture(tools: [WritingTool()])
        let made = try await fixture.authenticator.create(.init(name: "bot", role: .agent, tools: ["writing"])) { _ in }
        let agent = try fixture.authenticator.principal(for: made.token, from: "test")
        let task = try await fixture.create(
            [TaskFixture.step(tool: "writing", expect: ["file": ["path": "a.txt"]])], by: agent)
        _ = try await fixture.desk.start(task.id, by: agent)
        await fixture.desk.goOn()
        fixture.home.time.advance(by: 600)
        await fixture.desk.goOn()
        #expect(fixture.worker.begun.count == 1)
        let after = try await fixture.now(task)
        #expect(after.status == .paused && after.note?.contains("cannot be looked at") == true)
    }

    @Test("keeps its time over a restart")
    func restart() async throws {
        let fixture = try await TaskFixture()
        fixture.worker.script(.failed(), .done)
        let task = try await fixture.create()
        _ = try await fixture.desk.start(task.id, by: fixture.person)
        await fixture.desk.goOn()
        let next = try await fixture.restarted()
        await next.desk.reconcile()
        await next.desk.goOn()
        #expect(next.worker.begun.count == 1)
        next.home.time.advance(by: 1)
        await next.desk.goOn()
        #expect(try await next.now(task).status == .completed)
        await next.log.close()
    }

    @Test("R67: is tried no more often than the configuration lets it, whatever was asked")
    func capped() async throws {
        let fixture = try await TaskFixture(settings: ["max_retries_per_tool": 1])
        fixture.worker.script { _, number in .failed("code\(["a", "b", "c"][min(number, 3) - 1])") }
        let task = try await fixture.create([TaskFixture.step(retries: 100)], maxRetries: 100)
        try await fixture.step(task)
        fixture.home.time.advance(by: 600)
        #expect(try await fixture.step(task).task.status == .failed)
        #expect(fixture.worker.begun.count == 2)
    }

    @Test("in the same way three times in a row pauses its task for a person, even with retries left")
    func same() async throws {
        let fixture = try await TaskFixture(settings: ["max_retries_per_tool": 50])
        fixture.worker.script { _, number in .failed("broken", "line \(number * 17) is wrong") }
        let task = try await fixture.create(maxRetries: 50)
        for _ in 0..<3 {
            try await fixture.step(task)
            fixture.home.time.advance(by: 600)
        }
        let paused = try await fixture.now(task)
        #expect(paused.status == .paused && paused.note?.contains("3 times in a row") == true)
        #expect(try await fixture.facts(task).failure?.count == 3)
        fixture.worker.script(.done)
        _ = try await fixture.desk.resume(task.id, by: fixture.person)
        #expect(try await fixture.step(task).task.status == .completed)
    }

    @Test("in other ways does not, and begins to count anew")
    func other() async throws {
        let fixture = try await TaskFixture(settings: ["max_retries_per_tool": 50])
        fixture.worker.script { _, number in .failed(number == 3 ? "another" : "broken") }
        let task = try await fixture.create(maxRetries: 50)
        for _ in 0..<5 {
            #expect(try await fixture.step(task).task.status == .running)
            fixture.home.time.advance(by: 600)
        }
        #expect(try await fixture.step(task).task.status == .paused)
    }

    @Test(
        "costs no attempt when nothing was wrong with the call",
        arguments: ["rate_limited", "lockdown", "store_unavailable", "audit_unavailable", "inbox_full"])
    func passing(_ code: String) async throws {
        let fixture = try await TaskFixture()
        let retryAfter = code == "rate_limited" ? 30_000 : nil
        fixture.worker.script { _, number in number <= 9 ? .refused(code, retryAfter: retryAfter) : .done }
        let task = try await fixture.create(maxRetries: 0)
        _ = try await fixture.desk.start(task.id, by: fixture.person)
        for _ in 0..<9 {
            await fixture.desk.goOn()
            let facts = try await fixture.facts(task)
            #expect(facts.attempts == 0 && facts.state == .pending)
            let wait = try #require(facts.notBefore) - fixture.home.time.wall
            #expect(wait == (retryAfter == nil ? TaskDesk.patience : 30))
            fixture.home.time.advance(by: wait)
        }
        await fixture.desk.goOn()
        #expect(try await fixture.now(task).status == .completed)
    }

    @Test(
        "because the gate says no is not tried again by itself",
        arguments: ["policy_blocked", "tool_disabled", "token_ended"])
    func refused(_ code: String) async throws {
        let fixture = try await TaskFixture()
        fixture.worker.script(.refused(code, "that may not be"))
        let task = try await fixture.create()
        let after = try await fixture.step(task).task
        #expect(after.status == .failed && after.note?.contains("that may not be") == true)
    }

    @Test("is tried again when somebody asks for it, and its task goes on")
    func retry() async throws {
        let fixture = try await TaskFixture()
        fixture.worker.script(.refused("tool_disabled"), .done)
        let task = try await fixture.create([TaskFixture.step("a"), TaskFixture.step("b")])
        try await fixture.step(task)
        for number in [0, 2, 3, -1] {
            let code = try await fixture.refusal {
                _ = try await fixture.desk.retry(number, of: task.id, by: fixture.person)
            }
            #expect(code == (number == 2 ? "step_not_failed" : "unknown_step"))
        }
        #expect(try await fixture.desk.retry(1, of: task.id, by: fixture.person)?.status == .running)
        try await fixture.step(task)
        #expect(try await fixture.step(task).task.status == .completed)
        let code = try await fixture.refusal { _ = try await fixture.desk.retry(1, of: task.id, by: fixture.person) }
        #expect(code == "step_not_failed")
        #expect(fixture.worker.begun == ["1:probe", "1:probe", "2:probe"])
    }

    private static let expectations: [(JSONValue, JSONValue, Bool)] = [
        (["exit": 0], ["returncode": 0], true), (["exit": 0], ["returncode": 1], false),
        (["exit": [1, 2]], ["returncode": 2], true), (["exit": 0], ["stdout": "x"], false),
        (["text": ["contains": "ok"]], ["stdout": "all ok"], true),
        (["text": ["contains": ["all", "no"]]], ["stdout": "all ok"], false),
        (["text": ["equals": "all ok"]], ["content": "all ok\n"], true),
        (["text": ["equals": "ok"]], ["content": "all ok"], false),
        (["text": ["contains": "\"n\":5"]], ["n": 5], true),
        (["file": ["path": "there.txt"]], [:], true), (["file": ["path": "gone.txt"]], [:], false),
        (["file": ["path": "there.txt", "exists": false]], [:], false),
        (["file": ["path": "gone.txt", "exists": false]], [:], true),
        (["file": ["path": "there.txt", "contains": "hell"]], [:], true),
        (["file": ["path": "there.txt", "contains": "bye"]], [:], false),
        (["file": [["path": "there.txt"], ["path": "gone.txt"]]], [:], false),
        (
            ["exit": 0, "text": ["contains": "ok"], "file": ["path": "gone.txt"]], ["returncode": 0, "stdout": "ok"],
            false
        ),
    ]

    @Test("is one whose call succeeds, and not as it was expected", arguments: expectations)
    func expectation(_ expect: JSONValue, _ result: JSONValue, _ isMet: Bool) async throws {
        let fixture = try await TaskFixture()
        fixture.home.files.withLock { $0 = ["there.txt": "hello"] }
        fixture.worker.script(.done(result))
        let task = try await fixture.create([TaskFixture.step(expect: expect)])
        try await fixture.step(task)
        let facts = try await fixture.facts(task)
        #expect(facts.state == (isMet ? .done : .pending))
        #expect(facts.failure?.code == (isMet ? nil : "expectation_failed"))
    }

    @Test("R53: looks at files through the gate, as whoever made the task")
    func lookThroughGate() async throws {
        let fixture = try await TaskFixture()
        fixture.home.files.withLock { $0 = ["a.txt": "hello"] }
        let agent = try await fixture.authenticator.create(.init(name: "bot", role: .agent, tools: ["probe"])) { _ in }
        let principal = try fixture.authenticator.principal(for: agent.token, from: "test")
        let task = try await fixture.create([TaskFixture.step(expect: ["file": ["path": "a.txt"]])], by: principal)
        try await fixture.step(task)
        #expect(try await fixture.facts(task).failure?.message.contains("may not use filesystem_read") == true)
    }

    @Test("that succeeded, with its result lost, is not repeated unless it may be", arguments: [true, false])
    func recovered(_ isIdempotent: Bool) async throws {
        let fixture = try await TaskFixture(tools: [WritingTool()])
        fixture.worker.script(.init(state: .done, result: ["success": true, "result": nil, "recovered": true]))
        let tool = isIdempotent ? "probe" : "writing"
        let task = try await fixture.create([TaskFixture.step(tool: tool, expect: ["exit": 0])])
        #expect(try await fixture.step(task).task.status == (isIdempotent ? .running : .paused))
    }
}
