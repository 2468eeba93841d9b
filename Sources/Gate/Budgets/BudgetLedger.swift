internal import Synchronization

/// Counts what calls spend, before they begin.
///
/// The store decides; what is known here beside it is only shown, in plans.
package final class BudgetLedger: Sendable {
    private let store: any BudgetStore
    private let time: any TimeSource
    /// Totals as they were told last. Owner: this class.
    private let known: Mutex<[BudgetAccount: BudgetCost]>

    private static let knownLimit = 10_000
    /// How long an account is kept that nobody uses, in seconds: longer than any task waits for a person.
    package static let memory = 400 * 86_400.0

    /// - Throws: ``StoreUnavailable``.
    package init(store: any BudgetStore, time: any TimeSource) async throws {
        self.store = store
        self.time = time
        let day = BudgetAccount.day(at: time.wall)
        let spent = try await store.spent(onDay: day)
        known = Mutex(
            Dictionary(uniqueKeysWithValues: spent.map { (.day(principal: $0.key, day: day), $0.value) }))
    }

    /// What a call takes, for every account that has a limit. Empty for a call that changes nothing, and where no limit is
    /// set: such calls cost no write.
    func charges(
        _ cost: BudgetCost, taskID: String?, principal: Principal, _ settings: Configuration
    ) -> [BudgetCharge] {
        guard cost != .nothing else { return [] }
        var charges: [BudgetCharge] = []
        if let taskID, !settings.taskBudgets.isEmpty {
            charges.append(BudgetCharge(.task(taskID), cost, limits: settings.taskBudgets))
        }
        if !settings.dailyBudgets.isEmpty {
            let day = BudgetAccount.day(at: time.wall)
            charges.append(
                BudgetCharge(.day(principal: principal.name, day: day), cost, limits: settings.dailyBudgets))
        }
        return charges
    }

    /// Durable when this returns.
    ///
    /// - Returns: The limit that the call would cross; nothing was counted then.
    func spend(_ charges: [BudgetCharge]) async throws -> BudgetCrossing? {
        guard !charges.isEmpty else { return nil }
        switch try await store.spend(charges, at: time.wall) {
        case .counted(let totals):
            note(totals)
            return nil
        case .crosses(let crossing):
            // For the plan of whatever is filed now.
            try await look(at: charges)
            return crossing
        }
    }

    /// A call that was counted has not begun after all. What cannot be given back stays counted: too much is better than
    /// too little.
    func giveBack(_ charges: [BudgetCharge]) async {
        guard !charges.isEmpty else { return }
        do {
            try await store.giveBack(charges)
            try await look(at: charges)
        } catch { return }
    }

    /// Learns what was spent, so that a plan can show it.
    func look(at charges: [BudgetCharge]) async throws {
        var totals: [BudgetAccount: BudgetCost] = [:]
        for charge in charges { totals[charge.account] = try await store.spent(on: charge.account) }
        note(totals)
    }

    /// The limit that a call would cross, as far as is known.
    func crossing(_ charges: [BudgetCharge]) -> BudgetCrossing? {
        let totals = known.withLock { $0 }
        return charges.lazy.compactMap { $0.crossing(after: totals[$0.account] ?? .nothing) }.first
    }

    private func note(_ totals: [BudgetAccount: BudgetCost]) {
        known.withLock { known in
            if known.count > Self.knownLimit { known.removeAll() }
            known.merge(totals) { _, new in new }
        }
    }
}
