package import ToolKit

/// A call as it is kept: one JSON document with the names of the contract.
extension ToolCall {
    package var stored: JSONValue {
        var members: [String: JSONValue] = ["tool_name": .string(toolName), "args": .object(arguments)]
        members["dry_run"] = dryRun.map(JSONValue.bool)
        members["department"] = department.map(JSONValue.string)
        members["agent_id"] = agentID.map(JSONValue.string)
        members["reason"] = reason.map(JSONValue.string)
        members["trace_id"] = traceID.map(JSONValue.string)
        return .object(members)
    }

    /// - Returns: `nil` for a document that is no call.
    package init?(stored: JSONValue) {
        guard let name = stored["tool_name"]?.stringValue, let arguments = stored["args"]?.objectValue else {
            return nil
        }
        self.init(
            toolName: name, arguments: arguments, dryRun: stored["dry_run"]?.boolValue,
            department: stored["department"]?.stringValue, agentID: stored["agent_id"]?.stringValue,
            reason: stored["reason"]?.stringValue, traceID: stored["trace_id"]?.stringValue)
    }
}
