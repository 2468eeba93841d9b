internal import Audit
internal import GRDB

/// How an entry stands in its table.
enum EntryRow {
    static let columns = """
        seq, kind, audit_id, tool_name, status, agent_id, principal, file, offset, length,
        outcome_seq, outcome_file, outcome_offset, outcome_length
        """

    static func keys(_ row: Row) -> LineKeys? {
        let kind: String = row[1]
        guard let kind = LineKind(rawValue: kind) else { return nil }
        return LineKeys(
            kind: kind, auditID: row[2], toolName: row[3], status: row[4], agentID: row[5], principal: row[6])
    }

    static func entry(_ row: Row) -> IndexedEntry? {
        guard let keys = keys(row) else { return nil }
        var entry = IndexedEntry(
            seq: row[0], keys: keys,
            first: LineSpan(place: LinePlace(file: row[7], offset: row[8]), length: row[9]))
        let outcomeSeq: Int? = row[10]
        if outcomeSeq != nil {
            entry.outcomeSeq = outcomeSeq
            entry.outcome = LineSpan(place: LinePlace(file: row[11], offset: row[12]), length: row[13])
        }
        return entry
    }
}
