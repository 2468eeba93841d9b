package import Gate
internal import GRDB
internal import ToolKit

extension StateDatabase: PlaybookStore {
    /// The migration `playbooks`. Statistics stand by themselves, because playbooks that come with the daemon have no row.
    static func createPlaybooks(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE playbooks (
                    id TEXT PRIMARY KEY, name_key TEXT NOT NULL UNIQUE, definition TEXT NOT NULL,
                    size INTEGER NOT NULL, created_by TEXT NOT NULL, created_at REAL NOT NULL,
                    updated_at REAL NOT NULL
                ) STRICT;
                CREATE TABLE playbook_statistics (
                    playbook_id TEXT PRIMARY KEY, successes INTEGER NOT NULL, failures INTEGER NOT NULL,
                    last_run_at REAL, total_ms REAL NOT NULL
                ) STRICT;
                CREATE TABLE playbook_runs (
                    execution_id TEXT PRIMARY KEY, playbook_id TEXT NOT NULL, begun_at REAL NOT NULL
                ) STRICT;
                CREATE INDEX playbook_runs_age ON playbook_runs (begun_at);
                """)
    }

    package func insert(_ playbook: Playbook, _ statistics: PlaybookStatistics) async throws -> PlaybookInsertion {
        let definition = Self.text(playbook.definition.json)
        let key = PlaybookDefinition.nameKey(playbook.definition.name)
        return try await write { database in
            let load = try Row.fetchOne(database, sql: "SELECT count(*), coalesce(sum(size), 0) FROM playbooks")
            let count: Int = load?[0] ?? 0
            let size: Int = load?[1] ?? 0
            let isTaken = try Row.fetchOne(
                database, sql: "SELECT 1 FROM playbooks WHERE id = ? OR name_key = ?", arguments: [playbook.id, key])
            if isTaken != nil { return .taken }
            guard count < PlaybookLimits.playbooks, size + definition.utf8.count <= PlaybookLimits.totalSize else {
                return .full
            }
            try database.execute(
                sql: """
                    INSERT INTO playbooks (id, name_key, definition, size, created_by, created_at, updated_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    playbook.id, key, definition, definition.utf8.count, playbook.createdBy, playbook.createdAt,
                    playbook.updatedAt,
                ])
            if statistics.runs > 0 { try Self.save(statistics, of: playbook.id, in: database) }
            return .kept
        }
    }

    package func playbook(_ id: String) async throws -> Playbook? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM playbooks WHERE id = ?", arguments: [id])
                .flatMap(Self.playbook)
        }
    }

    package func playbooks() async throws -> [Playbook] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM playbooks").compactMap(Self.playbook)
        }
    }

    package func removePlaybook(_ id: String) async throws -> Bool {
        try await write { database in
            try database.execute(sql: "DELETE FROM playbooks WHERE id = ?", arguments: [id])
            guard database.changesCount == 1 else { return false }
            try database.execute(sql: "DELETE FROM playbook_statistics WHERE playbook_id = ?", arguments: [id])
            try database.execute(sql: "DELETE FROM playbook_runs WHERE playbook_id = ?", arguments: [id])
            return true
        }
    }

    package func playbookStatistics() async throws -> [String: PlaybookStatistics] {
        try await read { database in
            let rows = try Row.fetchAll(database, sql: "SELECT * FROM playbook_statistics")
            return Dictionary(rows.map { ($0["playbook_id"], Self.statistics($0)) }) { first, _ in first }
        }
    }

    package func playbookRunBegan(_ run: PlaybookRun) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO playbook_runs (execution_id, playbook_id, begun_at) VALUES (?, ?, ?)
                        ON CONFLICT (execution_id) DO NOTHING
                    """,
                arguments: [run.executionID, run.playbookID, run.begunAt])
        }
    }

    package func playbookRunEnded(_ executionID: String, isSuccess: Bool, at wall: Double) async throws -> Bool {
        try await write { database in
            let run = try Row.fetchOne(
                database, sql: "DELETE FROM playbook_runs WHERE execution_id = ? RETURNING playbook_id, begun_at",
                arguments: [executionID])
            guard let run else { return false }
            let id: String = run["playbook_id"]
            let begunAt: Double = run["begun_at"]
            let row = try Row.fetchOne(
                database, sql: "SELECT * FROM playbook_statistics WHERE playbook_id = ?", arguments: [id])
            var statistics = row.map(Self.statistics) ?? PlaybookStatistics()
            statistics.count(isSuccess: isSuccess, milliseconds: (wall - begunAt) * 1_000, endedAt: wall)
            try Self.save(statistics, of: id, in: database)
            return true
        }
    }

    package func removePlaybookRuns(begunBefore wall: Double) async throws {
        try await write { database in
            try database.execute(sql: "DELETE FROM playbook_runs WHERE begun_at < ?", arguments: [wall])
        }
    }

    private static func save(_ statistics: PlaybookStatistics, of id: String, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO playbook_statistics (playbook_id, successes, failures, last_run_at, total_ms)
                    VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (playbook_id) DO UPDATE SET successes = excluded.successes,
                        failures = excluded.failures, last_run_at = excluded.last_run_at, total_ms = excluded.total_ms
                """,
            arguments: [
                id, statistics.successes, statistics.failures, statistics.lastRunAt, statistics.totalMilliseconds,
            ]
        )
    }

    private static func statistics(_ row: Row) -> PlaybookStatistics {
        var statistics = PlaybookStatistics()
        statistics.successes = row["successes"]
        statistics.failures = row["failures"]
        statistics.lastRunAt = row["last_run_at"]
        statistics.totalMilliseconds = row["total_ms"]
        return statistics
    }

    /// One that cannot be read is none.
    private static func playbook(_ row: Row) -> Playbook? {
        guard let json = try? JSONReader.read(row["definition"] as String),
            let definition = try? PlaybookDefinition(json: json, checkedBy: nil)
        else { return nil }
        return Playbook(
            id: row["id"], definition: definition, createdBy: row["created_by"], createdAt: row["created_at"],
            updatedAt: row["updated_at"])
    }
}
