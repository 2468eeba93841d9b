internal import Engine
internal import Gate
internal import LayerTesting
internal import Synchronization
internal import Testing
internal import ToolKit

@Suite("Playbooks that people keep")
struct KeepingTests {
    @Test("are made and deleted by operators, and by nobody else", arguments: [Role.agent, .viewer, .approver])
    func roles(_ role: Role) async throws {
        let fixture = try await DeskFixture()
        let playbook = try await fixture.add(DeskFixture.definition())
        let other = try await fixture.gates.principal(role, named: "other")
        #expect(
            try await fixture.refusal { _ = try await fixture.add(DeskFixture.definition("two"), by: other) }
                == "not_entitled")
        #expect(
            try await fixture.refusal { _ = try await fixture.desk.remove(playbook.id, by: other) } == "not_entitled")
        #expect(try await fixture.desk.entry(playbook.id, by: other)?.playbook == playbook)
        #expect(try await fixture.desk.remove(playbook.id, by: fixture.person) == playbook)
        #expect(try await fixture.desk.entry(playbook.id, by: fixture.person) == nil)
    }

    @Test("are in the record with who made and deleted them, and without their contents")
    func recorded() async throws {
        let fixture = try await DeskFixture()
        var definition = DeskFixture.definition()
        definition.steps[0].arguments["path"] = "{file}-very-private"
        let playbook = try await fixture.add(definition)
        _ = try await fixture.desk.remove(playbook.id, by: fixture.person)
        let changes = try await fixture.changes()
        #expect(changes.count == 2)
        #expect(changes[1]["after"]?["playbook_id"] == .string(playbook.id) && changes[1]["principal"] == "operator")
        #expect(changes[0]["before"]?["name"] == "one" && changes[0]["after"]?["deleted"] == true)
        #expect(!changes.description.contains("very-private"))
    }

    @Test("have names of their own, also beside those that come with the daemon")
    func names() async throws {
        let fixture = try await DeskFixture()
        _ = try await fixture.add(DeskFixture.definition("one"))
        for name in ["one", "ONE", "check-a-change"] {
            #expect(
                try await fixture.refusal { _ = try await fixture.add(DeskFixture.definition(name)) } == "name_taken")
        }
        #expect(try await fixture.changes().count == 1)
    }

    @Test("that come with the daemon are listed and cannot be deleted")
    func builtIn() async throws {
        let fixture = try await DeskFixture()
        let list = try await fixture.desk.list(.init(), by: fixture.person)
        #expect(list.map(\.playbook.id) == ["pb_check_a_change", "pb_repository_overview"])
        #expect(list[0].json["built_in"] == true)
        #expect(
            try await fixture.refusal { _ = try await fixture.desk.remove("pb_check_a_change", by: fixture.person) }
                == "built_in_playbook")
        #expect(try await fixture.desk.remove("pb_unknown", by: fixture.person) == nil)
        #expect(try await fixture.desk.remove("pb/../x", by: fixture.person) == nil)
    }

    private static let oneFault = [
        FailingPlaybooks.Fault(write: 1, isKept: false), FailingPlaybooks.Fault(write: 1, isKept: true),
    ]

    @Test("are kept or not, as they are told, when the store fails once", arguments: oneFault)
    func faults(_ fault: FailingPlaybooks.Fault) async throws {
        let fixture = try await DeskFixture()
        fixture.store.fail(fault)
        let refused = try await fixture.refusal { _ = try await fixture.add(DeskFixture.definition()) }
        fixture.store.fail(nil)
        #expect((refused == nil) == fault.isKept)
        #expect(try await fixture.store.playbooks().count == (fault.isKept ? 1 : 0))
        #expect((try await fixture.changes().first?["after"]?["retracted"] != nil) == !fault.isKept)
        let playbook = try await fixture.add(DeskFixture.definition("two"))
        fixture.store.fail(fault)
        let kept = try await fixture.refusal { _ = try await fixture.desk.remove(playbook.id, by: fixture.person) }
        #expect((kept == nil) == fault.isKept)
        #expect((try await fixture.store.playbook(playbook.id) == nil) == fault.isKept)
    }

    @Test("are ordered by how they fared, by use, by age and by name")
    func order() async throws {
        let fixture = try await DeskFixture()
        // One lucky run, many good ones, many bad ones, none at all.
        let courses: [(String, Int, Int)] = [("lucky", 1, 0), ("steady", 20, 1), ("bad", 1, 9), ("unused", 0, 0)]
        for (number, course) in courses.enumerated() {
            var statistics = PlaybookStatistics()
            (statistics.successes, statistics.failures) = (course.1, course.2)
            let playbook = Playbook(
                id: "pb_\(number)", definition: DeskFixture.definition(course.0), createdBy: "ann",
                createdAt: Double(100 - number))
            _ = try await fixture.store.insert(playbook, statistics)
        }
        func names(_ order: PlaybookDesk.Query.Order) async throws -> [String] {
            var query = PlaybookDesk.Query()
            query.order = order
            return try await fixture.desk.list(query, by: fixture.person)
                .filter { !$0.playbook.isBuiltIn }.map(\.playbook.definition.name)
        }
        #expect(try await names(.best) == ["steady", "lucky", "unused", "bad"])
        #expect(try await names(.used) == ["steady", "bad", "lucky", "unused"])
        #expect(try await names(.newest) == ["lucky", "steady", "bad", "unused"])
        #expect(try await names(.name) == ["bad", "lucky", "steady", "unused"])
        var query = PlaybookDesk.Query()
        query.category = "overview"
        #expect(try await fixture.desk.list(query, by: fixture.person).map(\.playbook.id) == ["pb_repository_overview"])
        query = .init()
        query.tag = "tests"
        #expect(try await fixture.desk.list(query, by: fixture.person).map(\.playbook.id) == ["pb_check_a_change"])
    }
}

