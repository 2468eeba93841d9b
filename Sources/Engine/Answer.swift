package import Audit
internal import Gate
package import ToolKit

/// What a door tells the caller of a call: the `Result` of the contract.
package struct Answer: Sendable {
    /// What kind of answer it is, for doors with status codes of their own.
    package enum Kind: Sendable, Hashable {
        /// It ran or was planned; a failure of the tool included.
        case outcome
        /// The gate said no.
        case refusal(CallStatus)
        /// It waits in the inbox; nothing ran.
        case waiting
        /// It could not be recorded.
        case unrecorded
    }

    package let kind: Kind
    package let isSuccess: Bool
    package let result: JSONValue
    package private(set) var error: String?
    package private(set) var code: String?
    package private(set) var remedy: String?
    package let auditID: String
    package let traceID: String
    package let isDryRun: Bool
    package let durationMilliseconds: Double?
    package var retryAfterMilliseconds: Int?
    /// How the programs of the call were confined.
    package var confinement: String?
    package var problems: [ArgumentProblem] = []
    /// Where the outcome stands in the audit.
    package var receipt: AuditReceipt?
    /// What a call waits as.
    package var waiting: Waiting?

    /// Members beyond those of every answer: effects, and what the tool says of a failure.
    package var more: [String: JSONValue] = [:]

    /// The members of an earlier answer that this one repeats, word for word.
    var first: JSONValue?

    /// Says the same in words that fit better.
    package mutating func replace(_ failure: ToolFailure) {
        (error, code, remedy) = (failure.message, failure.code, failure.remedy)
        more.merge(failure.details) { _, new in new }
    }

    package struct Waiting: Sendable, Hashable {
        package let runID: String
        package let itemID: String
    }

    package var json: JSONValue { .object(Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }) }

    /// The members of the answer's object, for a door that writes them straight away.
    package var members: [(key: String, value: JSONValue)] {
        if let first { return replayed(first) }
        var members: [(key: String, value: JSONValue)] = []
        members.reserveCapacity(16)
        // In the order of their names, which is how they are written.
        if let waiting { members.append(("approval_request_id", .string(waiting.itemID))) }
        members.append(("audit_id", .string(auditID)))
        if let code { members.append(("code", .string(code))) }
        if let confinement { members.append(("confinement", .string(confinement))) }
        if !isSuccess { members.append(("detail", JSONValue(error))) }
        members.append(("dry_run", .bool(isDryRun)))
        if let durationMilliseconds { members.append(("duration_ms", .number(durationMilliseconds))) }
        members.append(("error", JSONValue(error)))
        if !problems.isEmpty {
            let fields = problems.map { ["field": .string($0.field), "reason": .string($0.reason)] as JSONValue }
            members.append(("fields", .array(fields)))
        }
        if let receipt { members.append(("receipt", receipt.json)) }
        if let remedy { members.append(("remedy", .string(remedy))) }
        members.append(("result", result))
        if let retryAfterMilliseconds { members.append(("retry_after_ms", .integer(retryAfterMilliseconds))) }
        if let waiting { members.append(("run_id", .string(waiting.runID))) }
        members.append(("status", waiting != nil ? "waiting_approval" : isSuccess ? "ok" : "error"))
        members.append(("success", .bool(isSuccess)))
        members.append(("trace_id", .string(traceID)))
        if !more.isEmpty {
            let known = Set(members.map(\.key))
            members += more.filter { !known.contains($0.key) }.map { ($0.key, $0.value) }
            members.sort { $0.key < $1.key }
        }
        return members
    }
}

extension Answer {
    /// An earlier answer once more.
    init(replaying first: JSONValue, _ record: CallRecord) {
        let isWaiting = first["status"]?.stringValue == "waiting_approval"
        self.init(
            kind: isWaiting ? .waiting : .outcome, isSuccess: first["success"]?.boolValue ?? false,
            result: first["result"] ?? .null, error: first["error"]?.stringValue, code: first["code"]?.stringValue,
            remedy: first["remedy"]?.stringValue, auditID: first["audit_id"]?.stringValue ?? record.auditID,
            traceID: first["trace_id"]?.stringValue ?? record.traceID, isDryRun: first["dry_run"]?.boolValue ?? false,
            durationMilliseconds: first["duration_ms"]?.doubleValue)
        if isWaiting, let run = first["run_id"]?.stringValue, let item = first["approval_request_id"]?.stringValue {
            waiting = Waiting(runID: run, itemID: item)
        }
        self.first = first
    }

    private func replayed(_ first: JSONValue) -> [(key: String, value: JSONValue)] {
        var members = first.objectValue ?? [:]
        members["replayed"] = true
        return members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    init(_ refusal: Refusal, _ record: CallRecord) {
        self.init(
            kind: .refusal(refusal.status), isSuccess: false, result: .null, error: refusal.message,
            code: refusal.code, remedy: refusal.remedy, auditID: record.auditID, traceID: record.traceID,
            isDryRun: record.call.dryRun ?? false, durationMilliseconds: record.elapsedMilliseconds,
            retryAfterMilliseconds: refusal.retryAfterMilliseconds, problems: refusal.problems)
        more = refusal.details
    }

    init(waitingFor item: InboxItem, _ record: CallRecord) {
        self.init(
            kind: .waiting, isSuccess: true, result: .null, error: nil, code: nil, remedy: nil,
            auditID: record.auditID, traceID: record.traceID, isDryRun: false,
            durationMilliseconds: record.elapsedMilliseconds)
        waiting = Waiting(runID: item.execution.runID, itemID: item.id)
    }

    /// Not recordable means not run; for a call that had run already, its outcome is recorded once that is possible.
    static func unrecorded(_ record: CallRecord) -> Answer {
        Answer(
            kind: .unrecorded, isSuccess: false, result: .null, error: "the audit log cannot be written",
            code: "audit_unavailable", remedy: "free space on the disk of the home folder, or see the daemon's log",
            auditID: record.auditID, traceID: record.traceID, isDryRun: record.call.dryRun ?? false,
            durationMilliseconds: record.elapsedMilliseconds)
    }
}
