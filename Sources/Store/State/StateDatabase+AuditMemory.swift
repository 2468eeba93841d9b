package import Audit
internal import Foundation
internal import GRDB

extension StateDatabase: AuditMemory {
    package func rememberedHead() throws -> RememberedHead? {
        try pool.read { database in
            guard let row = try Row.fetchOne(database, sql: "SELECT * FROM audit_head WHERE id = 1") else { return nil }
            let bytes: Data = row["hash"]
            guard let hash = LineHash(bytes: bytes) else { return nil }
            let end = LinePlace(file: row["end_file"], offset: row["end_offset"])
            return RememberedHead(position: IndexPosition(seq: row["seq"], hash: hash, end: end), at: row["at"])
        }
    }

    package func remember(_ head: RememberedHead) throws {
        let position = head.position
        try pool.write { database in
            try database.execute(
                sql: """
                    INSERT INTO audit_head (id, seq, hash, end_file, end_offset, at) VALUES (1, ?, ?, ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
                        end_file = excluded.end_file, end_offset = excluded.end_offset, at = excluded.at
                    """,
                arguments: [
                    position.seq, Data(position.hash.bytes), position.end.file, position.end.offset, head.at,
                ])
        }
    }

    package func losses() throws -> [AuditLoss] {
        try pool.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM audit_losses ORDER BY id").compactMap { row in
                let bytes: Data = row["hash"]
                let (first, last): (Int, Int) = (row["first_seq"], row["last_seq"])
                guard let hash = LineHash(bytes: bytes), first <= last else { return nil }
                return AuditLoss(
                    lines: first...last, hash: hash, isCut: row["is_cut"], foundAt: row["found_at"],
                    acknowledgedAt: row["acknowledged_at"])
            }
        }
    }

    /// A start that failed after it found a loss finds the same one again; it is kept once.
    package func add(_ loss: AuditLoss) throws {
        try pool.write { database in
            try database.execute(
                sql: """
                    INSERT INTO audit_losses (first_seq, last_seq, hash, is_cut, found_at)
                    SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM audit_losses
                        WHERE first_seq = ?1 AND last_seq = ?2 AND hash = ?3 AND acknowledged_at IS NULL)
                    """,
                arguments: [
                    loss.lines.lowerBound, loss.lines.upperBound, Data(loss.hash.bytes), loss.isCut, loss.foundAt,
                ])
        }
    }

    /// Somebody answers for every loss that is known by now.
    ///
    /// - Returns: How many there were.
    package func acknowledgeLosses(at wall: Double) throws -> Int {
        try pool.write { database in
            try database.execute(
                sql: "UPDATE audit_losses SET acknowledged_at = ? WHERE acknowledged_at IS NULL", arguments: [wall])
            return database.changesCount
        }
    }
}
