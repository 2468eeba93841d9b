package import Engine
internal import GRDB
internal import ToolKit

extension StateDatabase: ArtifactIndex {
    package func insert(_ record: ArtifactRecord) async throws {
        try await pool.write { database in
            try database.execute(
                sql: """
                    INSERT INTO artifacts (id, audit_id, principal, tool_name, name, size, sha256, created_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    record.artifact.id, record.call.auditID, record.call.principal, record.call.toolName,
                    record.artifact.name, record.artifact.size, record.artifact.sha256, record.createdAt,
                ])
        }
    }

    package func removeArtifacts(_ ids: [String]) async throws {
        try await pool.write { database in
            for id in ids { try database.execute(sql: "DELETE FROM artifacts WHERE id = ?", arguments: [id]) }
        }
    }

    package func artifact(_ id: String) async throws -> ArtifactRecord? {
        try await pool.read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM artifacts WHERE id = ?", arguments: [id]).map(Self.artifact)
        }
    }

    package func artifacts(_ query: ArtifactQuery) async throws -> ArtifactPage {
        try await pool.read { database in
            var conditions = ["seq < ?"]
            var arguments: StatementArguments = [query.before ?? .max]
            if let auditID = query.auditID {
                conditions.append("audit_id = ?")
                arguments += [auditID]
            }
            if let principal = query.principal {
                conditions.append("principal = ?")
                arguments += [principal]
            }
            // One more tells whether there is a next page.
            arguments += [query.limit + 1]
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT * FROM artifacts WHERE \(conditions.joined(separator: " AND ")) ORDER BY seq DESC LIMIT ?",
                arguments: arguments)
            let shown = rows.prefix(query.limit)
            return ArtifactPage(
                records: shown.map(Self.artifact), next: rows.count > shown.count ? shown.last.map { $0["seq"] } : nil)
        }
    }

    package func oldestArtifacts(_ count: Int, of principal: String) async throws -> [ArtifactRecord] {
        try await pool.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM artifacts WHERE principal = ? ORDER BY seq LIMIT ?",
                arguments: [principal, count]
            ).map(Self.artifact)
        }
    }

    package func artifactHolders() async throws -> [ArtifactHolder] {
        try await pool.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT principal, COUNT(*) AS count, SUM(size) AS bytes FROM artifacts GROUP BY principal"
            ).map { ArtifactHolder(principal: $0["principal"], count: $0["count"], bytes: $0["bytes"]) }
        }
    }

    package func artifactTotals() async throws -> (count: Int, bytes: Int) {
        try await pool.read { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT COUNT(*) AS count, IFNULL(SUM(size), 0) AS bytes FROM artifacts")
            return (row?["count"] ?? 0, row?["bytes"] ?? 0)
        }
    }

    package func artifactIDs() async throws -> Set<String> {
        try await pool.read { try String.fetchSet($0, sql: "SELECT id FROM artifacts") }
    }

    package func artifactIDs(ofCalls auditIDs: [String]) async throws -> Set<String> {
        try await pool.read { database in
            var ids: Set<String> = []
            for auditID in auditIDs {
                ids.formUnion(
                    try String.fetchSet(
                        database, sql: "SELECT id FROM artifacts WHERE audit_id = ?", arguments: [auditID]))
            }
            return ids
        }
    }

    private static func artifact(_ row: Row) -> ArtifactRecord {
        ArtifactRecord(
            artifact: Artifact(id: row["id"], name: row["name"], size: row["size"], sha256: row["sha256"]),
            call: CallLabel(auditID: row["audit_id"], principal: row["principal"], toolName: row["tool_name"]),
            createdAt: row["created_at"])
    }
}
