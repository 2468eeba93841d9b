package import Gate
package import ToolKit

/// Proposes the next step of a task that nobody gave any. It decides nothing: what it proposes is drafted like any step,
/// and the gate judges it when its turn comes.
package protocol TaskPlanner: Sendable {
    /// - Parameters:
    ///   - progress: The latest steps, in their order.
    ///   - check: Why a proposed step cannot be drafted; `nil` when it can.
    func next(
        for task: AgentTask, after progress: [StepFacts], tools: [CatalogEntry],
        check: @Sendable (StepDraft) -> String?
    ) async throws -> Proposal
}

package enum Proposal: Sendable, Hashable {
    case step(StepDraft)
    /// The goal is reached, it says.
    case done(String?)
    /// Nothing usable came of it; why, as a sentence for people.
    case none(String)
}

/// A task drafted from a playbook.
///
/// - Parameters:
///   - id: Of the playbook, as it was sent.
///   - variables: As they were sent.
///   - draft: What else was sent; without steps.
/// - Returns: The draft with its steps; `nil` when there is no such playbook.
/// - Throws: `ArgumentProblems` naming every bad field.
package typealias TaskTemplates =
    @Sendable (_ id: String, _ variables: [String: JSONValue], _ draft: TaskDraft, _ principal: Principal) async throws
    -> TaskDraft?
