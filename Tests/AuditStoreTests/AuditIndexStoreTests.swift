internal import Audit
internal import Foundation
internal import GRDB
internal import Store
internal import Testing
internal import ToolKit

@Suite("The audit's index on disk")
struct AuditIndexStoreTests {
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("index-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    @Test("serves a log on disk, over restarts")
    func restart() async throws {
        try await withFolder { path in
            let signer = AuditSigner()
            let configuration = AuditLogConfiguration(signer: signer, now: { 1_800_000_000 })
            for life in 0..<3 {
                let index = try AuditIndexStore.open(path: path + "/audit-index.sqlite")
                let log = try AuditLog.open(configuration, index: index, files: DiskLogStorage(folder: path))
                #expect(log.recovery.checkedLines == 0 && log.recovery.indexedLines == 0)
                for call in 0..<20 {
                    let id = "call_\(life)_\(call)"
                    try await log.append(AuditRecord(.intent, auditID: id, fields: ["tool_name": "git_log", "ts": 1]))
                    try await log.append(AuditRecord(.outcome, auditID: id, fields: ["status": "ok", "ts": 2]))
                }
                let page = try await log.page(LogQuery(limit: 1_000, toolName: "git_log", status: .ok))
                #expect(page.entries.count == (life + 1) * 20)
                await log.close()
                let result = try AuditVerifier(DiskLogStorage(folder: path), key: signer.publicKey, index: index)
                    .verify()
                #expect(result.problem == nil)
            }
        }
    }

    @Test("R64: makes its files for nobody but the daemon's user")
    func mode() async throws {
        try await withFolder { path in
            let index = try AuditIndexStore.open(path: path + "/i.sqlite")
            try index.reset()
            for name in ["i.sqlite", "i.sqlite-wal", "i.sqlite-shm"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
            }
        }
    }

    /// A database of the index in which everything from `start` on is rubbish.
    private func putDamaged(at file: String, from start: Int) throws {
        let queue = try DatabaseQueue(path: file)
        var migrator = DatabaseMigrator()
        AuditIndexStore.registerMigrations(&migrator)
        try migrator.migrate(queue)
        try queue.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        try #require(bytes.count > start)
        bytes.replaceSubrange(start..., with: Data(repeating: 0x78, count: bytes.count - start))
        try bytes.write(to: URL(fileURLWithPath: file))
    }

    @Test("that is no database or damaged is moved aside for a new one", arguments: [0, 100, 4_096])
    func damaged(from start: Int) async throws {
        try await withFolder { path in
            let file = path + "/i.sqlite"
            try Data("older".utf8).write(to: URL(fileURLWithPath: file + ".broken"))
            try putDamaged(at: file, from: start)
            let index = try AuditIndexStore.open(path: file)
            #expect(try index.position() == nil)
            let aside = try Data(contentsOf: URL(fileURLWithPath: file + ".broken"))
            #expect(aside.range(of: Data(repeating: 0x78, count: 1_000)) != nil)
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test("that was moved aside is filled again from the log")
    func filledAgain() async throws {
        try await withFolder { path in
            let configuration = AuditLogConfiguration(signer: AuditSigner(), now: { 1_800_000_000 })
            let first = try AuditLog.open(
                configuration, index: InMemoryAuditIndex(), files: DiskLogStorage(folder: path))
            try await first.append(AuditRecord(.change, auditID: "chg_1", fields: ["ts": 1]))
            await first.close()
            try putDamaged(at: path + "/i.sqlite", from: 0)
            let log = try AuditLog.open(
                configuration, index: AuditIndexStore.open(path: path + "/i.sqlite"),
                files: DiskLogStorage(folder: path))
            let page = try await log.page(LogQuery(limit: 1_000))
            #expect(page.entries.count == 1)
            await log.close()
        }
    }

    @Test("that is sound stays where it is (positive control)")
    func sound() async throws {
        try await withFolder { path in
            for _ in 0..<2 { _ = try AuditIndexStore.open(path: path + "/i.sqlite") }
            #expect(!FileManager.default.fileExists(atPath: path + "/i.sqlite.broken"))
        }
    }

    /// CONTRACT: the same cost whatever the history; the query plan is what keeps that promise.
    @Test(
        "R64: never scans the table nor sorts, whatever the filter",
        arguments: [
            "1", "tool_name = 'x'", "agent_id = 'x'", "principal = 'x'", "status = 'ok'", "kind = 'change'",
        ])
    func plans(_ condition: String) throws {
        let plan = try plan(
            of: "SELECT * FROM tool_executions WHERE \(condition) AND seq < 9 ORDER BY seq DESC LIMIT 51")
        #expect(plan.count == 1)
        #expect(plan[0].contains("SEARCH") && !plan[0].contains("TEMP B-TREE"), "\(plan)")
    }

    @Test("R64: finds late ends in an index of their own, in order")
    func latePlan() throws {
        let plan = try plan(of: AuditIndexStore.lateEnds, [9, 51])
        #expect(plan.count == 1)
        #expect(plan[0].contains("SEARCH") && plan[0].contains("tool_executions_late"), "\(plan)")
    }

    private func plan(of sql: String, _ arguments: StatementArguments = []) throws -> [String] {
        let queue = try DatabaseQueue()
        var migrator = DatabaseMigrator()
        AuditIndexStore.registerMigrations(&migrator)
        try migrator.migrate(queue)
        return try queue.read { database in
            try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map {
                $0["detail"] as String
            }
        }
    }

    @Test("R64: looks at a bounded number of rows when two filters meet, and names where to go on")
    func window() throws {
        let index = try IndexKind.database.make()
        var source = LineSource()
        var lines = [source.line(.refusal, "wanted", tool: "shell_exec", status: "invalid", agent: "a1")]
        for number in 0..<5_000 { lines.append(source.line(.refusal, "r\(number)", status: "invalid", agent: "a1")) }
        try index.add(lines, tiles: [], position: source.position)
        var query = LogQuery(toolName: "shell_exec", agentID: "a1")
        let first = try index.page(query)
        #expect(first.entries.isEmpty && first.next == 5_001 - LogQuery.window + 1)
        var pages = 1
        var page = first
        while let next = page.next {
            query.before = next
            page = try index.page(query)
            pages += 1
        }
        #expect(page.entries.map(\.keys.auditID) == ["wanted"] && pages == 3)
    }
}
