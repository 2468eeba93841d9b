internal import Gate
internal import ToolKit

/// What the record of one call is made of, from its arrival on. Ids and times are ours, never the caller's
/// (SECURITY R62).
package struct CallRecord: Sendable {
    package let auditID: String
    package let traceID: String
    /// Unix seconds.
    package let receivedAt: Double
    let started: ContinuousClock.Instant
    let call: ToolCall
    let principal: String
    let door: String

    /// - Parameter auditID: A fresh one unless somebody had to know it before.
    init(call: ToolCall, principal: String, door: String, at wall: Double, auditID: String? = nil) {
        self.auditID = auditID ?? Identifier.makeOrdered("aud", at: wall)
        traceID = Identifier.make("trc")
        receivedAt = wall
        started = .now
        self.call = call
        self.principal = principal
        self.door = door
    }

    var elapsedMilliseconds: Double {
        let elapsed = ContinuousClock.now - started
        let microseconds = elapsed.components.seconds * 1_000_000 + elapsed.components.attoseconds / 1_000_000_000_000
        return Double(microseconds) / 1_000
    }

    /// Fields that every line of the call carries.
    func fields(toolName: String) -> [String: JSONValue] {
        var fields: [String: JSONValue] = [:]
        // Room for what an outcome adds: growing a dictionary hashes all of it anew.
        fields.reserveCapacity(20)
        fields["tool_name"] = .string(toolName)
        fields["ts"] = .number(receivedAt)
        fields["principal"] = .string(principal)
        fields["door"] = .string(door)
        fields["trace_id"] = .string(traceID)
        if toolName != call.toolName { fields["called_as"] = .string(call.toolName) }
        fields["department"] = call.department.map(JSONValue.string)
        fields["agent_id"] = call.agentID.map(JSONValue.string)
        fields["reason"] = call.reason.map(JSONValue.string)
        fields["caller_trace_id"] = call.traceID.map(JSONValue.string)
        return fields
    }
}
