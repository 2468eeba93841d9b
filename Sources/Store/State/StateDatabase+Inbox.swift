package import Gate
internal import GRDB
package import ToolKit

extension StateDatabase: InboxStore {
    package func insert(_ item: InboxItem, isIdempotent: Bool) async throws {
        let run = item.run(isIdempotent: isIdempotent)
        try await write { database in
            try Self.insert(run, into: database)
            try Self.insert(item, into: database)
        }
    }

    static func insert(_ item: InboxItem, into database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO inbox (id, kind, digest, principal, risk, plan, is_undoable, policy_base, risk_estimate,
                    created_at, expires_at, size, status, run_id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                item.id, item.kind.rawValue, item.digest.hex, item.principal, item.risk.rawValue, text(item.plan),
                item.isUndoable, item.policyBase, item.riskEstimate, item.createdAt, item.expiresAt, item.storedSize,
                item.status.rawValue, item.execution.runID,
            ])
    }

    /// An item with its run. What both have is named as the run's.
    private static let selection = """
        SELECT inbox.*, runs.call, runs.state, runs.audit_id, runs.result, runs.task_id, runs.step,
            coalesce(length(runs.result), 0) AS result_size
        FROM inbox JOIN runs ON runs.id = inbox.run_id
        """

    package func item(_ id: String) async throws -> InboxItem? {
        try await read { database in
            try Row.fetchOne(database, sql: Self.selection + " WHERE inbox.id = ?", arguments: [id])
                .flatMap(InboxItem.init)
        }
    }

    package func item(ofRun id: String) async throws -> InboxItem? {
        try await read { database in
            try Row.fetchOne(
                database, sql: Self.selection + " WHERE inbox.run_id = ? ORDER BY inbox.seq DESC LIMIT 1",
                arguments: [id]
            ).flatMap(InboxItem.init)
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
            conditions.append("inbox.principal = ?")
            arguments += [principal]
        }
        if let before = query.before {
            conditions.append("inbox.seq < ?")
            arguments += [before]
        }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        arguments += [query.limit + 1]
        let sql = "\(Self.selection) \(filter) ORDER BY inbox.seq DESC LIMIT ?"
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
        _ id: String, _ decision: InboxItem.Decision, grant: StandingGrant?, result: JSONValue?
    ) async throws -> Bool {
        let text = result.map(Self.text)
        return try await write { database in
            let status = decision.isApproved ? InboxItem.Status.approved : .denied
            try database.execute(
                sql: """
                    UPDATE inbox SET status = ?, decided_by = ?, decided_at = ?, note = ?, grant_id = ?, resolution = ?
                    WHERE id = ? AND status = 'pending' AND expires_at > ? AND EXISTS (
                        SELECT 1 FROM runs WHERE runs.id = inbox.run_id AND runs.state = ?)
                    """,
                arguments: [
                    status.rawValue, decision.by, decision.at, decision.note, decision.grantID,
                    decision.resolution?.rawValue, id, decision.at,
                    (decision.resolution == nil ? RunState.waiting : .indeterminate).rawValue,
                ])
            guard database.changesCount == 1 else { return false }
            let end = decision.runState
            let isQueued = end == .queued
            try Self.move(
                database, "id = (SELECT run_id FROM inbox WHERE inbox.id = ?)", [id], decision.event, to: end,
                setting: isQueued
                    ? "approved_item = ?, result = NULL, audit_id = NULL" : "result = coalesce(?, result)",
                isQueued ? [id] : [text])
            if let grant { try Self.insert(grant, into: database) }
            return true
        }
    }

    package func overdue(at wall: Double, limit: Int) async throws -> [InboxItem] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: Self.selection
                    + " WHERE status = 'pending' AND expires_at <= ? ORDER BY expires_at, inbox.seq LIMIT ?",
                arguments: [wall, limit]
            ).compactMap(InboxItem.init)
        }
    }

    package func expire(_ id: String, at wall: Double) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE inbox SET status = 'expired' WHERE id = ? AND status = 'pending' AND expires_at <= ?
                    """,
                arguments: [id, wall])
            guard database.changesCount == 1 else { return false }
            try Self.move(
                database, "id = (SELECT run_id FROM inbox WHERE inbox.id = ?)", [id], .deny, to: .refused)
            return true
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
        let ended = RunState.endings
        try await write { database in
            try database.execute(
                sql: """
                    DELETE FROM inbox WHERE created_at < ? AND status <> 'pending'
                        AND EXISTS (SELECT 1 FROM runs WHERE runs.id = inbox.run_id AND runs.state IN (\(ended)))
                    """,
                arguments: [wall])
            try database.execute(
                sql: """
                    DELETE FROM runs WHERE created_at < ? AND task_id IS NULL AND state IN (\(ended))
                        AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.run_id = runs.id)
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
        let (state, result, taskID): (String, String?, String?) = (row["state"], row["result"], row["task_id"])
        self.init(
            id: row["id"], kind: kind, call: call, principal: row["principal"], risk: risk, plan: plan,
            isUndoable: row["is_undoable"], policyBase: row["policy_base"], riskEstimate: row["risk_estimate"],
            step: taskID.map { TaskPlace(taskID: $0, step: row["step"]) }, createdAt: row["created_at"],
            expiresAt: row["expires_at"],
            execution: Execution(
                runID: row["run_id"], state: RunState(rawValue: state) ?? .indeterminate,
                auditID: row["audit_id"], result: result.flatMap { try? JSONReader.read($0) }))
        guard digest.hex == row["digest"] else { return nil }
        self.status = status
        let (by, at, said): (String?, Double?, String?) = (row["decided_by"], row["decided_at"], row["resolution"])
        if let by, let at {
            decision = Decision(
                isApproved: status == .approved, by: by, at: at, note: row["note"], grantID: row["grant_id"],
                resolution: said.flatMap(Resolution.init(rawValue:)))
        }
    }
}

extension RunState {
    /// Those that are final, as a list for SQL.
    static let endings = allCases.filter(\.isFinal).map { "'\($0.rawValue)'" }.joined(separator: ", ")
}
