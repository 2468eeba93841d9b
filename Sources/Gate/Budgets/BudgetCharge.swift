package import ToolKit

/// Whose spending is counted together.
package enum BudgetAccount: Sendable, Hashable {
    case task(String)
    /// - Parameter day: Days since 1970-01-01, in UTC.
    case day(principal: String, day: Int)

    /// The day of a moment in Unix seconds, for clocks that make sense and for those that do not.
    package static func day(at wall: Double) -> Int {
        wall.isFinite ? Int(min(max(wall / 86_400, -1e6), 1e6).rounded(.down)) : 0
    }

    /// What it is called in a configuration.
    var settingName: String {
        switch self {
        case .task: "task_budgets"
        case .day: "daily_budgets"
        }
    }

    var spokenName: String {
        switch self {
        case .task: "this task"
        case .day(let principal, _): "\(principal) and this day"
        }
    }
}

/// What a call takes out of one account.
package struct BudgetCharge: Sendable, Hashable {
    package let account: BudgetAccount
    package let cost: BudgetCost
    /// ``Budgets/none`` for a call that a person has let pass: it is counted whatever it comes to.
    package let limits: Budgets

    package init(_ account: BudgetAccount, _ cost: BudgetCost, limits: Budgets) {
        self.account = account
        self.cost = cost
        self.limits = limits
    }

    /// The first limit that it would cross.
    package func crossing(after used: BudgetCost) -> BudgetCrossing? {
        for item in BudgetItem.allCases where cost[item] > 0 {
            guard let limit = limits[item] else { continue }
            if used.adding(cost)[item] > limit {
                return BudgetCrossing(
                    account: account, item: item, limit: limit, used: used[item], wanted: cost[item])
            }
        }
        return nil
    }

    /// The same, counted and not compared.
    var allowed: BudgetCharge { BudgetCharge(account, cost, limits: .none) }
}

/// A limit that a call would cross.
package struct BudgetCrossing: Sendable, Hashable {
    package let account: BudgetAccount
    package let item: BudgetItem
    package let limit: Int
    package let used: Int
    package let wanted: Int

    package init(account: BudgetAccount, item: BudgetItem, limit: Int, used: Int, wanted: Int) {
        self.account = account
        self.item = item
        self.limit = limit
        self.used = used
        self.wanted = wanted
    }

    /// `it takes 5 deletions, and 48 of the 50 for this task are used (task_budgets)`
    package var sentence: String {
        "it takes \(wanted) \(item.spokenName), and \(used) of the \(limit) for \(account.spokenName) are used "
            + "(\(account.settingName))"
    }

    /// For plans.
    package var json: JSONValue {
        [
            "budget": .string(item.rawValue), "of": .string(account.settingName), "limit": .integer(limit),
            "used": .integer(used), "wanted": .integer(wanted), "summary": .string(sentence),
        ]
    }
}
