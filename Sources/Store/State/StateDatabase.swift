internal import GRDB

/// The daemon's state below `data/`: tokens, approvals, the inbox, grants, lockdown, and how far the audit had come.
///
/// WAL with `synchronous=FULL`: what a write returned from survives a power cut. Reads never wait for writes. GRDB runs
/// both on its own queues, so no cooperative thread waits for the disk.
package final class StateDatabase: Sendable {
    let pool: DatabasePool

    /// - Parameter path: Of the database file; it has mode 0600 afterwards, also when it was there with another one.
    /// - Throws: A `DatabaseError` when the file is no database or cannot be opened.
    package init(path: String) throws {
        DatabaseFiles(path: path).protect()
        var configuration = Self.configuration
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = -512")
        }
        pool = try DatabasePool(path: path, configuration: configuration)
        // Not while it is prepared: the pool sets `NORMAL` on its writer afterwards, which syncs only now and then.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        try Self.migrator.migrate(pool)
    }

    /// Opens an existing database without changing anything in it; writes fail. Works beside a daemon.
    package init(readingFrom path: String) throws {
        var configuration = Self.configuration
        configuration.readonly = true
        pool = try DatabasePool(path: path, configuration: configuration)
    }

    /// Leaves a database at this path as an older version left it, up to the migration of this name.
    package static func makeOlder(at path: String, upTo migration: String) throws {
        let queue = try DatabaseQueue(path: path)
        try migrator.migrate(queue, upTo: migration)
        try queue.close()
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "state"
        configuration.maximumReaderCount = 2
        configuration.busyMode = .timeout(5)
        return configuration
    }

    /// Migrations are appended by name and never edited.
    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("tokens, approvals, lockdown") { database in
            try database.execute(
                sql: """
                    CREATE TABLE tokens (
                        id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL, tools TEXT,
                        hash BLOB NOT NULL UNIQUE, created_at REAL NOT NULL, expires_at REAL, revoked_at REAL
                    ) STRICT;
                    CREATE TABLE approvals (
                        id TEXT PRIMARY KEY, tool_name TEXT NOT NULL,
                        digest TEXT, agent_id TEXT, principal TEXT, policy_version TEXT,
                        created_by TEXT NOT NULL, created_at REAL NOT NULL, created_since_boot REAL NOT NULL,
                        boot_id TEXT NOT NULL, spent_at REAL
                    ) STRICT;
                    CREATE TABLE lockdown (
                        id INTEGER PRIMARY KEY CHECK (id = 1), is_active INTEGER NOT NULL, reason TEXT, since REAL
                    ) STRICT;
                    """)
        }
        migrator.registerMigration("facts") { database in
            try database.execute(sql: "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
        }
        migrator.registerMigration("audit memory") { database in
            try database.execute(
                sql: """
                    CREATE TABLE audit_head (
                        id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, hash BLOB NOT NULL,
                        end_file INTEGER NOT NULL, end_offset INTEGER NOT NULL, at REAL NOT NULL
                    ) STRICT;
                    CREATE TABLE audit_losses (
                        id INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
                        hash BLOB NOT NULL, is_cut INTEGER NOT NULL, found_at REAL NOT NULL, acknowledged_at REAL
                    ) STRICT;
                    """)
        }
        migrator.registerMigration("artifacts") { database in
            try database.execute(
                sql: """
                    CREATE TABLE artifacts (
                        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, audit_id TEXT NOT NULL,
                        principal TEXT NOT NULL, tool_name TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL,
                        sha256 TEXT NOT NULL, created_at REAL NOT NULL
                    ) STRICT;
                    CREATE INDEX artifacts_of_call ON artifacts (audit_id);
                    CREATE INDEX artifacts_of_principal ON artifacts (principal, seq);
                    """)
        }
        migrator.registerMigration("inbox, grants") { database in
            try database.execute(
                sql: """
                    CREATE TABLE inbox (
                        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
                        call TEXT NOT NULL, digest TEXT NOT NULL, principal TEXT NOT NULL, risk INTEGER NOT NULL,
                        plan TEXT NOT NULL, is_undoable INTEGER NOT NULL, policy_base TEXT, risk_estimate REAL,
                        created_at REAL NOT NULL, expires_at REAL NOT NULL, size INTEGER NOT NULL,
                        status TEXT NOT NULL, decided_by TEXT, decided_at REAL, note TEXT, grant_id TEXT,
                        run_id TEXT NOT NULL UNIQUE, run_state TEXT NOT NULL, audit_id TEXT, result TEXT
                    ) STRICT;
                    CREATE INDEX inbox_pending ON inbox (seq) WHERE status = 'pending';
                    CREATE INDEX inbox_load ON inbox (principal, size) WHERE status = 'pending';
                    CREATE INDEX inbox_expiry ON inbox (expires_at) WHERE status = 'pending';
                    CREATE INDEX inbox_kind ON inbox (kind, seq);
                    CREATE INDEX inbox_principal ON inbox (principal, seq);
                    CREATE INDEX inbox_unfinished ON inbox (run_state) WHERE run_state IN ('queued', 'running');
                    CREATE TABLE grants (
                        id TEXT PRIMARY KEY, tool_name TEXT NOT NULL, args TEXT NOT NULL, agent_id TEXT,
                        principal TEXT, uses_left INTEGER, expires_at REAL, created_by TEXT NOT NULL,
                        created_at REAL NOT NULL, item_id TEXT NOT NULL, revoked_at REAL
                    ) STRICT;
                    """)
        }
        migrator.registerMigration("keyed calls") { database in
            try database.execute(
                sql: """
                    CREATE TABLE keyed_calls (
                        principal TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, audit_id TEXT NOT NULL,
                        created_at REAL NOT NULL, answer TEXT, size INTEGER NOT NULL DEFAULT 0, UNIQUE (principal, key)
                    ) STRICT;
                    CREATE INDEX keyed_calls_load ON keyed_calls (principal, size);
                    CREATE INDEX keyed_calls_age ON keyed_calls (created_at);
                    """)
        }
        migrator.registerMigration("rules that asked when a grant was given") { database in
            try database.execute(sql: "ALTER TABLE grants ADD COLUMN asking TEXT NOT NULL DEFAULT '[]'")
        }
        migrator.registerMigration("runs", migrate: createRuns)
        migrator.registerMigration("tasks", migrate: createTasks)
        migrator.registerMigration("playbooks", migrate: createPlaybooks)
        migrator.registerMigration("budgets", migrate: createBudgets)
        migrator.registerMigration("effects", migrate: createEffects)
        return migrator
    }

    /// Sets what is to be remembered from one start to the next.
    ///
    /// - Returns: What was remembered before, `nil` for nothing.
    package func remember(_ value: String, as name: String) async throws -> String? {
        try await write { database in
            let before = try String.fetchOne(database, sql: "SELECT value FROM facts WHERE name = ?", arguments: [name])
            try database.execute(
                sql:
                    "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                arguments: [name, value])
            return before
        }
    }

    /// What is remembered under this name.
    package func remembered(_ name: String) async throws -> String? {
        try await read { database in
            try String.fetchOne(database, sql: "SELECT value FROM facts WHERE name = ?", arguments: [name])
        }
    }

    /// Writes back what the write-ahead log holds and closes the file.
    package func close() throws { try pool.close() }
}
