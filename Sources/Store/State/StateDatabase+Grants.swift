package import Gate
internal import GRDB
internal import ToolKit

extension StateDatabase: GrantStore {
    package func grants(inForceAt wall: Double) async throws -> [StandingGrant] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM grants WHERE revoked_at IS NULL AND (uses_left IS NULL OR uses_left > 0)
                        AND (expires_at IS NULL OR expires_at > ?) ORDER BY created_at, rowid
                    """,
                arguments: [wall]
            ).compactMap(Self.grant)
        }
    }

    package func use(_ id: String, at wall: Double) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE grants SET uses_left = uses_left - 1 WHERE id = ? AND revoked_at IS NULL
                        AND (uses_left IS NULL OR uses_left > 0) AND (expires_at IS NULL OR expires_at > ?)
                    """,
                arguments: [id, wall])
            return database.changesCount == 1
        }
    }

    package func revokeGrant(_ id: String, at wall: Double) async throws -> StandingGrant? {
        try await write { database in
            guard let row = try Row.fetchOne(database, sql: "SELECT * FROM grants WHERE id = ?", arguments: [id]),
                let grant = Self.grant(row), grant.isInForce(at: wall)
            else { return nil }
            try database.execute(sql: "UPDATE grants SET revoked_at = ? WHERE id = ?", arguments: [wall, id])
            return grant
        }
    }

    static func insert(_ grant: StandingGrant, into database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO grants (id, tool_name, args, agent_id, principal, uses_left, expires_at, created_by,
                    created_at, item_id, revoked_at, asking, within)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                grant.id, grant.rule.toolName, text(grant.rule.argumentsJSON), grant.rule.agentID,
                grant.rule.principal, grant.usesLeft, grant.expiresAt, grant.createdBy, grant.createdAt, grant.itemID,
                grant.revokedAt, text(.array(grant.asking.sorted().map(JSONValue.string))),
                grant.rule.within.map { text($0.json) },
            ])
    }

    /// One that cannot be read covers nothing.
    private static func grant(_ row: Row) -> StandingGrant? {
        let within = (row["within"] as String?).map { (try? JSONReader.read($0)) ?? .null }
        guard let arguments = try? JSONReader.read(row["args"] as String),
            let rule = GrantRule(
                toolName: row["tool_name"], argumentsJSON: arguments, agentID: row["agent_id"],
                principal: row["principal"], withinJSON: within)
        else { return nil }
        let asking = (try? JSONReader.read(row["asking"] as String))?.arrayValue?.compactMap(\.stringValue) ?? []
        return StandingGrant(
            id: row["id"], rule: rule, asking: Set(asking), usesLeft: row["uses_left"], expiresAt: row["expires_at"],
            createdBy: row["created_by"], createdAt: row["created_at"], itemID: row["item_id"],
            revokedAt: row["revoked_at"])
    }
}
