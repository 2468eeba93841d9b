package import ToolKit

/// A task as somebody wants it, checked as far as its form goes.
package struct TaskDraft: Sendable, Hashable {
    package var goal: String
    /// 1…10000.
    package var maxSteps: Int
    /// 0…100.
    package var maxRetries: Int
    /// `nil`: a planner is asked.
    package var steps: [StepDraft]?
    /// The playbook whose steps these are.
    package var playbookID: String?
    /// A label for the record.
    package var agentID: String?

    package init(
        goal: String, maxSteps: Int = 50, maxRetries: Int = 3, steps: [StepDraft]? = nil, playbookID: String? = nil,
        agentID: String? = nil
    ) {
        self.goal = goal
        self.maxSteps = maxSteps
        self.maxRetries = maxRetries
        self.steps = steps
        self.playbookID = playbookID
        self.agentID = agentID
    }
}

/// One step of it. The gate judges it when its turn comes, never before.
package struct StepDraft: Sendable, Hashable {
    package var toolName: String
    package var arguments: [String: JSONValue]
    /// `expect` as it was sent: what has to be true after the call for the step to be done.
    package var expect: JSONValue?
    package var description: String?
    /// `nil`: the task's.
    package var maxRetries: Int?
    /// `nil`: the configuration's.
    package var dryRun: Bool?

    package init(
        toolName: String, arguments: [String: JSONValue], expect: JSONValue? = nil, description: String? = nil,
        maxRetries: Int? = nil, dryRun: Bool? = nil
    ) {
        self.toolName = toolName
        self.arguments = arguments
        self.expect = expect
        self.description = description
        self.maxRetries = maxRetries
        self.dryRun = dryRun
    }
}
