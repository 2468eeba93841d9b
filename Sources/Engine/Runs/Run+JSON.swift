package import Gate
package import ToolKit

extension Run {
    /// `run` of `GET /runs/{run_id}`, for one that never waited for a person.
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "run_id": .string(id), "status": .string(state.rawValue), "tool_name": .string(call.toolName),
            "created_at": .number(createdAt),
        ]
        members["task_id"] = (step?.taskID).map(JSONValue.string)
        members["step"] = (step?.step).map { .integer($0) }
        members["audit_id"] = auditID.map(JSONValue.string)
        members["result"] = result
        return .object(members)
    }
}
