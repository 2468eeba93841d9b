internal import Foundation
internal import GRDB

/// The daemon's state below `data/`: tokens, approvals, lockdown.
///
/// WAL with `synchronous=FULL`: what a write returned from survives a power cut. Reads never wait for writes. GRDB runs
/// both on its own queues, so no cooperative thread waits for the disk.
package final class StateDatabase: Sendable {
    let pool: DatabasePool

    /// - Parameter path: Of the database file; made with mode 0600 when missing.
    /// - Throws: A `DatabaseError` when the file is no database or cannot be opened.
    package init(path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            // When it cannot be made, opening it says why.
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        var configuration = Configuration()
        configuration.label = "state"
        configuration.maximumReaderCount = 2
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA cache_size = -512")
        }
        pool = try DatabasePool(path: path, configuration: configuration)
        try Self.migrator.migrate(pool)
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
        return migrator
    }

    /// Sets what is to be remembered from one start to the next.
    ///
    /// - Returns: What was remembered before, `nil` for nothing.
    package func remember(_ value: String, as name: String) async throws -> String? {
        try await pool.write { database in
            let before = try String.fetchOne(database, sql: "SELECT value FROM facts WHERE name = ?", arguments: [name])
            try database.execute(
                sql:
                    "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                arguments: [name, value])
            return before
        }
    }

    /// Writes back what the write-ahead log holds and closes the file.
    package func close() throws { try pool.close() }
}
