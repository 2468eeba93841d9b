internal import Gate
internal import Testing
internal import ToolKit

@Suite("What keeps tasks, in memory or in the database")
struct TaskStoreConformance {
    @Test("gives a task and its steps back with every field", arguments: StateKind.allCases)
    func fields(_ kind: StateKind) async throws {
        try await kind.with { store async throws in
            var task = Sample.task()
            task.isStarted = true
            task.note = "why \u{202E}"
            task.wakeAt = 12.5
            #expect(try await store.insert(task, steps: [Sample.tried(1), Sample.step(2)]))
            #expect(try await store.task("task_1") == task)
            #expect(try await store.step(1, ofTask: "task_1") == Sample.tried(1))
            #expect(try await store.steps(ofTask: "task_1", from: 1, limit: 9) == [Sample.tried(1), Sample.step(2)])
            #expect(try await store.facts(ofTask: "task_1", from: 2, limit: 9) == [Sample.step(2).facts])
        }
    }

    @Test("knows nothing of what is not there", arguments: StateKind.allCases)
    func unknown(_ kind: StateKind) async throws {
        try await kind.with { store async throws in
            #expect(try await store.task("task_1") == nil)
            #expect(try await store.step(1, ofTask: "task_1") == nil)
            #expect(try await store.facts(ofTask: "task_1", from: 1, limit: 9).isEmpty)
            #expect(try await store.change(Sample.task(), steps: [Sample.step()]) == false)
            #expect(try await store.step(1, ofTask: "task_1") == nil)
        }
    }

    @Test("keeps the first of two tasks with one id, and its steps", arguments: StateKind.allCases)
    func twice(_ kind: StateKind) async throws {
        try await kind.with { store async throws in
            #expect(try await store.insert(Sample.task(), steps: [Sample.step()]))
            #expect(try await store.insert(Sample.task(goal: "another"), steps: [Sample.tried()]) == false)
            #expect(try await store.task("task_1") == Sample.task())
            #expect(try await store.step(1, ofTask: "task_1") == Sample.step())
        }
    }

    @Test("changes a task, a step and adds another, and raises the revision", arguments: StateKind.allCases)
    func change(_ kind: StateKind) async throws {
        try await kind.with { store async throws in
            var task = Sample.task()
            #expect(try await store.insert(task, steps: [Sample.step(1), Sample.step(2)]))
            task.status = .paused
            task.isStarted = true
            task.note = "note"
            task.current = 2
            task.stepCount = 3
            task.size = 7
            task.wakeAt = 9
            task.updatedAt = 8
            #expect(try await store.change(task, steps: [Sample.tried(1), Sample.step(3)]))
            task.revision = 1
            #expect(try await store.task("task_1") == task)
            let steps = try await store.steps(ofTask: "task_1", from: 1, limit: 9)
            #expect(steps == [Sample.tried(1), Sample.step(2), Sample.step(3)])
        }
    }

    @Test(
        "R67: lets one of twenty changes of one revision win, with its run and no other's",
        arguments: StateKind.allCases)
    func race(_ kind: StateKind) async throws {
        try await kind.with { store async throws in
            #expect(try await store.insert(Sample.task(), steps: [Sample.step()]))
            let won = try await racers { number in
                var step = Sample.step()
                step.facts.runID = "run_\(number)"
                return try await store.change(Sample.task(), steps: [step], run: Sample.run(number))
            }
            #expect(won == 1)
            var kept: [String] = []
            for number in 0..<20 where try await store.run("run_\(number)") != nil { kept.append("run_\(number)") }
            #expect(kept == [try await store.step(1, ofTask: "task_1")?.facts.runID])
        }
    }

    @Test(
        "keeps a run with the change that points to it, and that it would rather wait than be refused",
        arguments: StateKind.allCases)
    func run(_ kind: StateKind) async throws {
        try await kind.with { store async throws in
            #expect(try await store.insert(Sample.task(), steps: [Sample.step()]))
            #expect(try await store.change(Sample.task(), steps: [], run: Sample.run()))
            let run = try #require(try await store.run("run_1"))
            #expect(run.state == .queued && run.step == TaskPlace(taskID: "task_1", step: 1))
            #expect(run.call == Sample.run().call && run.principal == "bot")
        }
    }

    private static let queries: [TaskQuery] = [
        TaskQuery(limit: 7), TaskQuery(limit: 7, status: .paused), TaskQuery(limit: 7, principal: "bot1"),
        TaskQuery(limit: 7, status: .pending, principal: "bot0"), TaskQuery(limit: 1_000),
        TaskQuery(limit: 7, principal: "nobody"),
    ]

    @Test("gives every filter's tasks page by page, newest first", arguments: StateKind.allCases, queries)
    func pages(_ kind: StateKind, _ query: TaskQuery) async throws {
        try await kind.with { store async throws in
            var all: [String] = []
            for number in 0..<60 {
                let status: AgentTask.Status = number % 3 == 0 ? .paused : .pending
                let task = Sample.task(number, principal: "bot\(number % 4)", status: status)
                #expect(try await store.insert(task, steps: [Sample.step(1), Sample.step(2)]))
                if query.status.map({ $0 == status }) ?? true, query.principal.map({ $0 == task.principal }) ?? true {
                    all.append(task.id)
                }
            }
            var found: [String] = []
            var next = query
            while true {
                let page = try await store.tasks(next)
                #expect(page.listings.count <= query.limit)
                #expect(page.listings.allSatisfy { $0.steps.map(\.number) == [1, 2] })
                found += page.listings.map(\.task.id)
                guard let before = page.next else { break }
                next.before = before
            }
            #expect(found == all.reversed())
        }
    }

