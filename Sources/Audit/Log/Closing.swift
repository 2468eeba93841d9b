internal import Synchronization
internal import ToolKit

/// Writes what a start-up has to say into the log: bytes that were cut off, a head file that was missing, calls that
/// nobody can tell the end of.
struct Closing {
    let configuration: AuditLogConfiguration
    let index: any AuditIndex
    let files: LogFiles

    /// - Returns: The calls that were closed as `unknown`.
    func run(_ found: Recovery.Found, with batches: BatchWriter) throws -> [String] {
        var changes: [AuditRecord] = []
        if let torn = found.torn { changes.append(tornTail(torn, after: found.chain.seq)) }
        if found.report.isHeadMissing {
            changes.append(change("the head file was missing", ["head": "missing"], id: "head"))
        }
        if let loss = found.report.loss { changes.append(missing(loss)) }
        try append(changes, with: batches)
        if found.torn != nil { try files.storage.remove(LogNames.torn) }
        let calls = try index.openCalls(limit: .max)
        for start in stride(from: 0, to: calls.count, by: 1_000) {
            try append(calls[start..<min(start + 1_000, calls.count)].map(outcome), with: batches)
        }
        if batches.chain.sinceCheckpoint > 0 {
            // From here on a cut of what was just read and repaired is noticed.
            try perform(WriterJob(work: .checkpoint), with: batches)
        }
        return calls.map(\.keys.auditID)
    }

    private func append(_ records: [AuditRecord], with batches: BatchWriter) throws {
        guard !records.isEmpty else { return }
        try perform(WriterJob(work: .records(records.map(EncodedRecord.init))), with: batches)
    }

    private func perform(_ job: WriterJob, with batches: BatchWriter) throws {
        let answer = Answer()
        var job = job
        job.answer = { result in answer.result.withLock { $0 = result } }
        batches.process([job])
        _ = try answer.result.withLock { $0 }?.get()
    }

    private final class Answer: Sendable {
        let result = Mutex<Result<WriterJob.Done, AuditUnavailable>?>(nil)
    }

    private func tornTail(_ bytes: [UInt8], after seq: Int) -> AuditRecord {
        change(
            "an unfinished end of the log was cut off",
            [
                "after_seq": .integer(seq), "removed_bytes": .integer(bytes.count),
                "removed_sha256": .string(LineHash.of(bytes).hex),
            ], id: "torn")
    }

    private func missing(_ loss: AuditLoss) -> AuditRecord {
        change(
            loss.sentence,
            [
                "first_seq": .integer(loss.lines.lowerBound), "last_seq": .integer(loss.lines.upperBound),
                "last_hash": .string(loss.hash.hex), "is_cut": .bool(loss.isCut),
            ], id: "loss")
    }

    private func change(_ reason: String, _ facts: [String: JSONValue], id: String) -> AuditRecord {
        let now = configuration.now()
        let suffix = Hex.encode(withUnsafeBytes(of: UInt64.random(in: .min ... .max)) { Array($0) })
        return AuditRecord(
            .change, auditID: "audit_\(id)_\(suffix)",
            fields: [
                "ts": .number(now), "tool_name": "change:audit", "principal": "local", "status": "ok",
                "reason": .string(reason), "before": .null, "after": .object(facts),
            ])
    }

    private func outcome(_ call: IndexedEntry) -> AuditRecord {
        var fields: [String: JSONValue] = [
            "ts": .number(configuration.now()), "status": .string(CallStatus.unknown.rawValue),
            "error": "the daemon ended before the outcome was recorded; nobody can say what happened",
        ]
        fields["tool_name"] = JSONValue(call.keys.toolName)
        fields["agent_id"] = call.keys.agentID.map(JSONValue.string)
        fields["principal"] = call.keys.principal.map(JSONValue.string)
        return AuditRecord(.outcome, auditID: call.keys.auditID, fields: fields)
    }
}
