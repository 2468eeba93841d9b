import NIOHTTP1
import Testing
import ToolKit

@Suite("Playbooks, from outside", .serialized, .timeLimit(.minutes(10)))
struct PlaybookTests {
    private static let token = "an-operator-token"
    private static let books = "/api/v1/execution/playbooks"

    private static let definition: JSONValue = [
        "name": "Read one", "description": "d", "category": "checks", "tags": ["a"],
        "steps": [
            ["tool_name": "filesystem_read", "args": ["path": "{file}", "limit": 10], "description": "s"]
        ],
    ]

    private func id(of name: String, _ daemon: Daemon) async throws -> String {
        let list = try await daemon.send(.GET, Self.books + "?order=name").json["playbooks"]?.arrayValue ?? []
        let found = list.first { $0["name"] == .string(name) }
        return try #require(found?["playbook_id"]?.stringValue)
    }

    @Test("are made, listed, shown, exported, imported again and deleted, also over a restart")
    func course() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground, token: Self.token)
        let made = try await daemon.send(.POST, Self.books, Self.definition)
        #expect(made.status == 200 && made.json["success"] == true, "\(made.json)")
        let id = try #require(made.json["playbook_id"]?.stringValue)
        let list = try await daemon.send(.GET, Self.books)
        #expect(list.json["count"] == 3)
        #expect(list.json["playbooks"]?.arrayValue?.count { $0["built_in"] == true } == 2)
        let shown = try await daemon.send(.GET, Self.books + "/\(id)").json["playbook"]
        #expect(shown?["name"] == "Read one" && shown?["created_by"] == "operator" && shown?["id"] == .string(id))
        #expect(shown?["variables"]?["file"]?["type"] == "any" && shown?["statistics"]?["runs"] == 0)
        let exported = try await daemon.send(.GET, Self.books + "/\(id)/export")
        let yaml = try #require(exported.json["yaml"]?.stringValue)
        #expect(try await daemon.send(.POST, Self.books, ["yaml": .string(yaml)]).code == "name_taken")
        let other = yaml.replacing("Read one", with: "Read two")
        let imported = try await daemon.send(.POST, Self.books, ["yaml": .string(other)])
        #expect(imported.status == 200 && imported.json["playbook"]?["steps"] == shown?["steps"])
        await daemon.stop()
        let again = try await Daemon(in: playground, token: Self.token)
        #expect(try await self.id(of: "Read two", again) == imported.json["playbook_id"]?.stringValue)
        #expect(try await again.send(.DELETE, Self.books + "/\(id)").status == 200)
        #expect(try await again.send(.GET, Self.books + "/\(id)").status == 404)
        #expect(try await again.send(.DELETE, Self.books + "/\(id)").status == 404)
        let changes = try await again.send(.GET, "/api/v1/execution/logs?kind=change").json["logs"]?.arrayValue ?? []
        #expect(changes.count { $0["tool_name"] == "change:playbook" } == 3)
        await again.stop()
    }

    @Test("answer what is wrong with them by field, and who may not")
    func refusals() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground, token: Self.token)
        let bad = try await daemon.send(
            .POST, Self.books, ["name": "x", "steps": [["tool_name": "git_statuz"], ["tool_name": "filesystem_read"]]])
        #expect(bad.status == 422 && bad.code == "invalid_request")
        let fields = bad.json["fields"]?.arrayValue?.compactMap { $0["field"]?.stringValue }
        #expect(fields == ["steps[0].tool_name", "steps[1].args.path"])
        #expect(try await daemon.send(.POST, Self.books, ["yaml": "a: &b c", "name": "x"]).status == 422)
        let bomb = try await daemon.send(.POST, Self.books, ["yaml": "name: &b x\nsteps: [*b, *b]"])
        #expect(bomb.status == 422 && bomb.json["detail"]?.stringValue?.contains("line 1") == true)
        #expect(try await daemon.send(.GET, Self.books + "?order=best&order=name").status == 422)
        #expect(try await daemon.send(.GET, Self.books + "?order=random").status == 422)
        #expect(try await daemon.send(.GET, Self.books + "/..%2Fx").status == 404)
        #expect(try await daemon.send(.DELETE, Self.books + "/pb_check_a_change").status == 409)
        let agent = try await daemon.send(.POST, "/api/v1/execution/tokens", ["role": "agent", "name": "bot"])
        let token = try #require(agent.json["token"]?.stringValue)
        #expect(try await daemon.send(.POST, Self.books, Self.definition, token: .some(token)).status == 403)
        #expect(try await daemon.send(.GET, Self.books, token: .some(token)).status == 200)
        #expect(try await daemon.send(.GET, Self.books, token: .some(nil)).status == 401)
        await daemon.stop()
    }

    @Test("of the older system are imported once, and its file stays")
    func imported() async throws {
        let playground = try Playground()
        let text = #"""
            {"playbooks": [{"id": "old_one", "name": "Old one", "success_count": 2, "failure_count": 1,
              "steps": [{"tool_name": "shell_exec", "args": {"command": "git log --author='{who}'"}}]}, {"name": "bad"}]}
            """#
        try playground.write(text, to: "home/data/tool_playbooks/playbooks.json")
        let daemon = try await Daemon(in: playground, token: Self.token)
        let old = try await daemon.send(.GET, Self.books + "/old_one").json["playbook"]
        #expect(old?["steps"]?.arrayValue?.first?["args"]?["command"] == ["git", "log", "--author={who}"])
        #expect(old?["statistics"]?["successes"] == 2)
        #expect(try await daemon.send(.DELETE, Self.books + "/old_one").status == 200)
        await daemon.stop()
        let again = try await Daemon(in: playground, token: Self.token)
        #expect(try await again.send(.GET, Self.books + "/old_one").status == 404)
        #expect(try playground.read("home/data/tool_playbooks/playbooks.json") == text)
        await again.stop()
    }
}
