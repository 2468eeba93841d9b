internal import Gate
internal import GRDB

extension StateDatabase {
    /// - Throws: ``StoreUnavailable`` for what the disk or another program is to blame for.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read(body)
        } catch let error as DatabaseError {
            throw StoreUnavailable(error) ?? error
        }
    }

    /// The same for threads that may block.
    func readNow<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try pool.read(body)
        } catch let error as DatabaseError {
            throw StoreUnavailable(error) ?? error
        }
    }

    /// One transaction: all of it is on disk when this returns, or nothing.
    ///
    /// - Throws: ``StoreUnavailable`` for what the disk or another program is to blame for.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.write(body)
        } catch let error as DatabaseError {
            throw StoreUnavailable(error) ?? error
        }
    }

    /// The same for what nobody relies on after a loss of power: it is on the disk with the next ``write(_:)``, or a little
    /// later.
    func writeUnsynced<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        do {
            return try await pool.writeWithoutTransaction { database in
                // Of one connection, which one write at a time has.
                try database.execute(sql: "PRAGMA synchronous = NORMAL")
                let result = Result {
                    var value: Value?
                    try database.inTransaction {
                        value = try body(database)
                        return .commit
                    }
                    return value
                }
                try database.execute(sql: "PRAGMA synchronous = FULL")
                guard let value = try result.get() else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
                return value
            }
        } catch let error as DatabaseError {
            throw StoreUnavailable(error) ?? error
        }
    }
}

extension StoreUnavailable {
    /// - Returns: `nil` for an error that is a fault of ours.
    init?(_ error: DatabaseError) {
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(
                "the state database cannot grow: the disk of the home folder is full",
                remedy: "free space on the disk of the home folder and repeat this")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(
                "the state database is held by another program",
                remedy: "end the program that has data/state.sqlite open and repeat this")
        case .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(
                "the state database cannot be read or written", remedy: "look at the disk of the home folder")
        default: return nil
        }
    }
}