@Suite("A playbook that is run")
struct RunningTests {
    @Test("is a task of its steps, with the variables filled in and retries within the configuration")
    func draft() async throws {
        let fixture = try await DeskFixture()
        let playbook = try await fixture.add(DeskFixture.definition())
        let agent = try await fixture.gates.principal(.agent, named: "bot")
        fixture.gates.time.advance(by: 1)
        let execution = try await fixture.run(playbook.id, by: agent)
        #expect(execution.json["success"] == true && execution.json["status"] == "completed")
        #expect(execution.json["execution_id"] == "tsk_1" && execution.json["playbook_id"] == .string(playbook.id))
        #expect(execution.json["steps_executed"] == 2 && execution.json["steps_total"] == 2)
        let results = execution.json["results"]?.arrayValue ?? []
        #expect(results.map { $0["step_index"] } == [0, 1])
        #expect(results.allSatisfy { $0["success"] == true && $0["tool_name"] == "probe" && $0["attempts"] == 1 })
        #expect(results[0]["result"] == ["touched": true] && results[0]["error"] == .null)
        let draft = try #require(fixture.runner.state.withLock { $0.drafts.first })
        #expect(draft.goal == "playbook one" && draft.maxSteps == 2 && draft.playbookID == playbook.id)
        #expect(draft.steps?.map(\.arguments) == [["path": "a.txt", "loud": true], ["path": "a.txt", "loud": false]])
        #expect(draft.steps?.map(\.maxRetries) == [3, 0])
        let statistics = try await fixture.statistics(playbook.id)
        #expect(
            statistics.successes == 1 && statistics.failures == 0 && statistics.lastRunAt == fixture.gates.time.wall)
    }

    @Test("stops at the step that fails, and says which")
    func failed() async throws {
        let fixture = try await DeskFixture()
        let playbook = try await fixture.add(DeskFixture.definition("one", 3))
        fixture.runner.state.withLock { $0.script[2] = .stopped(status: "failed") }
        let json = try await fixture.run(playbook.id).json
        #expect(json["success"] == false && json["status"] == "failed" && json["steps_executed"] == 2)
        #expect(json["detail"] == "step 2 failed")
        let last = json["results"]?.arrayValue?.last
        #expect(last?["error"] == "no such file" && last?["attempts"] == 3 && last?["code"] == "not_found")
        #expect(try await fixture.statistics(playbook.id).failures == 1)
    }

    @Test("goes on by itself when a step waits for a person, and counts when that has ended")
    func waiting() async throws {
        let fixture = try await DeskFixture()
        let playbook = try await fixture.add(DeskFixture.definition())
        fixture.runner.state.withLock { $0.script[2] = .waits(itemID: "req_7") }
        let json = try await fixture.run(playbook.id).json
        #expect(json["success"] == false && json["status"] == "waiting_approval")
        #expect(json["approval_request_id"] == "req_7" && json["execution_id"] == "tsk_1")
        #expect(json["steps_executed"] == 1)
        #expect(fixture.runner.state.withLock { $0.started } == ["tsk_1"])
        #expect(try await fixture.statistics(playbook.id).runs == 0)
        for _ in 0..<3 { await fixture.desk.ended("tsk_1", isSuccess: true) }
        #expect(try await fixture.statistics(playbook.id).successes == 1)
        await fixture.desk.ended("tsk_9", isSuccess: false)
        #expect(try await fixture.store.playbookStatistics().count == 1)
    }

    @Test("is not counted while it is paused")
    func paused() async throws {
        let fixture = try await DeskFixture()
        let playbook = try await fixture.add(DeskFixture.definition())
        fixture.runner.state.withLock { $0.script[1] = .stopped(status: "paused") }
        #expect(try await fixture.run(playbook.id).json["status"] == "paused")
        #expect(try await fixture.statistics(playbook.id).runs == 0)
    }

    @Test(
        "runs nothing when anything about its variables is wrong, and names it",
        arguments: [
            ([:], "variables.file has no value"), (["file": 5], "variables.file must be a string, not an integer"),
            (["file": "a", "fil": 1], "did you mean \"file\"?"),
            (["file": "../a"], "steps[0].args.path lies outside the workspace"),
        ] as [([String: JSONValue], String)])
    func wrongVariables(_ variables: [String: JSONValue], _ problem: String) async throws {
        let fixture = try await DeskFixture()
        let playbook = try await fixture.add(DeskFixture.definition())
        let refused = try await fixture.refusal { _ = try await fixture.run(playbook.id, variables) }
        #expect(refused?.contains(problem) == true, "\(refused ?? "")")
        #expect(fixture.runner.state.withLock { $0.drafts.isEmpty })
    }

    @Test("runs nothing for a viewer, under a lockdown, beyond max_steps_per_run, or without anything that runs tasks")
    func refused() async throws {
        let fixture = try await DeskFixture()
        let playbook = try await fixture.add(DeskFixture.definition("one", 3))
        let viewer = try await fixture.gates.principal(.viewer, named: "eye")
        #expect(try await fixture.refusal { _ = try await fixture.run(playbook.id, by: viewer) } == "not_entitled")
        try fixture.gates.gate.configuration.patch(["max_steps_per_run": 2])
        #expect(try await fixture.refusal { _ = try await fixture.run(playbook.id) } == "too_many_steps")
        try fixture.gates.gate.configuration.patch(["max_steps_per_run": 3])
        #expect(try await fixture.run(playbook.id).isSound)
        _ = try await fixture.gates.lockdown.set(active: true, reason: nil) { _, _ in }
        #expect(try await fixture.refusal { _ = try await fixture.run(playbook.id) } == "lockdown")
        #expect(fixture.runner.state.withLock { $0.drafts.count } == 1)
        let bare = try await DeskFixture(hasRunner: false)
        #expect(
            try await bare.refusal { _ = try await bare.run("pb_repository_overview", [:]) }?
                .contains("tool_name is unknown") == true)
        let kept = try await bare.add(DeskFixture.definition())
        #expect(try await bare.refusal { _ = try await bare.run(kept.id) } == "tasks_unavailable")
        #expect(try await bare.desk.run("pb_9", .init(), by: bare.person, through: "test") == nil)
    }

    @Test("shows in a dry run what every step would do, and the refusal of one that would not pass")
    func dryRun() async throws {
        let fixture = try await DeskFixture()
        var definition = DeskFixture.definition()
        definition.steps.insert(.init(toolName: "asleep", arguments: ["path": "{file}"]), at: 1)
        let playbook = try await fixture.add(definition)
        let json = try await fixture.run(playbook.id, dryRun: true).json
        let results = json["results"]?.arrayValue ?? []
        #expect(json["success"] == false && json["status"] == "dry_run" && json["dry_run"] == true)
        #expect(json["steps_executed"] == 0 && json["steps_total"] == 3 && results.count == 3)
        #expect(results[0]["result"]?["plan"]?["summary"] == "would touch a.txt")
        #expect(results[1]["success"] == false && results[1]["code"] == "tool_disabled")
        #expect(results[2]["success"] == true && results[2]["attempts"] == 0)
        #expect(fixture.runner.state.withLock { $0.drafts.isEmpty })
        #expect(try await fixture.statistics(playbook.id).runs == 0)
        try fixture.gates.gate.configuration.setTool("asleep", enabled: true)
        #expect(try await fixture.run(playbook.id, dryRun: true).json["success"] == true)
    }

    @Test("runs whether or not it can be counted", arguments: [1, 2], [false, true])
    func uncounted(_ write: Int, _ isKept: Bool) async throws {
        let fixture = try await DeskFixture()
        let playbook = try await fixture.add(DeskFixture.definition())
        fixture.store.fail(.init(write: write, isKept: isKept))
        #expect(try await fixture.run(playbook.id).isSound)
        fixture.store.fail(nil)
        #expect(try await fixture.statistics(playbook.id).runs == (isKept ? 1 : 0))
    }

    @Test("tells how far it came when a lockdown begins in the middle")
    func interrupted() async throws {
        let fixture = try await DeskFixture()
        let playbook = try await fixture.add(DeskFixture.definition("one", 3))
        fixture.runner.state.withLock { $0.refusedStep = 3 }
        let json = try await fixture.run(playbook.id).json
        #expect(json["success"] == false && json["status"] == "paused" && json["code"] == "lockdown")
        #expect(json["execution_id"] == "tsk_1" && json["steps_executed"] == 2)
        #expect(json["detail"] == "the lockdown is on" && json["remedy"] == "end it")
    }

    @Test("tells the refusal of whatever runs tasks")
    func runnerRefuses() async throws {
        let fixture = try await DeskFixture()
        let playbook = try await fixture.add(DeskFixture.definition())
        fixture.runner.state.withLock { $0.refusal = Refusal(.invalid, code: "tasks_full", "too many", remedy: "wait") }
        #expect(try await fixture.refusal { _ = try await fixture.run(playbook.id) } == "tasks_full")
    }
}

