package import Gate
package import ToolKit

extension AgentTask {
    /// `task` of the contract.
    ///
    /// - Parameters:
    ///   - steps: From one on, as many as fit on a page.
    ///   - waiting: `required_approvals`.
    package func json(steps: [TaskStep], waiting: [JSONValue]) -> JSONValue {
        var members = members(steps: steps.map(\.facts))
        members["steps"] = .array(steps.map { $0.json(of: self) })
        members["required_approvals"] = .array(waiting)
        return .object(members)
    }

    private func members(steps: [StepFacts]) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "task_id": .string(id), "goal": .string(goal), "status": .string(status.rawValue),
            "started": .bool(isStarted), "note": JSONValue(note), "step_count": .integer(stepCount),
            "steps_done": .integer(current - 1), "current_step": .integer(current), "max_steps": .integer(maxSteps),
            "max_retries": .integer(maxRetries), "principal": .string(principal), "agent_id": JSONValue(agentID),
            "planner": .string(source.rawValue), "created_at": .number(createdAt), "updated_at": .number(updatedAt),
            "artifacts": .array(steps.compactMap(\.artifactsJSON)),
        ]
        members["playbook_id"] = playbookID.map(JSONValue.string)
        // Where to read on.
        if let last = steps.last?.number, last < stepCount { members["next_step"] = .integer(last + 1) }
        return members
    }
}

extension TaskPage.Listing {
    /// An element of `/tasks`: as the task itself, without arguments and results.
    package var json: JSONValue {
        var members = task.json(steps: [], waiting: []).objectValue ?? [:]
        members["steps"] = .array(steps.map { .object($0.members(of: task)) })
        members["artifacts"] = .array(steps.compactMap(\.artifactsJSON))
        members["required_approvals"] = .array(
            steps.compactMap { step in
                guard step.number == task.current, task.status == .waiting else { return nil }
                return [
                    "step": .integer(step.number), "tool_name": .string(step.toolName), "run_id": JSONValue(step.runID),
                    "request_type": step.isUnknown ? "indeterminate" : "task_step",
                ]
            })
        if let last = steps.last?.number, last < task.stepCount { members["next_step"] = .integer(last + 1) }
        return .object(members)
    }
}

extension TaskStep {
    package func json(of task: AgentTask) -> JSONValue {
        var members = facts.members(of: task)
        members["args"] = .object(arguments)
        members["expect"] = expect
        members["result"] = result
        return .object(members)
    }

    /// `step_result` of the contract.
    package func resultJSON(of task: AgentTask) -> JSONValue {
        var members = json(of: task).objectValue ?? [:]
        members["success"] = .bool(facts.state == .done)
        members["error"] = JSONValue(facts.state == .done ? nil : facts.failure?.message)
        members["code"] = facts.state == .done ? nil : (facts.failure?.code).map(JSONValue.string)
        return .object(members)
    }
}

extension StepFacts {
    func members(of task: AgentTask) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "step": .integer(number), "tool_name": .string(toolName), "status": .string(state.rawValue),
            "attempts": .integer(attempts), "max_retries": .integer(maxRetries ?? task.maxRetries),
        ]
        members["description"] = description.map(JSONValue.string)
        members["run_id"] = runID.map(JSONValue.string)
        members["audit_id"] = auditID.map(JSONValue.string)
        members["not_before_at"] = notBefore.map(JSONValue.number)
        members["failure"] = failure.map { failure in
            [
                "code": .string(failure.code), "message": .string(failure.message), "count": .integer(failure.count),
            ]
        }
        members["result_summary"] = summary.map(JSONValue.string)
        members["started_at"] = startedAt.map(JSONValue.number)
        members["ended_at"] = endedAt.map(JSONValue.number)
        return members
    }

    /// An element of `artifacts`: what a step that ended has left.
    var artifactsJSON: JSONValue? {
        guard let endedAt, state == .done || state == .failed else { return nil }
        return [
            "step": .integer(number), "tool_name": .string(toolName), "ts": .number(endedAt),
            "result_status": state == .done ? "ok" : "error", "result_summary": .string(summary ?? ""),
            "artifact_files": .array(fileNames.map { .string($0.name) }),
        ]
    }
}
