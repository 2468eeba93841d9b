internal import Engine
internal import Gate
internal import LayerTesting
internal import Testing
internal import ToolKit

@Suite("Tasks of the older system")
struct OlderTaskTests {
    private func read(_ text: String) throws -> OlderTasks {
        try OlderTasks(
            Array(text.utf8), principal: "operator", catalog: try ToolCatalog([ProbeTool(aliases: ["sonde"])]),
            at: 5_000)
    }

    @Test("are read as far as they are understood, and finished ones stay finished")
    func tasks() throws {
        let older = try read(
            """
            {"version": 3, "tasks": [
                {"task_id": "task_old", "goal": "look", "status": "completed", "created_at": 100, "max_steps": 7,
                 "mood": "fine", "steps": [
                    {"tool_name": "sonde", "args": {"path": "a"}, "status": "completed", "result": {"stdout": "x"}},
                    {"tool_name": "gone_tool", "status": "failed", "error": "no"}]},
                {"id": "../../evil ID", "goal": "go on", "status": "running",
                 "steps": [{"tool": "probe", "args": {"path": "a"}}]},
                {"task_id": "task_x"}, 5, "x", {"goal": "without an id"}],
             "approvals_queue": [{"id": 1}, {"id": 2, "status": "approved"}], "execution_requests": [{"id": 3}]}
            """)
        #expect(older.tasks.map(\.task.status) == [.completed, .paused, .paused])
        #expect(older.unreadable == 3 && older.undecided == 2)
        let first = try #require(older.tasks.first)
        #expect(first.task.id == "task_old" && first.task.maxSteps == 7 && first.task.createdAt == 100)
        #expect(first.task.updatedAt == 5_000 && first.task.principal == "operator")
        #expect(first.steps.map(\.facts.toolName) == ["probe", "gone_tool"])
        #expect(first.steps.map(\.facts.state) == [.done, .failed])
        #expect(first.steps.first?.result?["result"]?["stdout"] == "x")
        let second = try #require(older.tasks.dropFirst().first)
        #expect(Identifier.isWellFormed(second.task.id) && second.task.current == 1)
    }

    @Test("are the same tasks every time they are read")
    func stable() throws {
        let text = #"{"tasks": [{"id": "An Old Id", "goal": "g"}]}"#
        #expect(try read(text).tasks.map(\.task.id) == read(text).tasks.map(\.task.id))
    }

    @Test(
        "of a file that is none are refused",
        arguments: ["", "[]", "{", #"{"tasks": 5}"#, "nonsense", "{\"tasks\":[1,]}"])
    func broken(_ text: String) {
        #expect(throws: (any Error).self) { try read(text) }
    }

    @Test("of an empty file are none")
    func empty() throws {
        #expect(try read(#"{"tasks":[], "approvals_queue":[], "execution_requests":[]}"#).tasks.isEmpty)
        #expect(try read("{}").tasks.isEmpty)
    }
}