@Suite("Playbooks of the older system")
struct ImportTests {
    private func importing(_ text: String, in fixture: DeskFixture) async throws -> (count: Int, warnings: [String]) {
        try await fixture.desk.importOlder(Array(text.utf8))
    }

    @Test(
        "are found in a list, in an object of ids, and below playbooks",
        arguments: [
            #"[{"id": "fix_it", "name": "Fix it", "steps": [{"tool_name": "sonde", "args": {"path": "{file}"}}]}]"#,
            #"{"fix_it": {"name": "Fix it", "steps": [{"tool": "probe", "arguments": {"path": "{file}"}}]}}"#,
            #"{"version": 1, "playbooks": [{"playbook_id": "fix_it", "name": "Fix it", "steps": [{"tool_name": "probe", "args": {"path": "{file}"}}]}]}"#,
        ])
    func shapes(_ text: String) async throws {
        let fixture = try await DeskFixture()
        let (count, warnings) = try await importing(text, in: fixture)
        #expect(count == 1 && warnings == [])
        let playbook = try #require(try await fixture.store.playbook("fix_it"))
        #expect(playbook.definition.name == "Fix it" && playbook.definition.steps[0].toolName == "probe")
        #expect(playbook.definition.variables.keys.contains("file"))
        #expect(try await fixture.run("fix_it").isSound)
        // A second time adds nothing and complains of nothing.
        let again = try await importing(text, in: fixture)
        #expect(again.count == 0 && again.warnings == [])
    }

