package import Audit
internal import Foundation
package import GRDB

/// The audit's index in SQLite, in a database of its own: all of it can be made again from the log, so its commits need
/// not wait for the disk.
package final class AuditIndexStore: AuditIndex {
    private let database: any DatabaseWriter

    /// - Parameter database: One that ``registerMigrations(_:)`` has been applied to.
    package init(_ database: any DatabaseWriter) { self.database = database }

    /// Opens or makes the index's own database file, for the one who writes it.
    ///
    /// A file that is damaged or no database is moved aside to `<path>.broken`, in the place of an older one, and a new
    /// index begins: the log fills it again.
    /// - Parameter path: `data/audit-index.sqlite`; its folder exists. It has mode 0600 afterwards.
    package static func open(path: String) throws -> AuditIndexStore {
        do {
            return try openFile(path)
        } catch let error as DatabaseError where isDamage(error) {
            try moveAside(path)
            return try openFile(path)
        }
    }

    private static func isDamage(_ error: DatabaseError) -> Bool {
        error.resultCode == .SQLITE_NOTADB || error.resultCode == .SQLITE_CORRUPT
    }

    /// The write-ahead log goes along: beside a new database it would be taken for that one's.
    private static func moveAside(_ path: String) throws {
        let files = FileManager.default
        for suffix in ["-wal", "-shm", ""] {
            let aside = path + ".broken" + suffix
            if files.fileExists(atPath: aside) { try files.removeItem(atPath: aside) }
            if files.fileExists(atPath: path + suffix) { try files.moveItem(atPath: path + suffix, toPath: aside) }
        }
    }

    private static func openFile(_ path: String) throws -> AuditIndexStore {
        DatabaseFiles(path: path).protect()
        var configuration = Self.configuration
        configuration.prepareDatabase { database in
            // A power failure may lose the last commits, never the file's consistency; start-up makes them up.
            try database.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304")
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        var migrator = DatabaseMigrator()
        registerMigrations(&migrator)
        do {
            try migrator.migrate(pool)
            let store = AuditIndexStore(pool)
            _ = try store.position()
            return store
        } catch {
            // Closed before anybody moves its files.
            try? pool.close()
            throw error
        }
    }

    /// Opens an existing index for reading, beside a daemon too: nothing is made, moved aside or changed.
    ///
    /// - Throws: A `DatabaseError` when it is missing, damaged or no database.
    package static func reading(path: String) throws -> AuditIndexStore {
        var configuration = configuration
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let store = AuditIndexStore(try DatabasePool(path: path, configuration: configuration))
        _ = try store.position()
        return store
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "audit-index"
        configuration.maximumReaderCount = 3
        return configuration
    }

    package func position() throws -> IndexPosition? {
        try database.read(Self.position)
    }

    private static func position(_ database: Database) throws -> IndexPosition? {
        let statement = try database.cachedStatement(
            sql: "SELECT seq, hash, end_file, end_offset FROM audit_position WHERE id = 1")
        guard let row = try Row.fetchOne(statement) else { return nil }
        let hash: Data = row[1]
        guard let hash = LineHash(bytes: hash) else { return nil }
        return IndexPosition(seq: row[0], hash: hash, end: LinePlace(file: row[2], offset: row[3]))
    }

    package func entry(auditID: String) throws -> IndexedEntry? {
        try database.read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT \(EntryRow.columns) FROM tool_executions WHERE audit_id = ? ORDER BY seq DESC LIMIT 1")
            return try Row.fetchOne(statement, arguments: [auditID]).flatMap(EntryRow.entry)
        }
    }

    package func openCalls(limit: Int) throws -> [IndexedEntry] {
        try database.read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT \(EntryRow.columns) FROM tool_executions
                    WHERE kind = 'intent' AND outcome_seq IS NULL ORDER BY seq LIMIT ?
                    """)
            return try Row.fetchAll(statement, arguments: [limit]).compactMap(EntryRow.entry)
        }
    }

    /// In the words of its index, which holds the late ones only.
    package static let lateEnds = """
        SELECT \(EntryRow.columns) FROM tool_executions
        WHERE outcome_seq > seq + \(IndexedEntry.lateness) AND outcome_seq > ? ORDER BY outcome_seq DESC LIMIT ?
        """

    package func endedLate(after seq: Int, limit: Int) throws -> [IndexedEntry] {
        try database.read { database in
            let statement = try database.cachedStatement(sql: Self.lateEnds)
            return try Row.fetchAll(statement, arguments: [seq, limit]).compactMap(EntryRow.entry)
        }
    }

    package func tiles(level: Int, positions: Range<Int>) throws -> [Tile] {
        try database.read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT position, root, start_file, start_offset FROM audit_tiles
                    WHERE level = ? AND position >= ? AND position < ? ORDER BY position
                    """)
            let arguments: StatementArguments = [level, positions.lowerBound, positions.upperBound]
            return try Row.fetchAll(statement, arguments: arguments).compactMap { row in
                let root: Data = row[1]
                guard let root = LineHash(bytes: root) else { return nil }
                let file: Int? = row[2]
                let start = file.map { LinePlace(file: $0, offset: row[3]) }
                return Tile(level: level, position: row[0], root: root, start: start)
            }
        }
    }

    package func reset() throws {
        try database.write { database in
            try database.execute(
                sql: "DELETE FROM tool_executions; DELETE FROM audit_tiles; DELETE FROM audit_position")
        }
    }

    package func add(_ lines: [IndexedLine], tiles: [Tile], position: IndexPosition) throws {
        try database.write { database in
            let last = try Self.position(database)?.seq ?? 0
            guard (lines.first?.seq ?? position.seq) == last + 1 else { throw IndexGap() }
            try AuditIndexWriting(database: database).add(lines, tiles: tiles, position: position)
        }
    }

    package func page(_ query: LogQuery) throws -> IndexPage {
        try database.read { database in try AuditIndexQuery(query).page(database) }
    }
}
