package import Gate
internal import GRDB
package import ToolKit

extension StateDatabase: InboxStore {
    package func insert(_ item: InboxItem) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO inbox (id, kind, call, digest, principal, risk, plan, is_undoable,
                        policy_base, risk_estimate, created_at, expires_at, size, status, run_id, run_state)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    item.id, item.kind.rawValue, Self.text(item.call.stored), item.digest.hex, item.principal,
                    item.risk.rawValue, Self.text(item.plan), item.isUndoable, item.policyBase,
                    item.riskEstimate, item.createdAt, item.expiresAt, item.storedSize, item.status.rawValue,
                    item.execution.runID, item.execution.state.rawValue,
                ])
        }
    }

    package func item(_ id: String) async throws -> InboxItem? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM inbox WHERE id = ?", arguments: [id]).flatMap(InboxItem.init)
        }
    }

    package func item(ofRun id: String) async throws -> InboxItem? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM inbox WHERE run_id = ?", arguments: [id])
                .flatMap(InboxItem.init)
        }
    }

    package func items(_ query: InboxQuery) async throws -> InboxPage {
        var conditions: [String] = []
        var arguments: StatementArguments = []
        if query.isPendingOnly { conditions.append("status = 'pending'") }
        if let kind = query.kind {
            conditions.append("kind = ?")
            arguments += [kind.rawValue]
        }
        if let principal = query.principal {
            conditions.append("principal = ?")
            arguments += [principal]
        }
        if let before = query.before {
            conditions.append("seq < ?")
            arguments += [before]
        }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        arguments += [query.limit + 1]
        let sql = """
            SELECT *, coalesce(length(result), 0) AS result_size FROM inbox \(filter) ORDER BY seq DESC LIMIT ?
            """
        let (values, limit) = (arguments, query.limit)
        return try await read { database in
            var page = InboxPage(items: [], next: nil)
            var room = InboxQuery.pageBytes
            var last: Int?
            var count = 0
            let rows = try Row.fetchCursor(database, sql: sql, arguments: values)
            while let row = try rows.next() {
                let (size, result): (Int, Int) = (row["size"], row["result_size"])
                room -= size + result
                guard count < limit, room >= 0 || last == nil else {
                    page.next = last
                    break
                }
                last = row["seq"]
                count += 1
                if let item = InboxItem(row) { page.items.append(item) }
            }
            return page
        }
    }

    /// Writers take turns in SQLite, so nobody comes between the look and the update.
    package func decide(
        _ id: String, _ decision: InboxItem.Decision, grant: StandingGrant?
    ) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE inbox SET status = ?, decided_by = ?, decided_at = ?, note = ?, grant_id = ?, run_state = ?
                    WHERE id = ? AND status = 'pending' AND expires_at > ?
                    """,
                arguments: [
                    (decision.isApproved ? InboxItem.Status.approved : .denied).rawValue, decision.by, decision.at,
                    decision.note, decision.grantID,
                    (decision.isApproved ? InboxItem.Execution.State.queued : .refused).rawValue, id, decision.at,
                ])
            guard database.changesCount == 1 else { return false }
            if let grant { try Self.insert(grant, into: database) }
            return true
        }
    }

    package func begin(_ id: String, auditID: String) async throws -> InboxItem? {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE inbox SET run_state = 'running', audit_id = ?
                    WHERE id = ? AND status = 'approved' AND run_state = 'queued'
                    """,
                arguments: [auditID, id])
            guard database.changesCount == 1 else { return nil }
            return try Row.fetchOne(database, sql: "SELECT * FROM inbox WHERE id = ?", arguments: [id])
                .flatMap(InboxItem.init)
        }
    }

    package func finish(_ id: String, state: InboxItem.Execution.State, result: JSONValue?) async throws {
        let text = result.map(Self.text)
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE inbox SET run_state = ?, result = ?
                    WHERE id = ? AND status = 'approved' AND run_state IN ('queued', 'running')
                    """,
                arguments: [state.rawValue, text, id])
        }
    }

    package func requeue(_ id: String) async throws {
        try await write { database in
            try database.execute(
                sql: "UPDATE inbox SET run_state = 'queued', audit_id = NULL WHERE id = ? AND run_state = 'running'",
                arguments: [id])
        }
    }

    package func overdue(at wall: Double, limit: Int) async throws -> [InboxItem] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM inbox WHERE status = 'pending' AND expires_at <= ? ORDER BY expires_at, seq LIMIT ?
                    """,
                arguments: [wall, limit]
            ).compactMap(InboxItem.init)
        }
    }

    package func expire(_ id: String, at wall: Double) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE inbox SET status = 'expired', run_state = 'refused'
                    WHERE id = ? AND status = 'pending' AND expires_at <= ?
                    """,
                arguments: [id, wall])
            return database.changesCount == 1
        }
    }

    package func unfinished() async throws -> [InboxItem] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM inbox WHERE run_state IN ('queued', 'running') AND status = 'approved' ORDER BY seq"
            ).compactMap(InboxItem.init)
        }
    }

    package func load(of principal: String) async throws -> InboxLoad {
        try await read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT count(*) AS items, total(size) AS bytes, count(*) FILTER (WHERE principal = ?1) AS own,
                        total(size) FILTER (WHERE principal = ?1) AS own_bytes
                    FROM inbox WHERE status = 'pending'
                    """,
                arguments: [principal])
            let (bytes, own): (Double, Double) = (row?["bytes"] ?? 0, row?["own_bytes"] ?? 0)
            return InboxLoad(
                items: row?["items"] ?? 0, bytes: Int(bytes), ofPrincipal: row?["own"] ?? 0,
                bytesOfPrincipal: Int(own))
        }
    }

    package func removeSettled(createdBefore wall: Double) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    DELETE FROM inbox WHERE created_at < ? AND status <> 'pending'
                        AND run_state NOT IN ('queued', 'running')
                    """,
                arguments: [wall])
        }
    }

    static func text(_ value: JSONValue) -> String { String(decoding: JSONWriter.write(value), as: UTF8.self) }
}

extension InboxItem {
    /// - Returns: `nil` for a row that this version cannot read: nobody decides about what nobody can show.
    init?(_ row: Row) {
        let (kindName, statusName, callText, planText): (String, String, String, String) = (
            row["kind"], row["status"], row["call"], row["plan"]
        )
        guard let kind = Kind(rawValue: kindName), let status = Status(rawValue: statusName),
            let stored = try? JSONReader.read(callText), let call = ToolCall(stored: stored),
            let plan = try? JSONReader.read(planText), let risk = Risk(rawValue: row["risk"])
        else { return nil }
        let (state, result): (String, String?) = (row["run_state"], row["result"])
        self.init(
            id: row["id"], kind: kind, call: call, principal: row["principal"], risk: risk, plan: plan,
            isUndoable: row["is_undoable"], policyBase: row["policy_base"], riskEstimate: row["risk_estimate"],
            createdAt: row["created_at"], expiresAt: row["expires_at"],
            execution: Execution(
                runID: row["run_id"], state: Execution.State(rawValue: state) ?? .indeterminate,
                auditID: row["audit_id"], result: result.flatMap { try? JSONReader.read($0) }))
        guard digest.hex == row["digest"] else { return nil }
        self.status = status
        let (by, at): (String?, Double?) = (row["decided_by"], row["decided_at"])
        if let by, let at {
            decision = Decision(
                isApproved: status == .approved, by: by, at: at, note: row["note"], grantID: row["grant_id"])
        }
    }
}
