package import Engine
internal import GRDB
internal import ToolKit

extension StateDatabase {
    package func insert(_ undo: UndoRecord) async throws {
        try await write { try Self.insert(undo, into: $0) }
    }

    static func insert(_ undo: UndoRecord, into database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO undos (audit_id, principal, tool_name, effect, commits, problem, bytes, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                undo.auditID, undo.principal, undo.toolName, text(undo.effect.json),
                text(.array(undo.commits.map(\.json))), undo.problem,
                undo.contents.values.reduce(0, +), undo.createdAt,
            ])
        try hold(undo.contents, for: undo.auditID, in: database)
    }

    package func undo(of auditID: String) throws -> UndoRecord? {
        try readNow { database in
            try Row.fetchOne(database, sql: "SELECT * FROM undos WHERE audit_id = ?", arguments: [auditID])
                .flatMap { try Self.undo($0, in: database) }
        }
    }

    package func undoStates(of auditIDs: [String]) async throws -> [String: UndoState] {
        try await read { database in
            var states: [String: UndoState] = [:]
            let statement = try database.makeStatement(
                sql: "SELECT problem, undone_by, is_undoing, evicted_at FROM undos WHERE audit_id = ?")
            for id in auditIDs {
                guard let row = try Row.fetchOne(statement, arguments: [id]) else { continue }
                var undo = UndoRecord(
                    auditID: id, principal: "", toolName: "", effect: .none, problem: row["problem"], contents: [:],
                    createdAt: 0)
                Self.read(row, into: &undo)
                states[id] = undo.state
            }
            return states
        }
    }

    package func beginUndoing(_ auditID: String, by undoing: String) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE undos SET undone_by = ?, is_undoing = 1 WHERE audit_id = ? AND undone_by IS NULL
                        AND problem IS NULL AND evicted_at IS NULL
                    """,
                arguments: [undoing, auditID])
            return database.changesCount == 1
        }
    }

    package func stopUndoing(_ auditID: String) async throws {
        try await write { database in
            try database.execute(
                sql: "UPDATE undos SET undone_by = NULL, is_undoing = 0 WHERE audit_id = ? AND is_undoing = 1",
                arguments: [auditID])
        }
    }

    package func endUndoing(_ auditID: String, undo: UndoRecord) async throws {
        try await write { database in
            try database.execute(
                sql: "UPDATE undos SET is_undoing = 0 WHERE audit_id = ? AND is_undoing = 1", arguments: [auditID])
            if database.changesCount == 1 { try Self.insert(undo, into: database) }
        }
    }

    package func evict(_ auditID: String, at wall: Double) async throws -> [String]? {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE undos SET evicted_at = ? WHERE audit_id = ? AND is_undoing = 0 AND problem IS NULL
                        AND evicted_at IS NULL
                    """,
                arguments: [wall, auditID])
            return database.changesCount == 1 ? try Self.release(auditID, in: database) : nil
        }
    }

    package func unfinished() async throws -> (effects: [EffectRecord], undos: [UndoRecord]) {
        try await read { database in
            let effects = try Row.fetchAll(
                database, sql: "SELECT * FROM effects WHERE state = 'applying' ORDER BY seq"
            ).compactMap(Self.effect)
            let undos = try Row.fetchAll(database, sql: "SELECT * FROM undos WHERE is_undoing = 1").compactMap {
                try Self.undo($0, in: database)
            }
            return (effects, undos)
        }
    }

    private static let heldUndos = "problem IS NULL AND evicted_at IS NULL AND is_undoing = 0"

    package func holders() async throws -> [EffectHolder] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT principal, sum(bytes) AS bytes, sum(previews) AS previews FROM (
                        SELECT principal, sum(bytes) AS bytes, count(*) AS previews FROM effects
                            WHERE state = 'previewed' GROUP BY principal
                        UNION ALL
                        SELECT principal, sum(bytes), 0 FROM undos WHERE \(Self.heldUndos) GROUP BY principal
                    ) GROUP BY principal
                    """
            ).map { EffectHolder(principal: $0["principal"], bytes: $0["bytes"], previews: $0["previews"]) }
        }
    }

    package func oldestHeld(by principal: String, limit: Int) async throws -> [HeldContents] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM (
                        SELECT 'effect' AS kind, id, principal, bytes, created_at FROM effects
                            WHERE state = 'previewed' AND principal = ?1
                        UNION ALL
                        SELECT 'change', audit_id, principal, bytes, created_at FROM undos
                            WHERE \(Self.heldUndos) AND principal = ?1
                    ) ORDER BY kind = 'change', created_at, id LIMIT ?2
                    """,
                arguments: [principal, limit]
            ).compactMap(Self.held)
        }
    }

    package func held(createdBefore wall: Double, limit: Int) async throws -> [HeldContents] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT 'change' AS kind, audit_id AS id, principal, bytes FROM undos
                        WHERE \(Self.heldUndos) AND created_at < ? ORDER BY created_at, audit_id LIMIT ?
                    """,
                arguments: [wall, limit]
            ).compactMap(Self.held)
        }
    }

    package func removeEnded(before wall: Double) async throws {
        try await write { database in
            try database.execute(
                sql: "DELETE FROM effects WHERE ended_at IS NOT NULL AND ended_at < ?", arguments: [wall])
            try database.execute(
                sql: "DELETE FROM undos WHERE (problem IS NOT NULL OR evicted_at IS NOT NULL) AND created_at < ?",
                arguments: [wall])
        }
    }

    private static func held(_ row: Row) -> HeldContents? {
        HeldContents.Kind(rawValue: row["kind"]).map {
            HeldContents(kind: $0, id: row["id"], principal: row["principal"], bytes: row["bytes"])
        }
    }

    private static func undo(_ row: Row, in database: Database) throws -> UndoRecord? {
        guard let effect = json(row["effect"]).flatMap({ Effect(json: $0) }),
            let moves = json(row["commits"])?.arrayValue
        else { return nil }
        let commits = moves.compactMap { GitMove(json: $0) }
        guard commits.count == moves.count else { return nil }
        var contents: [String: Int] = [:]
        let rows = try Row.fetchCursor(
            database, sql: "SELECT sha256, size FROM effect_contents WHERE owner = ?",
            arguments: [row["audit_id"] as String])
        while let row = try rows.next() { contents[row["sha256"]] = row["size"] }
        var undo = UndoRecord(
            auditID: row["audit_id"], principal: row["principal"], toolName: row["tool_name"], effect: effect,
            commits: commits, problem: row["problem"], contents: contents, createdAt: row["created_at"])
        read(row, into: &undo)
        return undo
    }

    private static func read(_ row: Row, into undo: inout UndoRecord) {
        undo.undoneBy = row["undone_by"]
        undo.isUndoing = row["is_undoing"]
        undo.evictedAt = row["evicted_at"]
    }
}
