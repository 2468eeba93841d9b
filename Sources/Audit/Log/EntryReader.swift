internal import ToolKit

/// Makes the entries of `/logs` from the lines they stand in.
struct EntryReader {
    let files: LogFiles

    /// The members that every entry has, also when nothing is known for them (CONTRACT, `AuditEntry`).
    private static let members = [
        "audit_id", "ts", "tool_name", "department", "agent_id", "principal", "reason", "status", "trace_id",
        "duration_ms", "error", "args", "args_summary", "result_summary", "undoable",
    ]

    func entry(_ entry: IndexedEntry) -> JSONValue {
        do {
            var fields = try line(entry.first, of: entry).fields
            let start = fields["ts"]
            if let outcome = entry.outcome {
                let end = try line(outcome, of: entry)
                fields.merge(end.fields) { $1 == .null ? $0 : $1 }
                fields["finished_at"] = end.fields["ts"]
                fields["outcome_seq"] = .integer(end.seq)
            }
            fields["ts"] = start
            fields["seq"] = .integer(entry.seq)
            fields["prev"] = nil
            fields["hash"] = nil
            for name in Self.members where fields[name] == nil { fields[name] = .null }
            return .object(fields)
        } catch {
            return unreadable(entry)
        }
    }

    /// What the index alone knows: the entry is still listed when its line was tampered with.
    private func unreadable(_ entry: IndexedEntry) -> JSONValue {
        var fields = Dictionary(uniqueKeysWithValues: Self.members.map { ($0, JSONValue.null) })
        fields["audit_id"] = .string(entry.keys.auditID)
        fields["kind"] = .string(entry.keys.kind.rawValue)
        fields["tool_name"] = JSONValue(entry.keys.toolName)
        fields["status"] = JSONValue(entry.keys.status)
        fields["agent_id"] = JSONValue(entry.keys.agentID)
        fields["principal"] = JSONValue(entry.keys.principal)
        fields["seq"] = .integer(entry.seq)
        fields["error"] = "the line of this entry cannot be read; run `execlayer audit verify`"
        return .object(fields)
    }

    /// - Throws: When the line at the place is not a whole one of this entry.
    func line(_ span: LineSpan, of entry: IndexedEntry) throws -> StoredLine {
        try checked(span, of: entry).line
    }

    /// The same line's bytes, without its newline.
    func bytes(_ span: LineSpan, of entry: IndexedEntry) throws -> [UInt8] {
        try checked(span, of: entry).bytes
    }

    private func checked(
        _ span: LineSpan, of entry: IndexedEntry
    ) throws -> (line: StoredLine, bytes: [UInt8]) {
        let bytes = try files.file(span.place.file).read(at: span.place.offset, count: span.length)
        guard bytes.count == span.length, bytes.last == UInt8(ascii: "\n") else {
            throw AuditReadError("the line is not there")
        }
        let line = try bytes.withUnsafeBytes { try StoredLine(UnsafeRawBufferPointer(rebasing: $0.dropLast())) }
        guard line.keys.auditID == entry.keys.auditID else { throw AuditReadError("another line is there") }
        return (line, bytes.dropLast())
    }
}
