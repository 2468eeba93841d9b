package import Gate
internal import ToolKit

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
