internal import Engine
internal import Gate
internal import Testing
internal import ToolKit

@Suite("What the steps of a task leave")
struct TaskFileTests {
    @Test("has a name of its own for every file, without a separator")
    func names() {
        var facts = StepFacts(number: 2, toolName: "probe")
        facts.state = .done
        facts.files = ["out/a.png", "out_a.png", "../../etc/passwd", "ä b"].enumerated().map {
            StepFacts.File(name: $1, artifactID: "art_\($0)")
        }
        let names = facts.fileNames.map(\.name)
        #expect(
            names == ["step-2.json", "step-2-out_a.png", "step-2-2-out_a.png", "step-2-.__.__etc_passwd", "step-2-__b"])
    }

    @Test("is the result of a step, which is kept as far as it is not too large")
    func results() async throws {
        let fixture = try await TaskFixture()
        let large = String(repeating: "\u{1}", count: 1 << 20)
        fixture.worker.script(.done(["stdout": "small"]), .done(["stdout": .string(large)]))
        let task = try await fixture.create([TaskFixture.step("a"), TaskFixture.step("b")])
        for _ in 0..<2 { try await fixture.step(task) }
        let after = try await fixture.now(task)
        #expect(try await fixture.desk.files(of: after).map(\.name) == ["step-1.json", "step-2.json"])
        for (number, isWhole) in [(1, true), (2, false)] {
            guard case .result(let bytes)? = try await fixture.desk.file("step-\(number).json", of: after) else {
                Issue.record("no file")
                continue
            }
            let result = try JSONReader.read(bytes)
            #expect(result["success"] == true && bytes.count < TaskStep.resultBytes * 2)
            #expect((result["result"]?["truncated"] == nil) == isWhole)
        }
        for name in ["step-3.json", "step-1", "step-.json", "step-99999999999999999999.json", "task.json", ""] {
            #expect(try await fixture.desk.file(name, of: after) == nil)
        }
    }

    @Test("is shown in the task, a secret of the daemon's in none of it")
    func shown() async throws {
        let fixture = try await TaskFixture()
        fixture.worker.script(.failed("broken", "it said \(TaskFixture.operatorToken)"))
        let task = try await fixture.create(maxRetries: 0)
        try await fixture.step(task)
        let facts = try await fixture.facts(task)
        #expect(facts.summary?.contains(TaskFixture.operatorToken) == false)
        let json = try await fixture.desk.shown(try await fixture.now(task))
        #expect(json["status"] == "failed" && json["steps"]?.arrayValue?.first?["args"]?["path"] == "a.txt")
        let artifact = json["artifacts"]?.arrayValue?.first
        #expect(artifact?["result_status"] == "error" && artifact?["tool_name"] == "probe")
        #expect(artifact?["artifact_files"] == ["step-1.json"])
    }
}
