package import Gate
package import ToolKit

extension InboxItem {
    /// An element of `/approvals` and `/requests`.
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "approval_request_id": .string(id), "request_id": .string(id), "request_type": .string(kind.rawValue),
            "run_id": .string(execution.runID), "tool_name": .string(call.toolName),
            "args": .object(call.arguments), "digest": .string(digest.hex), "plan": plan,
            "reason": .string(call.reason ?? ""), "agent_id": JSONValue(call.agentID),
            "department": JSONValue(call.department), "principal": .string(principal), "risk": .string(risk.name),
            "risk_level": .integer(risk.rawValue), "undoable": .bool(isUndoable),
            "dry_run": .bool(call.dryRun ?? false),
            "status": .string(status.rawValue), "created_at": .number(createdAt), "expires_at": expiry,
        ]
        members["task_id"] = (step?.taskID).map(JSONValue.string)
        members["step"] = (step?.step).map { .integer($0) }
        members["resolution"] = (decision?.resolution).map { .string($0.rawValue) }
        members["risk_score_estimate"] = riskEstimate.map(JSONValue.number)
        members["decided_at"] = (decision?.at).map(JSONValue.number) ?? .null
        members["decided_by"] = JSONValue(decision?.by)
        members["note"] = JSONValue(decision?.note)
        members["grant_id"] = (decision?.grantID).map(JSONValue.string)
        members["run_status"] = .string(execution.state.rawValue)
        members["execution_result"] = execution.result
        return .object(members)
    }

    /// `run` of `GET /runs/{run_id}`.
    package var runJSON: JSONValue {
        var members: [String: JSONValue] = [
            "run_id": .string(execution.runID), "status": .string(execution.state.rawValue),
            "tool_name": .string(call.toolName), "approval_request_id": .string(id),
            "created_at": .number(createdAt), "expires_at": expiry,
        ]
        members["task_id"] = (step?.taskID).map(JSONValue.string)
        members["audit_id"] = execution.auditID.map(JSONValue.string)
        members["result"] = execution.result ?? refusal
        return .object(members)
    }

    /// `null` for what waits as long as it takes.
    private var expiry: JSONValue { expiresAt.isFinite ? .number(expiresAt) : .null }

    /// The result of a run that never began because of what people did, or did not do.
    private var refusal: JSONValue? {
        let (code, error, remedy): (String, String, String)
        switch status {
        case .denied:
            let note = decision?.note.map { ": \($0)" } ?? ""
            (code, error) = ("approval_denied", "\(decision?.by ?? "somebody") denied it\(note)")
            remedy = "do something else, or ask again with a better reason"
        case .expired:
            (code, error) = ("approval_expired", "nobody decided in time")
            remedy = "ask again"
        case .pending, .approved, .withdrawn: return nil
        }
        return [
            "success": false, "status": "error", "result": nil, "error": .string(error), "detail": .string(error),
            "code": .string(code), "remedy": .string(remedy), "dry_run": false,
        ]
    }

    /// What the audit keeps of it beside the lines of the call itself: no arguments, which those have.
    var recorded: JSONValue {
        var members: [String: JSONValue] = [
            "approval_request_id": .string(id), "request_type": .string(kind.rawValue),
            "run_id": .string(execution.runID), "tool_name": .string(call.toolName), "digest": .string(digest.hex),
            "principal": .string(principal), "status": .string(status.rawValue), "expires_at": expiry,
        ]
        members["task_id"] = (step?.taskID).map(JSONValue.string)
        members["agent_id"] = call.agentID.map(JSONValue.string)
        members["reason"] = call.reason.map(JSONValue.string)
        return .object(members)
    }
}