    @Test("ends a page early that would grow too large, and loses nothing", arguments: StateKind.allCases)
    func largeTasks(_ kind: StateKind) async throws {
        try await kind.with { store async throws in
            let goal = String(repeating: "x", count: 3 << 20)
            for number in 0..<5 {
                #expect(try await store.insert(Sample.task(number, steps: 0, goal: goal), steps: []))
            }
            var sizes: [Int] = []
            var query = TaskQuery(limit: 1_000)
            while true {
                let page = try await store.tasks(query)
                sizes.append(page.listings.count)
                guard let before = page.next else { break }
                query.before = before
            }
            #expect(sizes == [2, 2, 1])
        }
    }

    @Test("gives as many steps as fit on a page, and shows few in a list", arguments: StateKind.allCases)
    func largeSteps(_ kind: StateKind) async throws {
        try await kind.with { store async throws in
            let text = String(repeating: "x", count: 3 << 20)
            let steps = (1...5).map { Sample.step($0, content: text) } + (6...30).map { Sample.step($0) }
            #expect(try await store.insert(Sample.task(steps: 30), steps: steps))
            #expect(try await store.steps(ofTask: "task_1", from: 1, limit: 99).map(\.number) == [1, 2])
            #expect(try await store.steps(ofTask: "task_1", from: 5, limit: 99).map(\.number) == Array(5...30))
            #expect(try await store.facts(ofTask: "task_1", from: 1, limit: 99).count == 30)
            #expect(try await store.tasks(TaskQuery()).listings.first?.steps.count == TaskQuery.listedSteps)
        }
    }

    @Test("names started tasks that may go on, those first that waited longest", arguments: StateKind.allCases)
    func due(_ kind: StateKind) async throws {
        try await kind.with { store async throws in
            let statuses: [AgentTask.Status] = [.pending, .running, .waiting, .paused, .completed, .running, .pending]
            for (number, status) in statuses.enumerated() {
                var task = Sample.task(number, status: status)
                task.isStarted = number != 6
                task.wakeAt = number == 5 ? 5_000 : 2_000 - Double(number)
                #expect(try await store.insert(task, steps: []))
            }
            #expect(try await store.due(at: 2_000, limit: 9) == ["task_1", "task_0"])
            #expect(try await store.due(at: 2_000, limit: 1) == ["task_1"])
            #expect(try await store.due(at: 5_000, limit: 9) == ["task_1", "task_0", "task_5"])
        }
    }

    @Test(
        "counts what is unfinished and how large everything is, in all and of one caller",
        arguments: StateKind.allCases)
    func load(_ kind: StateKind) async throws {
        try await kind.with { store async throws in
            let none = TaskLoad(tasks: 0, bytes: 0, ofPrincipal: 0, bytesOfPrincipal: 0)
            #expect(try await store.taskLoad(of: "bot") == none)
            for (number, status) in AgentTask.Status.allCases.enumerated() {
                let owner = number == 0 ? "other" : "bot"
                #expect(
                    try await store.insert(Sample.task(number, principal: owner, status: status, size: 10), steps: []))
            }
            #expect(
                try await store.taskLoad(of: "bot")
                    == TaskLoad(tasks: 4, bytes: 70, ofPrincipal: 3, bytesOfPrincipal: 60))
        }
    }

    @Test("forgets the oldest of one caller first, with its runs", arguments: StateKind.allCases)
    func givesWay(_ kind: StateKind) async throws {
        try await kind.with { store async throws in
            for number in 0..<4 {
                let owner = number == 0 ? "other" : "bot"
                let task = Sample.task(number, principal: owner, status: .cancelled, createdAt: 2_000 - Double(number))
                #expect(try await store.insert(task, steps: []))
            }
            let run = Sample.run(task: "task_3")
            try await store.insert(run)
            #expect(try await store.removeFinished(changedBefore: .infinity, of: "bot", limit: 1) == 1)
            let left = try await store.tasks(TaskQuery()).listings.map(\.task.id)
            #expect(left == ["task_2", "task_1", "task_0"])
            #expect(try await store.run(run.id) == nil)
        }
    }

    @Test("forgets what ended long ago, and never what may go on", arguments: StateKind.allCases)
    func forgets(_ kind: StateKind) async throws {
        try await kind.with { store async throws in
            for (number, status) in AgentTask.Status.allCases.enumerated() {
                #expect(try await store.insert(Sample.task(number, status: status), steps: [Sample.step()]))
            }
            #expect(try await store.insert(Sample.task(9, status: .completed, createdAt: 5_000), steps: []))
            #expect(try await store.removeFinished(changedBefore: 2_000, of: nil, limit: 2) == 2)
            #expect(try await store.removeFinished(changedBefore: 2_000, of: nil, limit: 9) == 1)
            let left = try await store.tasks(TaskQuery()).listings.map(\.task)
            #expect(left.count == 5 && left.filter(\.status.isFinished).map(\.id) == ["task_9"])
            #expect(try await store.step(1, ofTask: "task_4") == nil)
        }
    }
}