    @Test("bring their statistics and dates along")
    func statistics() async throws {
        let fixture = try await DeskFixture()
        let text = #"""
            [{"id": "a", "name": "A", "created_at": "2025-01-31T10:00:00.123456", "success_count": 3,
              "failure_count": 1, "last_used": 1700000000,
              "steps": [{"tool_name": "probe", "args": {"path": "x"}, "max_retries": 1000, "retry_on_failure": true}]},
             {"id": "b", "name": "B", "use_count": 10, "success_rate": 0.7, "steps": [{"tool_name": "probe"}]}]
            """#
        #expect(try await importing(text, in: fixture).count == 2)
        let playbook = try #require(try await fixture.store.playbook("a"))
        #expect(playbook.createdAt == 1_738_317_600 && playbook.definition.steps[0].maxRetries == 100)
        let first = try await fixture.statistics("a")
        #expect(first.successes == 3 && first.failures == 1 && first.lastRunAt == 1_700_000_000)
        let second = try await fixture.statistics("b")
        #expect(second.successes == 7 && second.failures == 3)
    }

    @Test("keep tools that this daemon does not have, and are refused when they are run")
    func unknownTools() async throws {
        let fixture = try await DeskFixture()
        let text =
            #"[{"id": "a", "name": "A", "steps": [{"tool_name": "browser_automation", "args": {"url": "{u}"}}]}]"#
        #expect(try await importing(text, in: fixture).count == 1)
        let refused = try await fixture.refusal { _ = try await fixture.run("a", ["u": "x"]) }
        #expect(refused?.contains("steps[0].tool_name is unknown") == true)
    }

    @Test("have their commands split before anything is put in")
    func commands() throws {
        let text = #"""
            [{"name": "A", "steps": [
              {"tool_name": "shell_exec", "args": {"command": "git log --author='{who} x' -- {file}"}},
              {"tool_name": "shell_exec", "args": {"command": "echo {a} | sh"}}]}]
            """#
        let older = OlderPlaybooks(reading: Array(text.utf8), tools: try Sample.tools(), at: 0)
        let definition = try #require(older.entries.first?.playbook.definition)
        #expect(
            definition.steps[0].arguments["command"] == ["git", "log", "--author={who} x", "--", "{file}"])
        // It cannot be split, and so cannot be run.
        #expect(definition.steps[1].arguments["command"] == "echo {a} | sh")
        #expect(throws: ArgumentProblems.self) {
            try PlaybookDefinition(json: definition.json, checkedBy: Sample.tools())
        }
    }

    @Test("are named when they are none, and the others are taken all the same")
    func badEntries() async throws {
        let fixture = try await DeskFixture()
        let text = #"""
            {"playbooks": {"ok": {"name": "Good", "steps": [{"tool_name": "probe"}]},
             "bad": {"name": "Bad\u001b[31m", "steps": []}, "worse": {"name": "Worse"},
             "Not-An-Id": {"name": "Renamed", "steps": [{"tool_name": "probe"}]},
             "dup": {"name": "good", "steps": [{"tool_name": "probe"}]},
             "own": {"name": "check-a-change", "steps": [{"tool_name": "probe"}]}}}
            """#
        let (count, warnings) = try await importing(text, in: fixture)
        #expect(count == 2 && warnings.count == 4, "\(warnings)")
        #expect(warnings.contains { $0.contains("Worse") && $0.contains("steps is required") })
        #expect(warnings.contains { $0.contains("check-a-change") })
        let names = try await fixture.store.playbooks().map(\.definition.name).sorted()
        #expect(names.contains("Renamed"))
        #expect(try await fixture.changes().count == 2)
    }

    @Test("are left alone when the file is no JSON", arguments: ["", "{", "nonsense", "[1, 2]", "5"])
    func broken(_ text: String) async throws {
        let fixture = try await DeskFixture()
        let (count, warnings) = try await importing(text, in: fixture)
        #expect(count == 0 && !warnings.isEmpty)
    }
}
