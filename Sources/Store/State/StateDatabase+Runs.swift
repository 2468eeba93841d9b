package import Gate
internal import GRDB
package import ToolKit

extension StateDatabase: RunStore {
    package func insert(_ run: Run) async throws {
        try await write { try Self.insert(run, into: $0) }
    }

    static func insert(_ run: Run, into database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO runs (id, call, digest, principal, is_idempotent, task_id, step, created_at, state,
                    approved_item, audit_id, result)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                run.id, text(run.call.stored), run.digest.hex, run.principal, run.isIdempotent, run.step?.taskID,
                run.step?.step, run.createdAt, run.state.rawValue, run.approvedItem, run.auditID, run.result.map(text),
            ])
    }

    package func run(_ id: String) async throws -> Run? {
        try await read { try Self.run(id, in: $0) }
    }

    static func run(_ id: String, in database: Database) throws -> Run? {
        try Row.fetchOne(database, sql: "SELECT * FROM runs WHERE id = ?", arguments: [id]).flatMap(Run.init)
    }

    package func lease(_ id: String, _ lease: Run.Lease) async throws -> Run? {
        try await write { database in
            guard
                try Self.move(
                    database, "id = ?", [id], .lease, to: .leased, setting: "token = ?, lease_until = ?",
                    [lease.token, lease.expiresAt])
            else { return nil }
            return try Self.run(id, in: database)
        }
    }

    package func renew(_ id: String, _ lease: Run.Lease) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: "UPDATE runs SET lease_until = ? WHERE id = ? AND token = ? AND state IN ('leased', 'running')",
                arguments: [lease.expiresAt, id, lease.token])
            return database.changesCount == 1
        }
    }

    package func giveBack(_ id: String, token: String) async throws -> Bool {
        try await write { try Self.move($0, Self.held, [id, token], .giveBack, to: .queued) }
    }

    package func park(_ id: String, token: String, item: InboxItem) async throws -> Bool {
        try await write { database in
            guard
                try Self.move(
                    database, Self.held, [id, token], .park, to: .waiting, setting: "call = ?, digest = ?",
                    [Self.text(item.call.stored), item.digest.hex])
            else { return false }
            try Self.insert(item, into: database)
            return true
        }
    }

    package func refuse(_ id: String, token: String, result: JSONValue) async throws -> Bool {
        let text = Self.text(result)
        return try await write {
            try Self.move($0, Self.held, [id, token], .refuse, to: .refused, setting: "result = ?", [text])
        }
    }

    package func begin(_ id: String, token: String, auditID: String) async throws -> Bool {
        try await write {
            try Self.move(
                $0, Self.held, [id, token], .begin, to: .running,
                setting: "audit_id = ?, beginnings = beginnings + 1", [auditID])
        }
    }

    package func finish(_ id: String, token: String, state: RunState, result: JSONValue) async throws -> Bool {
        let text = Self.text(result)
        return try await write { database in
            guard
                try Self.move(
                    database, Self.held, [id, token], .finish, to: state, setting: "result = ?", [text])
            else { return false }
            // Of a run that was taken for lost, nobody has to say any more what happened.
            try Self.withdrawItem(ofRun: id, in: database)
            return true
        }
    }

    package func requeue(_ id: String, token: String) async throws -> Bool {
        try await write {
            try Self.move($0, Self.held, [id, token], .requeue, to: .queued, setting: "audit_id = NULL")
        }
    }

    package func lose(_ id: String, token: String, item: InboxItem, result: JSONValue) async throws -> Bool {
        let text = Self.text(result)
        return try await write { database in
            guard
                try Self.move(
                    database, Self.held, [id, token], .lose, to: .indeterminate,
                    setting: "result = ?, call = ?, digest = ?", [text, Self.text(item.call.stored), item.digest.hex])
            else { return false }
            try Self.insert(item, into: database)
            return true
        }
    }

    package func cancel(_ id: String, result: JSONValue, at wall: Double) async throws -> Bool {
        let text = Self.text(result)
        return try await write { database in
            guard try Self.move(database, "id = ?", [id], .cancel, to: .cancelled, setting: "result = ?", [text])
            else { return false }
            try Self.withdrawItem(ofRun: id, in: database)
            return true
        }
    }

    package func held(until wall: Double, limit: Int) async throws -> [Run] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM runs WHERE state IN ('leased', 'running') AND lease_until <= ? ORDER BY seq LIMIT ?
                    """,
                arguments: [wall, limit]
            ).compactMap(Run.init)
        }
    }

    package func queued(limit: Int) async throws -> [String] {
        try await read { database in
            try String.fetchAll(
                database,
                sql: "SELECT id FROM runs WHERE state = 'queued' AND approved_item IS NOT NULL ORDER BY seq LIMIT ?",
                arguments: [limit])
        }
    }

    /// A run that a worker has, or had last.
    private static let held = "id = ? AND token = ?"

    /// Takes one run along an arrow, if it stands where one begins.
    ///
    /// - Parameter setting: What else changes, for its `values`.
    @discardableResult
    static func move(
        _ database: Database, _ condition: String, _ arguments: StatementArguments, _ event: RunEvent,
        to state: RunState, setting: String? = nil, _ values: StatementArguments = []
    ) throws -> Bool {
        let sources = RunTransition.sources(of: event).filter { RunTransition.allows($0, event, state) }
        let states = sources.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        try database.execute(
            sql: """
                UPDATE runs SET state = '\(state.rawValue)'\(setting.map { ", " + $0 } ?? "")
                WHERE \(condition) AND state IN (\(states))
                """,
            arguments: values + arguments)
        return database.changesCount == 1
    }

    private static func withdrawItem(ofRun id: String, in database: Database) throws {
        try database.execute(
            sql: "UPDATE inbox SET status = 'withdrawn' WHERE run_id = ? AND status = 'pending'", arguments: [id])
    }
}

extension Run {
    /// - Returns: `nil` for a row that this version cannot read, or whose call was changed: nobody runs what nobody asked.
    init?(_ row: Row) {
        let (callText, digestText, stateName): (String, String, String) = (row["call"], row["digest"], row["state"])
        guard let stored = try? JSONReader.read(callText), var call = ToolCall(stored: stored),
            let state = RunState(rawValue: stateName)
        else { return nil }
        let (taskID, result): (String?, String?) = (row["task_id"], row["result"])
        // Not part of what is kept of a call; a step always rather waits than is refused.
        call.waitsForApproval = taskID != nil
        self.init(
            id: row["id"], call: call, principal: row["principal"], isIdempotent: row["is_idempotent"],
            step: taskID.map { TaskPlace(taskID: $0, step: row["step"]) }, createdAt: row["created_at"], state: state,
            auditID: row["audit_id"], result: result.flatMap { try? JSONReader.read($0) })
        guard digest.hex == digestText else { return nil }
        let (token, end): (String?, Double?) = (row["token"], row["lease_until"])
        if let token, let end { lease = Lease(token: token, expiresAt: end) }
        beginnings = row["beginnings"]
        approvedItem = row["approved_item"]
    }
}
