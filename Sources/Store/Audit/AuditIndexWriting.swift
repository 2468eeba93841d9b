internal import Audit
internal import Foundation
internal import GRDB

/// One batch of lines on its way into the index, with prepared statements.
struct AuditIndexWriting {
    let database: Database

    func add(_ lines: [IndexedLine], tiles: [Tile], position: IndexPosition) throws {
        let merge = EntryMerge(lines)
        try insert(merge.entries)
        try close(merge.laterOutcomes)
        try insert(tiles)
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO audit_position (id, seq, hash, end_file, end_offset) VALUES (1, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
                    end_file = excluded.end_file, end_offset = excluded.end_offset
                """)
        try statement.execute(arguments: [
            position.seq, Data(position.hash.bytes), position.end.file, position.end.offset,
        ])
    }

    private func insert(_ entries: [IndexedEntry]) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO tool_executions (\(EntryRow.columns))
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for entry in entries {
            let keys = entry.keys
            try statement.execute(arguments: [
                entry.seq, keys.kind.rawValue, keys.auditID, keys.toolName, keys.status, keys.agentID, keys.principal,
                entry.first.place.file, entry.first.place.offset, entry.first.length, entry.outcomeSeq,
                entry.outcome?.place.file, entry.outcome?.place.offset, entry.outcome?.length,
            ])
        }
    }

    private func close(_ outcomes: [IndexedLine]) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE tool_executions
                SET status = ?, outcome_seq = ?, outcome_file = ?, outcome_offset = ?, outcome_length = ?
                WHERE audit_id = ? AND kind = 'intent' AND outcome_seq IS NULL
                """)
        for line in outcomes {
            try statement.execute(arguments: [
                line.keys.status, line.seq, line.span.place.file, line.span.place.offset, line.span.length,
                line.keys.auditID,
            ])
        }
    }

    private func insert(_ tiles: [Tile]) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO audit_tiles (level, position, root, start_file, start_offset) VALUES (?, ?, ?, ?, ?)
                """)
        for tile in tiles {
            try statement.execute(arguments: [
                tile.level, tile.position, Data(tile.root.bytes), tile.start?.file, tile.start?.offset,
            ])
        }
    }
}
