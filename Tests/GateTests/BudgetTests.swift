import Gate
import LayerTesting
import Synchronization
import Testing
import ToolKit

@Suite("Budgets of what cannot be taken back")
struct BudgetTests {
    private func fixture(
        task: JSONValue = [:], daily: JSONValue = [:], store: any BudgetStore = InMemoryBudgets(),
        policy: String? = nil
    ) async throws -> GateFixture {
        let fixture = try await GateFixture(
            tools: [
                BudgetTool(), BudgetTool("reader", use: .read), BudgetTool("reacher", use: .read, openWorld: true),
            ],
            policy: policy, budgets: store)
        try fixture.gate.configuration.patch(["task_budgets": task, "daily_budgets": daily])
        return fixture
    }

    private func call(_ bytes: Int = 0, deletions: Int = 0, tool: String = "spender", task: String? = nil) -> ToolCall {
        var call = ToolCall(
            toolName: tool,
            arguments: [
                "path": "a.txt", "content": .string(String(repeating: "x", count: bytes)),
                "deletions": .integer(deletions),
            ])
        call.taskID = task
        return call
    }

    private static let today = BudgetAccount.day(principal: "local", day: 19_675)

    @Test("let calls pass as long as they hold, to the last unit, and name themselves then")
    func limit() async throws {
        let fixture = try await fixture(daily: ["bytes_written": 100])
        let local = try fixture.local
        #expect(try await fixture.refusal(of: call(60), from: local) == nil)
        #expect(try await fixture.refusal(of: call(40), from: local) == nil)
        let refusal = try #require(try await fixture.refusal(of: call(1), from: local))
        #expect(refusal.code == "approval_required" && refusal.status == .approvalRequired)
        #expect(
            refusal.message
                == "spender needs a person's approval: it takes 1 bytes written, and 100 of the 100 for local and this day are used (daily_budgets)"
        )
        #expect(try await fixture.budgets.spent(on: Self.today).bytesWritten == 100)
        // Emptying a file is not free.
        #expect(try await fixture.refusal(of: call(0), from: local)?.code == "approval_required")
    }

    @Test("count deletions and requests that leave the machine beside bytes")
    func items() async throws {
        let fixture = try await fixture(daily: ["deletions": 3, "external_requests": 1])
        let local = try fixture.local
        #expect(try await fixture.refusal(of: call(deletions: 2), from: local) == nil)
        #expect(try await fixture.refusal(of: call(deletions: 2), from: local)?.message.contains("deletions") == true)
        #expect(try await fixture.refusal(of: call(deletions: 1), from: local) == nil)
        #expect(try await fixture.refusal(of: call(tool: "reacher"), from: local) == nil)
        #expect(
            try await fixture.refusal(of: call(tool: "reacher"), from: local)?.message.contains("external requests")
                == true)
        let spent = try await fixture.budgets.spent(on: Self.today)
        #expect(spent == BudgetCost(deletions: 3, externalRequests: 1))
    }

    @Test("cost calls that only read nothing, and machines without budgets neither")
    func free() async throws {
        let store = CountingBudgets()
        let fixture = try await fixture(daily: ["bytes_written": 1], store: store)
        let local = try fixture.local
        #expect(try await fixture.refusal(of: call(50, tool: "reader"), from: local) == nil)
        #expect(store.writes == 0)
        try fixture.gate.configuration.patch(["daily_budgets": [:]])
        #expect(try await fixture.refusal(of: call(50), from: local) == nil)
        #expect(store.writes == 0)
        #expect(try await fixture.refusal(of: call(50, task: "task_1"), from: local) == nil)
        #expect(store.writes == 1)
    }

    @Test("are counted for each task by itself, and for the day beside it")
    func tasks() async throws {
        let fixture = try await fixture(task: ["bytes_written": 100], daily: ["bytes_written": 250])
        let local = try fixture.local
        #expect(try await fixture.refusal(of: call(100, task: "task_1"), from: local) == nil)
        #expect(
            try await fixture.refusal(of: call(1, task: "task_1"), from: local)?.message.contains("this task") == true)
        #expect(try await fixture.refusal(of: call(100, task: "task_2"), from: local) == nil)
        // The day has room for fifty more: nothing of this is counted for the task either.
        #expect(
            try await fixture.refusal(of: call(60, task: "task_3"), from: local)?.message.contains("this day") == true)
        #expect(try await fixture.budgets.spent(on: .task("task_3")) == .nothing)
        #expect(try await fixture.refusal(of: call(50, task: "task_3"), from: local) == nil)
        #expect(try await fixture.budgets.spent(on: .task("task_3")).bytesWritten == 50)
    }

    @Test("hold every task to the defaults when nobody says otherwise")
    func defaults() async throws {
        let fixture = try await fixture()
        let local = try fixture.local
        #expect(try await fixture.refusal(of: call(deletions: 50, task: "task_1"), from: local) == nil)
        #expect(try await fixture.refusal(of: call(deletions: 1, task: "task_1"), from: local) != nil)
        #expect(try await fixture.refusal(of: call(deletions: 500), from: local) == nil)
    }

    @Test("begin anew with the day in UTC, and not a second before")
    func days() async throws {
        let fixture = try await fixture(daily: ["bytes_written": 10])
        let local = try fixture.local
        fixture.time.setWall(to: 19_676 * 86_400 - 1)
        #expect(try await fixture.refusal(of: call(10), from: local) == nil)
        #expect(try await fixture.refusal(of: call(10), from: local) != nil)
        fixture.time.setWall(to: 19_676 * 86_400)
        #expect(try await fixture.refusal(of: call(10), from: local) == nil)
        #expect(try await fixture.refusal(of: call(1), from: local) != nil)
    }

    @Test("belong to each principal by itself")
    func principals() async throws {
        let fixture = try await fixture(daily: ["bytes_written": 10])
        let owner = try await fixture.principal(.operator, named: "owner")
        let bot = try await fixture.principal(.agent, named: "bot")
        #expect(try await fixture.refusal(of: call(10), from: bot) == nil)
        #expect(try await fixture.refusal(of: call(1), from: bot) != nil)
        #expect(try await fixture.refusal(of: call(10), from: owner) == nil)
    }

    @Test("let one of twenty calls at once have the last unit")
    func race() async throws {
        let fixture = try await fixture(daily: ["bytes_written": 10])
        let local = try fixture.local
        let passed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask { try await fixture.refusal(of: call(10), from: local) == nil }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(passed == 1)
        #expect(try await fixture.budgets.spent(on: Self.today).bytesWritten == 10)
    }

    private static let asking = """
        version: 1
        paths:
          - name: look
            match: ["a.txt"]
            write: ask
            reason: "somebody looks at it"
            examples:
              match: ["a.txt"]
        """

    @Test("give back what a call has taken that is refused after that")
    func givenBack() async throws {
        let fixture = try await fixture(daily: ["bytes_written": 10], policy: Self.asking)
        let local = try fixture.local
        #expect(try await fixture.refusal(of: call(10), from: local)?.code == "approval_required")
        #expect(try await fixture.budgets.spent(on: Self.today) == .nothing)
    }

    @Test("take nothing for a dry run, whose plan says what it would cross")
    func dryRun() async throws {
        let fixture = try await fixture(daily: ["bytes_written": 10])
        let local = try fixture.local
        #expect(try await fixture.refusal(of: call(9), from: local) == nil)
        var dry = call(5)
        dry.dryRun = true
        let needsApproval = try await fixture.gate.admit(dry, from: local).admitted.needsApproval
        #expect(needsApproval)
        #expect(try await fixture.budgets.spent(on: Self.today).bytesWritten == 9)
        dry.arguments["content"] = "x"
        let fits = try await fixture.gate.admit(dry, from: local).admitted.needsApproval
        #expect(!fits)
    }

    @Test("are known again after a restart")
    func restart() async throws {
        let store = InMemoryBudgets()
        let first = try await fixture(daily: ["bytes_written": 10], store: store)
        #expect(try await first.refusal(of: call(10), from: try first.local) == nil)
        let second = try await fixture(daily: ["bytes_written": 10], store: store)
        #expect(try await second.refusal(of: call(1), from: try second.local) != nil)
    }

    @Test("refuse a call that cannot be counted, and lose no more than its own share", arguments: [false, true])
    func fault(_ isKept: Bool) async throws {
        let store = CountingBudgets()
        let fixture = try await fixture(daily: ["bytes_written": 10], store: store)
        let local = try fixture.local
        store.failNext(isKept: isKept)
        await #expect(throws: StoreUnavailable.self) {
            _ = try await fixture.gate.admit(call(4), from: local).kind
        }
        #expect(try await store.spent(on: Self.today).bytesWritten == (isKept ? 4 : 0))
        #expect(try await fixture.refusal(of: call(6), from: local) == nil)
    }

    @Test("keep counted what could not be given back", arguments: [false, true])
    func faultOfReturn(_ isKept: Bool) async throws {
        let store = CountingBudgets()
        let fixture = try await fixture(daily: ["bytes_written": 10], store: store, policy: Self.asking)
        let local = try fixture.local
        store.failGivingBack(isKept: isKept)
        #expect(try await fixture.refusal(of: call(10), from: local)?.code == "approval_required")
        #expect(try await store.spent(on: Self.today).bytesWritten == (isKept ? 0 : 10))
    }
}

