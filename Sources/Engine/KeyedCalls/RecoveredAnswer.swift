internal import Gate
internal import ToolKit

/// What can be told of a call whose answer was lost with the daemon: as much as the audit knows.
enum RecoveredAnswer {
    /// - Parameter entry: Of the audit, with its outcome; the status `unknown` means that nobody can say.
    static func json(of entry: JSONValue) -> JSONValue {
        let status = entry["status"]?.stringValue.flatMap(CallStatus.init(rawValue:)) ?? .unknown
        let isDone = status == .ok || status == .dryRun
        let error: JSONValue =
            isDone
            ? .null
            : status == .unknown
                ? "the daemon ended while this ran; nobody can say what happened" : entry["error"] ?? .null
        var members: [String: JSONValue] = [
            "success": .bool(isDone), "status": isDone ? "ok" : "error", "result": nil, "error": error,
            "audit_id": entry["audit_id"] ?? .null, "trace_id": entry["trace_id"] ?? .null,
            "dry_run": .bool(status == .dryRun), "result_summary": entry["result_summary"] ?? .null, "recovered": true,
        ]
        if !isDone {
            members["code"] = status == .unknown ? "indeterminate" : entry["code"] ?? .null
            members["detail"] = error
            members["remedy"] = "look at what it would have changed, then send it anew if it is to run"
        }
        return .object(members)
    }

    /// Of a call that has come as far as the inbox.
    static func json(of item: InboxItem, auditID: String) -> JSONValue {
        [
            "success": true, "status": "waiting_approval", "run_id": .string(item.execution.runID),
            "approval_request_id": .string(item.id), "audit_id": .string(auditID), "trace_id": nil, "result": nil,
            "error": nil, "dry_run": false, "recovered": true,
        ]
    }
}
