internal import Audit
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
    /// The run whose call it is, and the task whose step that is.
    let run: Run?

    /// - Parameter auditID: A fresh one unless somebody had to know it before.
    init(call: ToolCall, principal: String, door: String, at wall: Double, auditID: String? = nil, run: Run? = nil) {
        self.auditID = auditID ?? Identifier.makeOrdered("aud", at: wall)
        traceID = Identifier.make("trc")
        receivedAt = wall
        started = .now
        self.call = call
        self.principal = principal
        self.door = door
        self.run = run
    }

    var elapsedMilliseconds: Double {
        let elapsed = ContinuousClock.now - started
        let microseconds = elapsed.components.seconds * 1_000_000 + elapsed.components.attoseconds / 1_000_000_000_000
        return Double(microseconds) / 1_000
    }

    /// Members that every line of the call carries, in the order of their names, without the time.
    ///
    /// - Parameter redacted: Makes of a text that the caller chose freely what may be kept of it.
    func labels(toolName: String, redacted: (String) -> String) -> [AuditRecord.Member] {
        var labels: [AuditRecord.Member] = []
        // Room for what an outcome adds.
        labels.reserveCapacity(20)
        func add(_ name: String, _ text: String?) {
            if let text { labels.append((name, .string(redacted(text)))) }
        }
        add("agent_id", call.agentID)
        if toolName != call.toolName { add("called_as", call.toolName) }
        add("caller_trace_id", call.traceID)
        add("department", call.department)
        labels.append(("door", .string(door)))
        labels.append(("principal", .string(principal)))
        add("reason", call.reason)
        if let run { labels.append(("run_id", .string(run.id))) }
        if let step = run?.step {
            labels.append(("step", .integer(step.step)))
            labels.append(("task_id", .string(step.taskID)))
        }
        add("tool_name", toolName)
        labels.append(("trace_id", .string(traceID)))
        return labels
    }
}
