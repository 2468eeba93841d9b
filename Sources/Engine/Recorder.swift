package import Audit
package import Gate
internal import Logging
package import ToolKit

/// Turns what happens to a call into lines of the audit.
package struct Recorder: Sendable {
    package let log: AuditLog
    package let redactor: Redactor
    private let time: any TimeSource
    private let logger = Logger(label: "engine.record")

    package init(log: AuditLog, redactor: Redactor, time: any TimeSource) {
        self.log = log
        self.redactor = redactor
        self.time = time
    }

    /// A call whose intent is recorded and whose outcome is owed.
    struct Ticket: Sendable {
        let record: CallRecord
        let kind: Grant.Kind
        let admitted: AdmittedCall
        let fields: [String: JSONValue]
    }

    /// Records the intent. A call that can change something is on disk when this returns; for one that only reads, the
    /// line is in the queue, in front of its outcome, and shares the outcome's sync.
    ///
    /// A dry run touches nothing and has no intent; its one line is written by ``close(_:with:)``.
    func open(_ grant: borrowing Grant, for record: CallRecord) async throws -> Ticket {
        let admitted = grant.admitted
        var fields = record.fields(toolName: admitted.toolName)
        let redacted = redactor.arguments(admitted.arguments, contentArguments: admitted.contentNames)
        fields["args"] = redacted.args
        fields["args_summary"] = .string(redacted.summary)
        fields["approval_id"] = admitted.approvalID.map(JSONValue.string)
        let ticket = Ticket(record: record, kind: grant.kind, admitted: admitted, fields: withoutSecrets(fields))
        guard grant.kind == .run else { return ticket }
        let intent = AuditRecord(.intent, auditID: record.auditID, fields: ticket.fields)
        if admitted.access.canChange {
            _ = try await log.append(intent)
        } else {
            try log.enqueue(intent)
        }
        return ticket
    }

    /// Records the outcome and makes the answer; throws ``AuditUnavailable`` when the outcome is not on disk.
    func close(_ ticket: Ticket, with outcome: Outcome) async throws -> Answer {
        let record = ticket.record
        let duration = record.elapsedMilliseconds
        let ending = Ending(of: outcome, ticket: ticket)
        if case .faulted(let description) = outcome {
            logger.error(
                "a tool failed in a way it should not",
                metadata: ["call.id": "\(record.auditID)", "error": "\(redactor.text(description))"])
        }
        // The intent has said what was asked; the outcome adds how it ended.
        var fields = ticket.kind == .plan ? ticket.fields : record.fields(toolName: ticket.admitted.toolName)
        fields["status"] = .string(ending.status.rawValue)
        fields["duration_ms"] = .number(duration)
        fields["error"] = ending.error.map { .string(redactor.text($0)) }
        fields["code"] = ending.code.map(JSONValue.string)
        fields["result_summary"] = ending.summary.map { .string(redactor.text($0)) }
        if ticket.kind == .run { fields["ts"] = .number(time.wall) }
        // A dry run that could not be planned is a refusal: nothing ran, and no intent waits for an outcome.
        let kind: LineKind = ticket.kind == .plan && ending.status != .dryRun ? .refusal : .outcome
        let receipts = try await log.append(
            AuditRecord(kind, auditID: record.auditID, fields: withoutSecrets(fields)))
        return ending.answer(to: ticket, duration: duration, receipt: receipts.first, redactor: redactor)
    }

    /// Records a refusal: one line, on disk before the answer leaves.
    func refuse(_ record: CallRecord, with refusal: Refusal) async -> Answer {
        var fields = record.fields(toolName: record.call.toolName)
        let redacted = redactor.arguments(record.call.arguments, contentArguments: Self.contentLike)
        fields["args"] = redacted.args
        fields["args_summary"] = .string(redacted.summary)
        fields["status"] = .string(refusal.status.rawValue)
        fields["error"] = .string(redactor.text(refusal.message))
        fields["code"] = .string(refusal.code)
        fields["duration_ms"] = .number(record.elapsedMilliseconds)
        do {
            _ = try await log.append(
                AuditRecord(.refusal, auditID: record.auditID, fields: withoutSecrets(fields)))
        } catch {
            return .unrecorded(record)
        }
        return Answer(refusal, record)
    }

    /// Every text that a caller chose freely.
    package func withoutSecrets(_ fields: [String: JSONValue]) -> [String: JSONValue] {
        var fields = fields
        for name in Self.callersWords {
            if case .string(let text) = fields[name] { fields[name] = .string(redactor.text(text)) }
        }
        return fields
    }

    private static let callersWords = [
        "tool_name", "called_as", "department", "agent_id", "reason", "caller_trace_id", "path", "method",
    ]

    /// Arguments that hold contents in any tool we know; a refused call may belong to no tool whose schema would tell.
    private static let contentLike: Set<String> = ["content", "text", "patch", "script"]
}
