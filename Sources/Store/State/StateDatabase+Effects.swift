package import Engine
internal import Gate
internal import GRDB
internal import ToolKit

extension StateDatabase: EffectStore {
    package func insert(_ record: EffectRecord) async throws {
        let (effect, answer) = (Self.text(record.effect.json), Self.text(record.answer))
        // A preview: nothing has happened yet.
        try await writeUnsynced { database in
            try database.execute(
                sql: """
                    INSERT INTO effects (id, principal, agent_id, tool_name, args, call_digest, audit_id, effect, digest,
                        lines, basis, method, omissions, answer, policy_version, files, deletions, bytes, created_at,
                        expires_at, state, applied_audit_id, ended_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    record.id, record.principal, record.agentID, record.toolName, Self.text(record.arguments),
                    record.callDigest.hex, record.auditID, effect, record.digest,
                    Self.text(.array(record.lines.map { JSONValue($0) })), Self.text(record.basis.json),
                    record.method?.rawValue, Self.text(.array(record.omissions.map(JSONValue.string))), answer,
                    record.policyVersion, record.effect.files.count, record.heading.deletions,
                    record.contents.values.reduce(0, +), record.createdAt, record.expiresAt, record.state.rawValue,
                    record.appliedAuditID, record.endedAt,
                ])
            try Self.hold(record.contents, for: record.id, in: database)
        }
    }

    package func effect(_ id: String) throws -> EffectRecord? {
        try readNow { database in
            try Row.fetchOne(database, sql: "SELECT * FROM effects WHERE id = ?", arguments: [id]).flatMap(Self.effect)
        }
    }

    package func effects(_ query: EffectQuery) async throws -> EffectPage {
        try await read { database in
            var conditions = ["seq < ?"]
            var arguments: StatementArguments = [query.before ?? .max]
            if let principal = query.principal {
                conditions.append("principal = ?")
                arguments += [principal]
            }
            // One more tells whether there is a next page.
            arguments += [query.limit + 1]
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT seq, id, principal, agent_id, tool_name, args, audit_id, digest, files, deletions, created_at,
                        expires_at, state, applied_audit_id, ended_at
                    FROM effects WHERE \(conditions.joined(separator: " AND ")) ORDER BY seq DESC LIMIT ?
                    """,
                arguments: arguments)
            let shown = rows.prefix(query.limit)
            return EffectPage(
                effects: shown.map(Self.heading), next: rows.count > shown.count ? shown.last.map { $0["seq"] } : nil)
        }
    }

