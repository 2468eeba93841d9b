internal import Engine
internal import Gate
internal import LayerTesting
internal import Testing
internal import ToolKit

@Suite("What a grant would have covered")
struct ReachTests {
    private func reach(
        _ fixture: DeskFixture, _ grant: JSONValue, for item: InboxItem
    ) async throws -> InboxDesk.Reach {
        try #require(try await fixture.desk.reach(of: grant, for: item.id, by: fixture.person))
    }

    private func call(_ fixture: DeskFixture, _ tool: String, _ arguments: [String: JSONValue]) async {
        _ = await fixture.engine.answer(
            ToolCall(toolName: tool, arguments: arguments), from: fixture.person, through: "test")
    }

    @Test("counts calls of the last 30 days, refused ones in whatever spelling they came")
    func counts() async throws {
        let fixture = try await DeskFixture()
        await call(fixture, "probe", ["path": "src/old.txt"])
        fixture.time.advance(by: 31 * 86_400)
        await call(fixture, "sonde", ["file": "./src/a.txt"])
        await call(fixture, "probe", ["path": "src/deep/b.txt", "loud": false])
        await call(fixture, "probe", ["path": "lib/c.txt"])
        await call(fixture, "probe", ["path": "src/d.txt", "loud": true])
        await call(fixture, "calm", ["path": "src/e.txt"])
        let item = try await fixture.waitingItem("src/f.txt", from: fixture.person)
        let found = try await reach(
            fixture, ["tool_name": "probe", "args": ["path": ["prefix": "src"]], "uses": 1], for: item)
        #expect(found.count == 3 && found.calls.count == 3 && !found.isTruncated && found.undecided == 0)
        let loud = try await reach(
            fixture,
            ["tool_name": "probe", "args": ["path": ["prefix": "src"], "loud": ["type": "boolean"]], "uses": 1],
            for: item)
        #expect(loud.count == 4)
    }

    @Test("compares contents by their hash, and says of what it cannot decide how much there is")
    func contents() async throws {
        let fixture = try await DeskFixture()
        for script in ["one", "one", "two"] {
            await call(fixture, "command", ["command": "ls", "script": .string(script)])
        }
        let item = try await fixture.waitingItem(from: fixture.person)
        func grant(_ rule: JSONValue) -> JSONValue {
            ["tool_name": "command", "args": ["command": ["exact": "ls"], "script": rule], "uses": 1]
        }
        #expect(try await reach(fixture, grant(["exact": "one"]), for: item).count == 2)
        let prefix = try await reach(fixture, grant(["prefix": "o"]), for: item)
        #expect(prefix.count == 0 && prefix.undecided == 3)
        #expect(try await reach(fixture, grant(["type": "string"]), for: item).count == 3)
        let without: JSONValue = ["tool_name": "command", "args": ["command": ["exact": "ls"]], "uses": 1]
        #expect(try await reach(fixture, without, for: item).count == 0)
    }

    @Test("leaves out what policy denies or a rule asks about that does not ask about the item")
    func asking() async throws {
        let fixture = try await DeskFixture(policy: Rules.askingAboutKeys)
        for path in ["config/a", "config/keys", "config/b"] { await call(fixture, "probe", ["path": .string(path)]) }
        let grant: JSONValue = ["tool_name": "probe", "args": ["path": ["prefix": "config"]], "uses": 9]
        let plain = try await fixture.waitingItem("config/c", from: fixture.person)
        #expect(try await reach(fixture, grant, for: plain).count == 3)
        let asked = try await fixture.waitingItem("config/keys", from: fixture.person)
        #expect(try await reach(fixture, grant, for: asked).count == 5)
        let denying = Rules.askingAboutKeys.replacing("write: ask", with: "write: deny")
        _ = try fixture.gate.policy.replace(with: denying, base: fixture.gate.policy.version) { _, _ in }
        #expect(try await reach(fixture, grant, for: asked).count == 3)
    }

    @Test("leaves out the calls of whoever asks for it, where nobody decides about their own")
    func own() async throws {
        let fixture = try await DeskFixture(settings: ["approval_self": false])
        await call(fixture, "probe", ["path": "src/a"])
        let agent = try await fixture.principal(.agent)
        let item = try await fixture.waitingItem("src/b", from: agent)
        let grant: JSONValue = ["tool_name": "probe", "args": ["path": ["prefix": "src"]], "uses": 9]
        #expect(try await reach(fixture, grant, for: item).count == 1)
        let other = try await fixture.principal(.approver, named: "ann")
        #expect(try await fixture.desk.reach(of: grant, for: item.id, by: other)?.count == 2)
    }

    @Test("shows no more than fifty, and counts all")
    func shown() async throws {
        let fixture = try await DeskFixture()
        for number in 0..<70 { await call(fixture, "probe", ["path": .string("src/\(number)")]) }
        let item = try await fixture.waitingItem("src/x", from: fixture.person)
        let found = try await reach(
            fixture, ["tool_name": "probe", "args": ["path": ["prefix": "src"]], "uses": 1], for: item)
        #expect(found.count == 71 && found.calls.count == 50)
    }

    @Test("is told to those who may decide, about items that there are")
    func entitled() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: fixture.person)
        let grant: JSONValue = ["tool_name": "probe", "args": ["path": ["exact": "a.txt"]], "uses": 1]
        #expect(try await fixture.desk.reach(of: grant, for: "req_none", by: fixture.person) == nil)
        for role in [Role.agent, .viewer] {
            let principal = try await fixture.principal(role)
            await #expect(throws: Refusal.self) {
                _ = try await fixture.desk.reach(of: grant, for: item.id, by: principal)
            }
        }
    }
}
