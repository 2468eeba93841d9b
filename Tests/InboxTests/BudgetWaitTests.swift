internal import Engine
internal import Gate
internal import LayerTesting
internal import Testing
internal import ToolKit

@Suite("A call that would cross a budget")
struct BudgetWaitTests {
    private func fixture(_ limit: Int) async throws -> DeskFixture {
        let fixture = try await DeskFixture(settings: ["approval_mode": "auto"])
        try fixture.gate.configuration.patch(["daily_budgets": ["bytes_written": .integer(limit)]])
        return fixture
    }

    private func call(_ bytes: Int, waits: Bool = false) -> ToolCall {
        var call = ToolCall(
            toolName: "jotter",
            arguments: ["path": "a.txt", "content": .string(String(repeating: "x", count: bytes))])
        call.waitsForApproval = waits
        return call
    }

    private func spent(_ fixture: DeskFixture) async throws -> Int {
        let day = BudgetAccount.day(at: fixture.time.wall)
        return try await fixture.home.budgets.spent(on: .day(principal: "operator", day: day)).bytesWritten
    }

    private func answer(_ call: ToolCall, _ fixture: DeskFixture) async -> Answer {
        await fixture.engine.answer(call, from: fixture.person, through: "test")
    }

    @Test("is refused with the budget's name, and runs nothing, when it does not wait")
    func refused() async throws {
        let fixture = try await fixture(10)
        #expect(await answer(call(8), fixture).isSuccess)
        let refused = await answer(call(3), fixture)
        #expect(refused.code == "approval_required" && refused.error?.contains("8 of the 10") == true)
        #expect(fixture.home.effects == ["a.txt"])
    }

    @Test("waits in the inbox, and passes once when it is approved, counted")
    func approved() async throws {
        let fixture = try await fixture(10)
        #expect(await answer(call(8), fixture).isSuccess)
        let id = try #require(await answer(call(3, waits: true), fixture).waiting?.itemID)
        let item = try #require(try await fixture.desk.item(id))
        #expect(try await spent(fixture) == 8)
        let after = try await fixture.approve(item)
        #expect(after.execution.result?["success"] == true)
        #expect(fixture.home.effects == ["a.txt", "a.txt"])
        #expect(try await spent(fixture) == 11)
        // It stands for itself alone.
        #expect(await answer(call(3), fixture).code == "approval_required")
    }

    @Test("takes nothing when it is denied")
    func denied() async throws {
        let fixture = try await fixture(10)
        let id = try #require(await answer(call(11, waits: true), fixture).waiting?.itemID)
        let item = try #require(try await fixture.desk.item(id))
        _ = try await fixture.decide(item, false)
        #expect(fixture.home.effects.isEmpty)
        #expect(try await spent(fixture) == 0)
    }

    @Test("is covered by no standing grant")
    func grants() async throws {
        let fixture = try await fixture(10)
        let id = try #require(await answer(call(11, waits: true), fixture).waiting?.itemID)
        let item = try #require(try await fixture.desk.item(id))
        _ = try await fixture.approve(
            item,
            grant: [
                "tool_name": "jotter", "uses": 9,
                "args": ["path": ["exact": "a.txt"], "content": ["type": "string"]],
            ])
        #expect(fixture.gate.standingGrants.current.count == 1)
        #expect(await answer(call(1), fixture).code == "approval_required")
        #expect(fixture.home.effects.count == 1)
    }

    @Test("asks for an approval in a dry run as well, and takes nothing")
    func dryRun() async throws {
        let fixture = try await fixture(10)
        var dry = call(11)
        dry.dryRun = true
        #expect(await answer(dry, fixture).result["plan"]?["approval_required"] == true)
        #expect(try await spent(fixture) == 0)
    }
}
