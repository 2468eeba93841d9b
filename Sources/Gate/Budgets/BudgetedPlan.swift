internal import ToolKit

/// A call that would cross a budget: its plan says which one.
struct BudgetedPlan: PreparedCall {
    let prepared: any PreparedCall
    let crossing: BudgetCrossing

    var access: Access { prepared.access }
    var timeLimit: Duration { prepared.timeLimit }

    func plan(in context: ToolContext) async throws -> [String: JSONValue] {
        var plan = try await prepared.plan(in: context)
        plan["budget"] = crossing.json
        return plan
    }

    func call(in context: ToolContext) async throws -> ToolOutput { try await prepared.call(in: context) }
}
