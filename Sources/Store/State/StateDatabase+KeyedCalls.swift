package import Gate
internal import GRDB
package import ToolKit

extension StateDatabase: KeyedCallStore {
    /// Writers take turns in SQLite, so of many only one inserts.
    package func claim(_ call: KeyedCall) async throws -> KeyedCall? {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO keyed_calls (principal, key, digest, audit_id, created_at, answer)
                        VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT (principal, key) DO NOTHING
                    """,
                arguments: [call.principal, call.key, call.digest.hex, call.auditID, call.createdAt])
            if database.changesCount == 1 {
                let load = try Row.fetchOne(
                    database, sql: "SELECT count(*), coalesce(sum(size), 0) FROM keyed_calls WHERE principal = ?",
                    arguments: [call.principal])
                // Thrown inside the transaction, which then has not happened.
                if let load, load[0] > KeyedCallLimit.keys || load[1] > KeyedCallLimit.bytes { throw KeyedCallLimit() }
                return nil
            }
            return try Row.fetchOne(
                database, sql: "SELECT * FROM keyed_calls WHERE principal = ? AND key = ?",
                arguments: [call.principal, call.key]
            ).map(Self.keyedCall)
        }
    }

    package func restart(_ call: KeyedCall, as auditID: String) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE keyed_calls SET audit_id = ?
                        WHERE principal = ? AND key = ? AND audit_id = ? AND answer IS NULL
                    """,
                arguments: [auditID, call.principal, call.key, call.auditID])
            return database.changesCount == 1
        }
    }

    package func keep(_ answer: JSONValue, for call: KeyedCall) async throws {
        let text = Self.text(answer)
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE keyed_calls SET answer = ?, size = ?
                        WHERE principal = ? AND key = ? AND audit_id = ? AND answer IS NULL
                    """,
                arguments: [text, text.utf8.count, call.principal, call.key, call.auditID])
        }
    }

    package func release(_ call: KeyedCall) async throws {
        try await write { database in
            try database.execute(
                sql: "DELETE FROM keyed_calls WHERE principal = ? AND key = ? AND audit_id = ? AND answer IS NULL",
                arguments: [call.principal, call.key, call.auditID])
        }
    }

    package func removeKeys(createdBefore wall: Double) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    DELETE FROM keyed_calls WHERE created_at < ? AND answer IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM inbox JOIN runs ON runs.id = inbox.run_id
                        WHERE inbox.id = json_extract(answer, '$.approval_request_id')
                            AND (inbox.status = 'pending' OR runs.state NOT IN (\(RunState.endings))
                                OR coalesce(inbox.decided_at, inbox.expires_at) >= ?))
                    """,
                arguments: [wall, wall])
        }
    }

    private static func keyedCall(_ row: Row) -> KeyedCall {
        let text: String? = row["answer"]
        return KeyedCall(
            principal: row["principal"], key: row["key"], digest: CallDigest(hex: row["digest"]),
            auditID: row["audit_id"], createdAt: row["created_at"],
            answer: text.flatMap { try? JSONReader.read($0) })
    }
}
