internal import Synchronization

/// The in-memory twin of the store of budgets.
package final class InMemoryBudgets: BudgetStore {
    private let accounts = Mutex<[BudgetAccount: (cost: BudgetCost, usedAt: Double)]>([:])

    package init() {}

    package func spend(_ charges: [BudgetCharge], at wall: Double) async throws -> BudgetSpending {
        accounts.withLock { accounts in
            for charge in charges {
                let used = accounts[charge.account]?.cost ?? .nothing
                if let crossing = charge.crossing(after: used) { return .crosses(crossing) }
            }
            var totals: [BudgetAccount: BudgetCost] = [:]
            for charge in charges {
                let total = (accounts[charge.account]?.cost ?? .nothing).adding(charge.cost)
                accounts[charge.account] = (total, wall)
                totals[charge.account] = total
            }
            return .counted(totals)
        }
    }

    package func giveBack(_ charges: [BudgetCharge]) async throws {
        accounts.withLock { accounts in
            for charge in charges {
                guard let account = accounts[charge.account] else { continue }
                accounts[charge.account] = (account.cost.removing(charge.cost), account.usedAt)
            }
        }
    }

    package func spent(on account: BudgetAccount) async throws -> BudgetCost {
        accounts.withLock { $0[account]?.cost ?? .nothing }
    }

    package func spent(onDay day: Int) async throws -> [String: BudgetCost] {
        accounts.withLock { accounts in
            accounts.reduce(into: [:]) { spent, entry in
                if case .day(let principal, day) = entry.key { spent[principal] = entry.value.cost }
            }
        }
    }

    package func removeBudgets(usedBefore wall: Double) async throws {
        accounts.withLock { accounts in accounts = accounts.filter { $0.value.usedAt >= wall } }
    }
}
