/// Keeps what was spent.
///
/// Every conformer promises: what returned survives a crash; charges of one call are counted together or not at all; of
/// any number of calls at once none gets what another has taken.
package protocol BudgetStore: Sendable {
    /// Counts the charges unless one of them crosses a limit.
    ///
    /// - Parameter wall: Unix seconds; labels the account as used then.
    func spend(_ charges: [BudgetCharge], at wall: Double) async throws -> BudgetSpending

    /// Takes back what was counted for a call that did not begin.
    func giveBack(_ charges: [BudgetCharge]) async throws

    /// Nothing for an account that nobody has used.
    func spent(on account: BudgetAccount) async throws -> BudgetCost

    /// What was spent on a day, by principal.
    func spent(onDay day: Int) async throws -> [String: BudgetCost]

    /// Forgets accounts that were used last before this time.
    func removeBudgets(usedBefore wall: Double) async throws
}

/// What came of it.
package enum BudgetSpending: Sendable, Hashable {
    /// Totals of every account, this call included.
    case counted([BudgetAccount: BudgetCost])
    /// Nothing was counted.
    case crosses(BudgetCrossing)
}
