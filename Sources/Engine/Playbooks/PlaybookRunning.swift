package import Gate
package import ToolKit

/// Makes tasks of playbooks and takes them further. The run of a playbook is a task like any other, and as durable.
package protocol PlaybookRunning: Sendable {
    /// - Returns: The id of the task; it is kept when this returns.
    /// - Throws: ``Refusal``, ``ArgumentProblems``, `StoreUnavailable`.
    func createTask(_ draft: TaskDraft, from principal: Principal) async throws -> String

    /// From here on the task goes on by itself, as far as it can, whatever becomes of whoever asked for it.
    func startTask(_ taskID: String, from principal: Principal) async throws

    /// Takes a step of the task to where it stops, its retries included, or follows whoever does.
    ///
    /// - Parameter number: Of the step, from 1; those before it are done.
    /// - Throws: ``Refusal`` when nothing may run at the moment, `StoreUnavailable`.
    func runStep(_ number: Int, of taskID: String, from principal: Principal) async throws -> PlaybookProgress
}

/// Where the run of a playbook stands after one step.
package struct PlaybookProgress: Sendable, Hashable {
    package enum Standing: Sendable, Hashable {
        /// There is a next step.
        case goesOn
        /// A person has to decide about the step; this is the item of the inbox, if it can be found.
        case waits(itemID: String?)
        /// All steps are done.
        case completed
        /// It goes no further by itself: `status` of the task.
        case stopped(status: String)
    }

    package var standing: Standing
    /// What came of the step; `nil` when none was run.
    package var step: Step?

    package struct Step: Sendable, Hashable {
        /// From 1.
        package let number: Int
        package let toolName: String
        /// Whether the step is done: its call succeeded, and what was expected of it holds.
        package let isSuccess: Bool
        /// `Result` of the contract, of the last attempt.
        package let result: JSONValue
        package let attempts: Int

        package init(number: Int, toolName: String, isSuccess: Bool, result: JSONValue, attempts: Int) {
            self.number = number
            self.toolName = toolName
            self.isSuccess = isSuccess
            self.result = result
            self.attempts = attempts
        }
    }

    package init(_ standing: Standing, step: Step? = nil) {
        self.standing = standing
        self.step = step
    }
}
