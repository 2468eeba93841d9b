internal import ToolKit

/// What cannot be taken back, counted from what a call would touch and before it begins.
extension Gate {
    /// Empty where nothing is counted.
    func charges(
        for call: AdmittedCall, of entry: CatalogEntry, _ taskID: String?, _ principal: Principal,
        _ settings: Configuration
    ) -> [BudgetCharge] {
        guard let budgets, taskID != nil || !settings.dailyBudgets.isEmpty else { return [] }
        let cost = BudgetCost(
            of: call.access, call.judgement, tool: entry.tool, arguments: call.arguments,
            contentNames: call.contentNames)
        return budgets.charges(cost, taskID: taskID, principal: principal, settings)
    }

    /// The limit that a call would cross now; nothing is counted.
    func crossing(_ charges: [BudgetCharge]) async throws -> BudgetCrossing? {
        guard let budgets, !charges.isEmpty else { return nil }
        try await budgets.look(at: charges)
        return budgets.crossing(charges)
    }

    /// The same as far as is known, for plans that nobody waits for.
    func knownCrossing(
        for call: AdmittedCall, of entry: CatalogEntry, _ taskID: String?, _ principal: Principal,
        _ settings: Configuration
    ) -> BudgetCrossing? {
        budgets?.crossing(charges(for: call, of: entry, taskID, principal, settings))
    }

    /// Counts a call that a person has let pass, whatever it comes to.
    func chargeAnyway(_ charges: [BudgetCharge]) async throws {
        _ = try await budgets?.spend(charges.map(\.allowed))
    }
}

extension BudgetCrossing {
    /// Only a person lets such a call pass, in the inbox, where its plan says which budget it would cross: not an approval
    /// that was given for something else, and no standing grant.
    func answer(to call: ToolCall, _ admitted: AdmittedCall) -> any Error {
        if call.waitsForApproval {
            var admitted = admitted
            admitted.needsApproval = true
            return ApprovalAwaited(admitted: admitted)
        }
        return Gate.approvalRefusal(
            "approval_required", "\(admitted.toolName) needs a person's approval: \(sentence)",
            remedy: "send wait_for_approval: true to wait for a person, or have an operator raise the limit")
    }
}
