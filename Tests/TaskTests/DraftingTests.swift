internal import Engine
internal import Gate
internal import LayerTesting
internal import Testing
internal import ToolKit

@Suite("A task that is asked for")
struct DraftingTests {
    @Test(
        "R67: is refused with the field that is wrong",
        arguments: [
            (0, 3, "max_steps"), (-1, 3, "max_steps"), (10_001, 3, "max_steps"), (Int.max, 3, "max_steps"),
            (50, -1, "max_retries"), (50, 101, "max_retries"), (Int.min, Int.max, "max_retries max_steps"),
        ])
    func limits(_ steps: Int, _ retries: Int, _ fields: String) async throws {
        let fixture = try await TaskFixture()
        let code = try await fixture.refusal { _ = try await fixture.create(maxSteps: steps, maxRetries: retries) }
        #expect(code == fields)
        #expect(try await fixture.desk.tasks(TaskQuery(), for: fixture.person).listings.isEmpty)
    }

    @Test("is refused when a step names a tool that nobody knows, with the nearest name")
    func unknownTool() async throws {
        let fixture = try await TaskFixture()
        do {
            _ = try await fixture.create([TaskFixture.step(), TaskFixture.step(tool: "prob")])
            Issue.record("it was made")
        } catch let problems as ArgumentProblems {
            #expect(problems.problems.map(\.field) == ["steps[1].tool_name"])
            #expect(problems.description.contains("did you mean \"probe\"?"))
        }
    }

    @Test("is refused with every argument that is wrong")
    func arguments() async throws {
        let fixture = try await TaskFixture()
        let steps = [
            StepDraft(toolName: "probe", arguments: ["path": 5, "lout": true]),
            StepDraft(toolName: "probe", arguments: ["path": "/etc/passwd"]),
        ]
        let code = try await fixture.refusal { _ = try await fixture.create(steps) }
        #expect(code == "steps[0].args.lout steps[0].args.path steps[1].args.path")
    }

    @Test(
        "is refused with an expectation that says nothing, or nothing that is understood",
        arguments: [
            ([:], "expect"), ([1], "expect"), (["exit": "0"], "expect.exit"), (["exit": []], "expect.exit"),
            (["text": [:]], "expect.text"), (["text": ["matches": "a+"]], "expect.text.matches"),
            (["text": ["contains": ""]], "expect.text.contains"), (["file": [:]], "expect.file.path"),
            (["file": ["path": "../x"]], "expect.file.path"),
            (["file": ["path": "x", "exists": false, "contains": "y"]], "expect.file.contains"),
            (["file": [["path": "x"], ["exists": true]]], "expect.file[1].path"), (["exti": 0], "expect.exti"),
        ] as [(JSONValue, String)])
    func expectations(_ expect: JSONValue, _ field: String) async throws {
        let fixture = try await TaskFixture()
        let code = try await fixture.refusal { _ = try await fixture.create([TaskFixture.step(expect: expect)]) }
        #expect(code == "steps[0].\(field)")
    }

    @Test("is refused without a goal, and with one that is too long")
    func goal() async throws {
        let fixture = try await TaskFixture()
        for goal in ["", String(repeating: "x", count: 4_097), "a\u{0}b"] {
            #expect(try await fixture.refusal { _ = try await fixture.create(goal: goal) } == "goal")
        }
    }

    @Test("is refused beyond what may be unfinished, and passes once something has ended")
    func load() async throws {
        let fixture = try await TaskFixture()
        let state = fixture.home.store.state
        for number in 0..<TaskLimits.tasksPerPrincipal {
            _ = try await state.insert(Sample.task(number, principal: "operator", size: 1), steps: [])
        }
        #expect(try await fixture.refusal { _ = try await fixture.create() } == "tasks_full")
        var ended = Sample.task(1, principal: "operator", size: 1)
        ended.status = .cancelled
        #expect(try await state.change(ended))
        #expect(try await fixture.refusal { _ = try await fixture.create() } == nil)
    }

    private static let plans: [(String, [String])] = [
        ("look around", ["git_status", "repo_scan"]), ("run the TESTS", ["git_status", "run_tests"]),
        ("build it", ["git_status", "run_tests"]),
        ("e2e at http://localhost:3000/app.", ["git_status", "repo_scan", "browser_e2e_runner"]),
        ("the guidelines", ["git_status", "repo_scan"]), ("check the ui", ["git_status", "repo_scan"]),
    ]

    @Test("is planned by its goal when nobody gave it steps", arguments: plans)
    func planned(_ goal: String, _ tools: [String]) async throws {
        let names = ["git_status", "repo_scan", "run_tests", "browser_e2e_runner"]
        let fixture = try await TaskFixture(tools: names.map { ProbeTool($0) })
        let task = try await fixture.create(nil, goal: goal)
        #expect(task.source == .builtIn)
        let facts = try await fixture.home.store.facts(ofTask: task.id, from: 1, limit: 9)
        #expect(facts.map(\.toolName) == tools)
        #expect((task.note != nil) == goal.hasSuffix("ui"))
    }

    @Test("says what its plan leaves out where a tool is not there")
    func leftOut() async throws {
        let fixture = try await TaskFixture(tools: [ProbeTool("git_status"), ProbeTool("repo_scan")])
        let task = try await fixture.create(nil, goal: "open https://example.org in the browser")
        #expect(task.stepCount == 2 && task.note?.contains("browser_e2e_runner") == true)
    }
}