    package func beginApplying(_ id: String, by auditID: String, at wall: Double) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE effects SET state = 'applying', applied_audit_id = ?
                        WHERE id = ? AND state = 'previewed' AND expires_at > ?
                    """,
                arguments: [auditID, id, wall])
            return database.changesCount == 1
        }
    }

    package func stopApplying(_ id: String) async throws {
        try await write { database in
            try database.execute(
                sql:
                    "UPDATE effects SET state = 'previewed', applied_audit_id = NULL WHERE id = ? AND state = 'applying'",
                arguments: [id])
        }
    }

    package func endApplying(_ id: String, at wall: Double, undo: UndoRecord) async throws {
        try await write { database in
            try database.execute(
                sql: "UPDATE effects SET state = 'applied', ended_at = ? WHERE id = ? AND state = 'applying'",
                arguments: [wall, id])
            guard database.changesCount == 1 else { return }
            try Self.insert(undo, into: database)
            _ = try Self.release(id, in: database)
        }
    }

    package func end(_ id: String, as state: EffectRecord.State, at wall: Double) async throws -> [String]? {
        try await write { database in
            try database.execute(
                sql: "UPDATE effects SET state = ?, ended_at = ? WHERE id = ? AND state = 'previewed'",
                arguments: [state.rawValue, wall, id])
            return database.changesCount == 1 ? try Self.release(id, in: database) : nil
        }
    }

    package func extend(_ id: String, until wall: Double) async throws {
        try await write { database in
            try database.execute(
                sql: "UPDATE effects SET expires_at = max(expires_at, ?) WHERE id = ? AND state = 'previewed'",
                arguments: [wall, id])
        }
    }

    package func overdueEffects(at wall: Double, limit: Int) async throws -> [String] {
        try await read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT id FROM effects WHERE state = 'previewed' AND expires_at <= ? ORDER BY expires_at LIMIT ?
                    """,
                arguments: [wall, limit])
        }
    }

    // MARK: Contents

    package func needs(_ sha256: String) async throws -> Bool {
        try await read { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM effect_contents WHERE sha256 = ?)", arguments: [sha256])
                ?? false
        }
    }

    package func neededContents() async throws -> Set<String> {
        try await read { try String.fetchSet($0, sql: "SELECT DISTINCT sha256 FROM effect_contents") }
    }

    static func hold(_ contents: [String: Int], for owner: String, in database: Database) throws {
        let statement = try database.makeStatement(
            sql: "INSERT OR IGNORE INTO effect_contents (owner, sha256, size) VALUES (?, ?, ?)")
        for (sha256, size) in contents { try statement.execute(arguments: [owner, sha256, size]) }
    }

    /// - Returns: What nobody else needs.
    static func release(_ owner: String, in database: Database) throws -> [String] {
        let freed = try String.fetchAll(
            database,
            sql: """
                SELECT sha256 FROM effect_contents AS own WHERE owner = ? AND NOT EXISTS (
                    SELECT 1 FROM effect_contents AS other WHERE other.sha256 = own.sha256 AND other.owner <> own.owner
                ) ORDER BY sha256
                """,
            arguments: [owner])
        try database.execute(sql: "DELETE FROM effect_contents WHERE owner = ?", arguments: [owner])
        return freed
    }

    // MARK: Rows

    /// One that cannot be read is as good as gone.
    static func effect(_ row: Row) -> EffectRecord? {
        guard let effect = json(row["effect"]).flatMap({ Effect(json: $0) }),
            let state = EffectRecord.State(rawValue: row["state"]), let arguments = json(row["args"]),
            let lines = json(row["lines"])?.arrayValue, lines.count == effect.files.count,
            let basis = json(row["basis"]).flatMap({ EffectFacts.Basis(json: $0) }), let answer = json(row["answer"])
        else { return nil }
        var record = EffectRecord(
            id: row["id"], principal: row["principal"], agentID: row["agent_id"], toolName: row["tool_name"],
            arguments: arguments, callDigest: CallDigest(hex: row["call_digest"]), auditID: row["audit_id"],
            effect: effect, lines: lines.map(\.integerValue), basis: basis,
            method: (row["method"] as String?).flatMap(CallEffects.Method.init(rawValue:)),
            omissions: json(row["omissions"])?.arrayValue?.compactMap(\.stringValue) ?? [], answer: answer,
            policyVersion: row["policy_version"], createdAt: row["created_at"], expiresAt: row["expires_at"])
        record.state = state
        record.appliedAuditID = row["applied_audit_id"]
        record.endedAt = row["ended_at"]
        return record
    }

    private static func heading(_ row: Row) -> EffectHeading {
        EffectHeading(
            id: row["id"], principal: row["principal"], agentID: row["agent_id"], toolName: row["tool_name"],
            arguments: json(row["args"]) ?? .null, auditID: row["audit_id"], digest: row["digest"],
            files: row["files"], deletions: row["deletions"], createdAt: row["created_at"],
            expiresAt: row["expires_at"], state: EffectRecord.State(rawValue: row["state"]) ?? .evicted,
            appliedAuditID: row["applied_audit_id"], endedAt: row["ended_at"])
    }

    static func json(_ text: String) -> JSONValue? { try? JSONReader.read(text) }
}

extension EffectFacts.Basis {
    fileprivate var json: JSONValue {
        switch self {
        case .everything: "everything"
        case .nothing: "nothing"
        case .folders(let folders): .array(folders.map { .string($0.description) })
        }
    }

    /// What cannot be read lets nothing pass.
    fileprivate init?(json: JSONValue) {
        switch json {
        case "everything": self = .everything
        case .array(let texts): self = .folders(texts.compactMap { $0.stringValue.flatMap { try? WorkspacePath($0) } })
        default: self = .nothing
        }
    }
}