/// Budgets in memory that count what is written, and fail when they are told to.
final class CountingBudgets: BudgetStore {
    private struct State {
        var writes = 0
        var failsSpending: Bool?
        var failsGivingBack: Bool?
    }

    private let store = InMemoryBudgets()
    private let state = Mutex(State())

    var writes: Int { state.withLock { $0.writes } }

    /// - Parameter isKept: Whether it is counted all the same.
    func failNext(isKept: Bool) { state.withLock { $0.failsSpending = isKept } }
    func failGivingBack(isKept: Bool) { state.withLock { $0.failsGivingBack = isKept } }

    private static let fault = StoreUnavailable("the state database cannot be written", remedy: "wait")

    func spend(_ charges: [BudgetCharge], at wall: Double) async throws -> BudgetSpending {
        let fails = state.withLock { state -> Bool? in
            state.writes += 1
            defer { state.failsSpending = nil }
            return state.failsSpending
        }
        guard let fails else { return try await store.spend(charges, at: wall) }
        if fails { _ = try await store.spend(charges, at: wall) }
        throw Self.fault
    }

    func giveBack(_ charges: [BudgetCharge]) async throws {
        let fails = state.withLock { state -> Bool? in
            state.writes += 1
            defer { state.failsGivingBack = nil }
            return state.failsGivingBack
        }
        guard let fails else { return try await store.giveBack(charges) }
        if fails { try await store.giveBack(charges) }
        throw Self.fault
    }

    func spent(on account: BudgetAccount) async throws -> BudgetCost { try await store.spent(on: account) }
    func spent(onDay day: Int) async throws -> [String: BudgetCost] { try await store.spent(onDay: day) }
    func removeBudgets(usedBefore wall: Double) async throws { try await store.removeBudgets(usedBefore: wall) }
}
