package import ToolKit

/// What a run of a playbook has come to, as its caller is told.
package struct PlaybookExecution: Sendable, Hashable {
    package enum Status: String, Sendable, Hashable {
        case completed
        case failed
        /// A person decides next, and the task goes on by itself then.
        case waiting = "waiting_approval"
        /// Nobody but a person takes the task further.
        case paused
        case cancelled
        case dryRun = "dry_run"
    }

    package let playbookID: String
    package let stepCount: Int
    /// The task that it is; `nil` for a dry run.
    package var executionID: String?
    package var status: Status
    /// In the order of the steps.
    package var results: [JSONValue] = []
    package var executedCount = 0
    /// What a person has to decide about.
    package var itemID: String?
    /// Why nothing more runs for now, when the task could not be taken further: a lockdown, a store that does not answer.
    package var obstacle: Obstacle?
    /// Whether every step so far succeeded.
    package var isSound = true

    package struct Obstacle: Sendable, Hashable {
        package let code: String
        package let message: String
        package let remedy: String
    }

    package var json: JSONValue {
        let isSuccess = isSound && (status == .completed || status == .dryRun)
        var members: [String: JSONValue] = [
            "success": .bool(isSuccess), "status": .string(status.rawValue), "execution_id": JSONValue(executionID),
            "playbook_id": .string(playbookID), "steps_executed": .integer(executedCount),
            "steps_total": .integer(stepCount), "results": .array(results), "dry_run": .bool(status == .dryRun),
        ]
        members["approval_request_id"] = itemID.map(JSONValue.string)
        members["code"] = (obstacle?.code).map(JSONValue.string)
        members["remedy"] = (obstacle?.remedy).map(JSONValue.string)
        if !isSuccess {
            let message = obstacle?.message ?? message
            members["error"] = .string(message)
            members["detail"] = .string(message)
        }
        return .object(members)
    }

    private var message: String {
        switch status {
        case .waiting: "step \(executedCount + 1) waits for a person's decision; the task goes on by itself then"
        case .dryRun: "a step would be refused"
        case .completed, .failed: "step \(executedCount) failed"
        case .paused: "the task was paused; a person takes it further"
        case .cancelled: "the task was cancelled"
        }
    }

    /// - Parameters:
    ///   - number: From 1.
    ///   - result: `Result` of the contract.
    mutating func add(number: Int, toolName: String, isSuccess: Bool, _ result: JSONValue, attempts: Int) {
        var members: [String: JSONValue] = [
            "step_index": .integer(number - 1), "tool_name": .string(toolName), "success": .bool(isSuccess),
            "result": result["result"] ?? .null, "error": result["error"] ?? .null, "attempts": .integer(attempts),
        ]
        for name in ["audit_id", "code", "remedy"] { members[name] = result[name] }
        results.append(.object(members))
        if !isSuccess { isSound = false }
    }
}
