import NIOHTTP1
import Testing
import ToolKit

@Suite("A day's budget, from outside", .serialized, .timeLimit(.minutes(10)))
struct BudgetTests {
    private static let token = "an-operator-token"
    private static let api = "/api/v1/execution/"

    private func write(
        _ daemon: Daemon, _ path: String, _ content: String, _ more: [String: JSONValue] = [:]
    ) async throws -> Daemon.Reply {
        try await daemon.run("filesystem_write", ["path": .string(path), "content": .string(content)], more)
    }

    private static let deletion = """
        diff --git a/a.txt b/a.txt
        deleted file mode 100644
        --- a/a.txt
        +++ /dev/null
        @@ -1 +0,0 @@
        -12345678

        """

    @Test("stops the call that would cross it, shows a person which one, and holds over a restart")
    func course() async throws {
        let playground = try Playground()
        let first = try await Daemon(in: playground, token: Self.token)
        try await first.enable("filesystem_write", "apply_patch")
        let set = try await first.configure(["daily_budgets": ["bytes_written": 10, "deletions": 0]])
        #expect(set.status == 200 && set.json["config"]?["daily_budgets"]?["bytes_written"] == 10)
        #expect(try await write(first, "a.txt", "12345678\n").json["success"] == true)
        let refused = try await write(first, "b.txt", "123")
        #expect(refused.status == 403 && refused.code == "approval_required")
        #expect(refused.json["detail"]?.stringValue?.contains("9 of the 10") == true)
        await first.stop()
        let daemon = try await Daemon(in: playground, token: Self.token)
        #expect(try await write(daemon, "b.txt", "123").status == 403)
        let dry = try await write(daemon, "b.txt", "123", ["dry_run": true])
        #expect(dry.json["result"]?["plan"]?["approval_required"] == true)
        #expect(dry.json["result"]?["plan"]?["budget"]?["used"] == 9)
        let waiting = try await write(daemon, "b.txt", "123", ["wait_for_approval": true])
        #expect(waiting.status == 202 && !playground.exists("workspace/b.txt"))
        let id = try #require(waiting.json["approval_request_id"]?.stringValue)
        let item = try await daemon.send(.GET, Self.api + "approvals/\(id)").json["approval"]
        let budget = item?["plan"]?["budget"]
        #expect(budget?["budget"] == "bytes_written" && budget?["of"] == "daily_budgets")
        #expect(budget?["limit"] == 10 && budget?["used"] == 9 && budget?["wanted"] == 3)
        let decided = try await daemon.send(.POST, Self.api + "approvals/\(id)", ["approved": true])
        #expect(decided.json["execution_result"]?["success"] == true)
        #expect(try playground.read("workspace/b.txt") == "123")
        // A deletion writes nothing and is counted by itself.
        let deletion = try await daemon.run("apply_patch", ["patch": .string(Self.deletion)])
        #expect(deletion.status == 403 && deletion.json["detail"]?.stringValue?.contains("1 deletions") == true)
        #expect(playground.exists("workspace/a.txt"))
        #expect(try await daemon.run("filesystem_read", ["path": "b.txt"]).json["success"] == true)
        await daemon.stop()
    }

    @Test("is refused by field when it makes no sense")
    func bounds() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground, token: Self.token)
        for limit in [-1, 1e300, "many", 1_000_001] as [JSONValue] {
            let reply = try await daemon.configure(["task_budgets": ["deletions": limit]])
            #expect(reply.status == 422 && reply.json["detail"]?.stringValue?.contains("has deletions") == true)
        }
        await daemon.stop()
    }
}
