internal import Foundation
internal import Gate
internal import Store
internal import Testing

@Suite("What keeps budgets, in memory or in the database")
struct BudgetStoreConformance {
    enum Kind: String, CaseIterable, Sendable {
        case memory
        case database

        func with(_ body: (any BudgetStore) async throws -> Void) async throws {
            switch self {
            case .memory: try await body(InMemoryBudgets())
            case .database:
                try await TemporaryFolder.with { folder in
                    let state = try StateDatabase(path: folder + "/state.sqlite")
                    try await body(state)
                    try state.close()
                }
            }
        }
    }

    private static let task = BudgetAccount.task("task_1")
    private static let day = BudgetAccount.day(principal: "bot", day: 20_000)
    private static let limits = Budgets([.deletions: 10, .bytesWritten: 100])

    private func charge(_ account: BudgetAccount, _ cost: BudgetCost, limits: Budgets = limits) -> BudgetCharge {
        BudgetCharge(account, cost, limits: limits)
    }

    @Test("counts every item of every account, and gives it back", arguments: Kind.allCases)
    func counting(_ kind: Kind) async throws {
        try await kind.with { store in
            let cost = BudgetCost(deletions: 1, bytesWritten: 20, writeCommands: 3, externalRequests: 4)
            let charges = [charge(Self.task, cost), charge(Self.day, cost)]
            let first = try await store.spend(charges, at: 5)
            #expect(first == .counted([Self.task: cost, Self.day: cost]))
            _ = try await store.spend([charge(Self.task, cost)], at: 6)
            #expect(try await store.spent(on: Self.task) == cost.adding(cost))
            #expect(try await store.spent(on: Self.day) == cost)
            #expect(try await store.spent(onDay: 20_000) == ["bot": cost])
            #expect(try await store.spent(onDay: 20_001) == [:])
            try await store.giveBack(charges)
            #expect(try await store.spent(on: Self.task) == cost)
            #expect(try await store.spent(on: Self.day) == .nothing)
            try await store.giveBack(charges)
            try await store.giveBack(charges)
            #expect(try await store.spent(on: Self.task) == .nothing)
        }
    }

    @Test("counts nothing of a call that crosses one of its limits, and says which", arguments: Kind.allCases)
    func crossing(_ kind: Kind) async throws {
        try await kind.with { store in
            _ = try await store.spend([charge(Self.day, BudgetCost(bytesWritten: 90))], at: 1)
            let cost = BudgetCost(deletions: 2, bytesWritten: 11)
            let result = try await store.spend([charge(Self.task, cost), charge(Self.day, cost)], at: 2)
            #expect(
                result
                    == .crosses(
                        BudgetCrossing(account: Self.day, item: .bytesWritten, limit: 100, used: 90, wanted: 11)))
            #expect(try await store.spent(on: Self.task) == .nothing)
            #expect(try await store.spent(on: Self.day) == BudgetCost(bytesWritten: 90))
            // Exactly the rest fits, and what has no limit always does.
            let rest = BudgetCost(bytesWritten: 10, externalRequests: 9_999)
            #expect(try await store.spend([charge(Self.day, rest)], at: 3) != result)
            #expect(try await store.spent(on: Self.day).bytesWritten == 100)
            _ = try await store.spend([charge(Self.day, cost, limits: .none)], at: 4)
            #expect(try await store.spent(on: Self.day).bytesWritten == 111)
        }
    }

    @Test("gives the last unit to one of twenty", arguments: Kind.allCases)
    func race(_ kind: Kind) async throws {
        try await kind.with { store in
            let won = try await racers { _ in
                let cost = BudgetCost(deletions: 10)
                if case .counted = try await store.spend([charge(Self.day, cost)], at: 1) { return true }
                return false
            }
            #expect(won == 1)
            #expect(try await store.spent(on: Self.day).deletions == 10)
        }
    }

    @Test("stops at the largest number there is", arguments: Kind.allCases)
    func overflow(_ kind: Kind) async throws {
        try await kind.with { store in
            for _ in 0..<3 {
                _ = try await store.spend([charge(Self.day, BudgetCost(bytesWritten: .max), limits: .none)], at: 1)
            }
            #expect(try await store.spent(on: Self.day).bytesWritten == .max)
            let result = try await store.spend([charge(Self.day, BudgetCost(bytesWritten: 1))], at: 2)
            guard case .crosses = result else {
                Issue.record("it fits")
                return
            }
        }
    }

    @Test("forgets accounts that nobody used for long", arguments: Kind.allCases)
    func forgotten(_ kind: Kind) async throws {
        try await kind.with { store in
            _ = try await store.spend([charge(Self.task, BudgetCost(deletions: 1))], at: 100)
            _ = try await store.spend([charge(Self.day, BudgetCost(deletions: 1))], at: 200)
            try await store.removeBudgets(usedBefore: 200)
            #expect(try await store.spent(on: Self.task) == .nothing)
            #expect(try await store.spent(on: Self.day) == BudgetCost(deletions: 1))
        }
    }

    @Test("is what it was after the daemon ended")
    func reopened() async throws {
        try await TemporaryFolder.with { folder in
            let first = try StateDatabase(path: folder + "/state.sqlite")
            _ = try await first.spend([charge(Self.day, BudgetCost(deletions: 4))], at: 1)
            try first.close()
            let second = try StateDatabase(path: folder + "/state.sqlite")
            #expect(try await second.spent(onDay: 20_000) == ["bot": BudgetCost(deletions: 4)])
            try second.close()
        }
    }
}
