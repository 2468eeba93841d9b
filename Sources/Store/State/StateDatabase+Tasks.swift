package import Gate
internal import GRDB
internal import ToolKit

extension StateDatabase: TaskStore {
    static func createTasks(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE tasks (
                    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, goal TEXT NOT NULL,
                    principal TEXT NOT NULL, agent_id TEXT, source TEXT NOT NULL, max_steps INTEGER NOT NULL,
                    max_retries INTEGER NOT NULL, playbook_id TEXT, created_at REAL NOT NULL, status TEXT NOT NULL,
                    is_started INTEGER NOT NULL, note TEXT, current INTEGER NOT NULL, step_count INTEGER NOT NULL,
                    size INTEGER NOT NULL, wake_at REAL NOT NULL, revision INTEGER NOT NULL, updated_at REAL NOT NULL
                ) STRICT;
                CREATE INDEX tasks_status ON tasks (status, seq);
                CREATE INDEX tasks_principal ON tasks (principal, seq);
                CREATE INDEX tasks_principal_status ON tasks (principal, status, seq);
                CREATE INDEX tasks_due ON tasks (wake_at) WHERE is_started = 1 AND status IN ('pending', 'running');
                CREATE INDEX tasks_load ON tasks (principal, status, size);
                CREATE INDEX tasks_age ON tasks (updated_at) WHERE status IN ('completed', 'failed', 'cancelled');
                CREATE TABLE task_steps (
                    task_id TEXT NOT NULL, number INTEGER NOT NULL, facts TEXT NOT NULL, draft TEXT NOT NULL,
                    result TEXT, UNIQUE (task_id, number)
                ) STRICT;
                """)
    }

    package func insert(_ task: AgentTask, steps: [TaskStep]) async throws -> Bool {
        let rows = steps.map(StepRow.init)
        return try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO tasks (id, goal, principal, agent_id, source, max_steps, max_retries, playbook_id,
                        created_at, status, is_started, note, current, step_count, size, wake_at, revision, updated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
                    """,
                arguments: [
                    task.id, task.goal, task.principal, task.agentID, task.source.rawValue, task.maxSteps,
                    task.maxRetries, task.playbookID, task.createdAt, task.status.rawValue, task.isStarted, task.note,
                    task.current, task.stepCount, task.size, task.wakeAt, task.revision, task.updatedAt,
                ])
            guard database.changesCount == 1 else { return false }
            for row in rows { try row.insert(into: database, task: task.id) }
            return true
        }
    }

    package func task(_ id: String) async throws -> AgentTask? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM tasks WHERE id = ?", arguments: [id]).flatMap(AgentTask.init)
        }
    }

    package func step(_ number: Int, ofTask id: String) async throws -> TaskStep? {
        try await read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM task_steps WHERE task_id = ? AND number = ?", arguments: [id, number]
            ).flatMap(TaskStep.init)
        }
    }

    package func steps(ofTask id: String, from number: Int, limit: Int) async throws -> [TaskStep] {
        try await read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT *, length(draft) + coalesce(length(result), 0) AS size FROM task_steps
                    WHERE task_id = ? AND number >= ? ORDER BY number LIMIT ?
                    """,
                arguments: [id, number, limit])
            var steps: [TaskStep] = []
            var room = TaskQuery.pageBytes
            while let row = try rows.next() {
                let size: Int = row["size"]
                room -= size
                guard room >= 0 || steps.isEmpty else { break }
                if let step = TaskStep(row) { steps.append(step) }
            }
            return steps
        }
    }

    package func facts(ofTask id: String, from number: Int, limit: Int) async throws -> [StepFacts] {
        try await read { try Self.facts(in: $0, of: id, from: number, limit: limit).map(\.facts) }
    }

    private static func facts(
        in database: Database, of id: String, from number: Int, limit: Int
    ) throws -> [(facts: StepFacts, size: Int)] {
        let statement = try database.cachedStatement(
            sql: "SELECT number, facts FROM task_steps WHERE task_id = ? AND number >= ? ORDER BY number LIMIT ?")
        return try Row.fetchAll(statement, arguments: [id, number, limit]).compactMap { row in
            let text: String = row["facts"]
            return (try? JSONReader.read(text)).flatMap { StepFacts(number: row["number"], stored: $0) }
                .map { ($0, text.utf8.count) }
        }
    }

    /// Writers take turns in SQLite, so nobody comes between the look and the update.
    package func change(_ task: AgentTask, steps: [TaskStep], run: Run?) async throws -> Bool {
        let rows = steps.map(StepRow.init)
        return try await write { database in
            try database.execute(
                sql: """
                    UPDATE tasks SET status = ?, is_started = ?, note = ?, current = ?, step_count = ?, size = ?,
                        wake_at = ?, revision = revision + 1, updated_at = ?
                    WHERE id = ? AND revision = ?
                    """,
                arguments: [
                    task.status.rawValue, task.isStarted, task.note, task.current, task.stepCount, task.size,
                    task.wakeAt, task.updatedAt, task.id, task.revision,
                ])
            guard database.changesCount == 1 else { return false }
            for row in rows { try row.save(in: database, task: task.id) }
            if let run {
                try Self.insert(run, into: database)
                // Of an attempt that another one follows, only how it ended is kept here; the audit has the rest.
                try database.execute(
                    sql: "UPDATE runs SET result = NULL WHERE task_id = ? AND step = ? AND id <> ?",
                    arguments: [task.id, run.step?.step, run.id])
            }
            return true
        }
    }

    package func tasks(_ query: TaskQuery) async throws -> TaskPage {
        var conditions: [String] = []
        var arguments: StatementArguments = []
        if let status = query.status {
            conditions.append("status = ?")
            arguments += [status.rawValue]
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
        let sql = "SELECT * FROM tasks \(filter) ORDER BY seq DESC LIMIT ?"
        arguments += [query.limit + 1]
        let (values, limit) = (arguments, query.limit)
        return try await read { database in
            var page = TaskPage(listings: [], next: nil)
            var room = TaskQuery.pageBytes
            var last: Int?
            var count = 0
            let rows = try Row.fetchCursor(database, sql: sql, arguments: values)
            while let row = try rows.next() {
                let task = AgentTask(row)
                let steps = try task.map {
                    try Self.facts(in: database, of: $0.id, from: 1, limit: TaskQuery.listedSteps)
                }
                room -= (task?.listedSize ?? 0) + (steps ?? []).reduce(0) { $0 + $1.size }
                guard count < limit, room >= 0 || last == nil else {
                    page.next = last
                    break
                }
                last = row["seq"]
                count += 1
                if let task, let steps {
                    page.listings.append(TaskPage.Listing(task: task, steps: steps.map(\.facts)))
                }
            }
            return page
        }
    }

    /// The index is named, here and below: left to itself, SQLite takes another one and sorts what it finds.
    package func due(at wall: Double, limit: Int) async throws -> [String] {
        try await read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT id FROM tasks INDEXED BY tasks_due
                    WHERE is_started = 1 AND status IN ('pending', 'running') AND wake_at <= ?
                    ORDER BY wake_at, seq LIMIT ?
                    """,
                arguments: [wall, limit])
        }
    }

    package func taskLoad(of principal: String) async throws -> TaskLoad {
        try await read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT count(*) FILTER (WHERE is_open) AS tasks, total(size) AS bytes,
                        count(*) FILTER (WHERE is_open AND principal = ?1) AS own,
                        total(size) FILTER (WHERE principal = ?1) AS own_bytes
                    FROM (
                        SELECT principal, size, status IN ('pending', 'running', 'waiting_approval', 'paused') AS is_open
                        FROM tasks INDEXED BY tasks_load
                    )
                    """,
                arguments: [principal])
            let (bytes, own): (Double, Double) = (row?["bytes"] ?? 0, row?["own_bytes"] ?? 0)
            return TaskLoad(
                tasks: row?["tasks"] ?? 0, bytes: Int(bytes), ofPrincipal: row?["own"] ?? 0, bytesOfPrincipal: Int(own))
        }
    }

    package func removeFinished(
        changedBefore wall: Double, of principal: String?, limit: Int
    ) async throws -> Int {
        try await write { database in
            let ids = try String.fetchAll(
                database,
                sql: """
                    SELECT id FROM tasks INDEXED BY tasks_age
                    WHERE status IN ('completed', 'failed', 'cancelled') AND updated_at < ?1
                        AND (?3 IS NULL OR principal = ?3)
                    ORDER BY updated_at LIMIT ?2
                    """,
                arguments: [wall, limit, principal])
            for id in ids {
                try database.execute(sql: "DELETE FROM task_steps WHERE task_id = ?", arguments: [id])
                try database.execute(sql: "DELETE FROM runs WHERE task_id = ?", arguments: [id])
                try database.execute(sql: "DELETE FROM tasks WHERE id = ?", arguments: [id])
            }
            return ids.count
        }
    }
}

/// A step as it is written; made before the transaction, which others wait for.
private struct StepRow: Sendable {
    let number: Int
    let facts: String
    let draft: String
    let result: String?

    init(_ step: TaskStep) {
        number = step.number
        facts = StateDatabase.text(step.facts.stored)
        draft = StateDatabase.text(step.draft)
        result = step.result.map(StateDatabase.text)
    }

    func insert(into database: Database, task: String) throws {
        try database.execute(
            sql: "INSERT INTO task_steps (task_id, number, facts, draft, result) VALUES (?, ?, ?, ?, ?)",
            arguments: [task, number, facts, draft, result])
    }

    func save(in database: Database, task: String) throws {
        try database.execute(
            sql: "UPDATE task_steps SET facts = ?, result = ? WHERE task_id = ? AND number = ?",
            arguments: [facts, result, task, number])
        if database.changesCount == 0 { try insert(into: database, task: task) }
    }
}

extension AgentTask {
    /// - Returns: `nil` for a row that this version cannot read.
    fileprivate init?(_ row: Row) {
        let (statusName, sourceName): (String, String) = (row["status"], row["source"])
        guard let status = Status(rawValue: statusName), let source = Source(rawValue: sourceName) else { return nil }
        self.init(
            id: row["id"], goal: row["goal"], principal: row["principal"], agentID: row["agent_id"], source: source,
            maxSteps: row["max_steps"], maxRetries: row["max_retries"], playbookID: row["playbook_id"],
            createdAt: row["created_at"], stepCount: row["step_count"], size: row["size"])
        self.status = status
        isStarted = row["is_started"]
        note = row["note"]
        current = row["current"]
        wakeAt = row["wake_at"]
        revision = row["revision"]
        updatedAt = row["updated_at"]
    }
}

extension TaskStep {
    /// - Returns: `nil` for a row that this version cannot read.
    fileprivate init?(_ row: Row) {
        let (factsText, draftText, resultText): (String, String, String?) = (row["facts"], row["draft"], row["result"])
        guard let stored = try? JSONReader.read(factsText), let draft = try? JSONReader.read(draftText),
            let facts = StepFacts(number: row["number"], stored: stored), let arguments = draft["args"]?.objectValue
        else { return nil }
        self.init(
            facts, arguments: arguments, expect: draft["expect"],
            dryRun: draft["dry_run"]?.boolValue,
            result: resultText.flatMap { try? JSONReader.read($0) })
    }
}
