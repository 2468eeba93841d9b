package import Gate
internal import GRDB

extension StateDatabase: LockdownStore {
    package func lockdown() async throws -> LockdownState {
        try await read { database in
            guard let row = try Row.fetchOne(database, sql: "SELECT * FROM lockdown WHERE id = 1") else {
                return LockdownState()
            }
            return LockdownState(isActive: row["is_active"], reason: row["reason"], since: row["since"])
        }
    }

    package func save(_ state: LockdownState) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO lockdown (id, is_active, reason, since) VALUES (1, ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET
                        is_active = excluded.is_active, reason = excluded.reason, since = excluded.since
                    """,
                arguments: [state.isActive, state.reason, state.since])
        }
    }
}
