package import Gate
internal import GRDB

extension StateDatabase: BudgetStore {
    /// The migration `budgets`: an account is a task, or a principal on one day.
    static func createBudgets(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE budgets (
                    kind TEXT NOT NULL, name TEXT NOT NULL, day INTEGER NOT NULL, deletions INTEGER NOT NULL,
                    bytes_written INTEGER NOT NULL, write_commands INTEGER NOT NULL,
                    external_requests INTEGER NOT NULL, used_at REAL NOT NULL, UNIQUE (kind, name, day)
                ) STRICT;
                CREATE INDEX budgets_age ON budgets (used_at);
                """)
    }

    /// Writers take turns in SQLite, so no two calls get the same rest.
    package func spend(_ charges: [BudgetCharge], at wall: Double) async throws -> BudgetSpending {
        try await write { database in
            var totals: [BudgetAccount: BudgetCost] = [:]
            for charge in charges {
                let used = try Self.spent(on: charge.account, in: database)
                if let crossing = charge.crossing(after: used) { return .crosses(crossing) }
                totals[charge.account] = used.adding(charge.cost)
            }
            for (account, total) in totals { try Self.save(total, on: account, at: wall, in: database) }
            return .counted(totals)
        }
    }

    package func giveBack(_ charges: [BudgetCharge]) async throws {
        try await write { database in
            for charge in charges {
                let rest = try Self.spent(on: charge.account, in: database).removing(charge.cost)
                try Self.save(rest, on: charge.account, at: nil, in: database)
            }
        }
    }

    package func spent(on account: BudgetAccount) async throws -> BudgetCost {
        try await read { try Self.spent(on: account, in: $0) }
    }

    package func spent(onDay day: Int) async throws -> [String: BudgetCost] {
        try await read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM budgets WHERE kind = 'day' AND day = ?", arguments: [day])
            return Dictionary(rows.map { ($0["name"], Self.cost($0)) }) { first, _ in first }
        }
    }

    package func removeBudgets(usedBefore wall: Double) async throws {
        try await write { database in
            try database.execute(sql: "DELETE FROM budgets WHERE used_at < ?", arguments: [wall])
        }
    }

    private static func place(of account: BudgetAccount) -> (kind: String, name: String, day: Int) {
        switch account {
        case .task(let id): ("task", id, 0)
        case .day(let principal, let day): ("day", principal, day)
        }
    }

    private static func spent(on account: BudgetAccount, in database: Database) throws -> BudgetCost {
        let place = place(of: account)
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM budgets WHERE kind = ? AND name = ? AND day = ?",
            arguments: [place.kind, place.name, place.day])
        return row.map(cost) ?? .nothing
    }

    /// - Parameter wall: `nil` leaves the time as it is, and makes no account.
    private static func save(
        _ cost: BudgetCost, on account: BudgetAccount, at wall: Double?, in database: Database
    ) throws {
        let place = place(of: account)
        let amounts: [any DatabaseValueConvertible] = [
            cost.deletions, cost.bytesWritten, cost.writeCommands, cost.externalRequests,
        ]
        guard let wall else {
            try database.execute(
                sql: """
                    UPDATE budgets SET deletions = ?, bytes_written = ?, write_commands = ?, external_requests = ?
                        WHERE kind = ? AND name = ? AND day = ?
                    """,
                arguments: StatementArguments(amounts + [place.kind, place.name, place.day]))
            return
        }
        try database.execute(
            sql: """
                INSERT INTO budgets (deletions, bytes_written, write_commands, external_requests, kind, name, day, used_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (kind, name, day) DO UPDATE SET deletions = excluded.deletions,
                        bytes_written = excluded.bytes_written, write_commands = excluded.write_commands,
                        external_requests = excluded.external_requests, used_at = excluded.used_at
                """,
            arguments: StatementArguments(amounts + [place.kind, place.name, place.day, wall]))
    }

    private static func cost(_ row: Row) -> BudgetCost {
        BudgetCost(
            deletions: row["deletions"], bytesWritten: row["bytes_written"], writeCommands: row["write_commands"],
            externalRequests: row["external_requests"])
    }
}
