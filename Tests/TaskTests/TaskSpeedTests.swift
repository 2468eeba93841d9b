internal import Foundation
internal import Gate
internal import GRDB
internal import Store
internal import Testing
internal import ToolKit

@Suite("A hundred thousand tasks", .timeLimit(.minutes(5)))
struct TaskSpeedTests {
    private static let count = 100_000
    /// What the lists are compared with: a page or two.
    private static let few = 120

    private static let queries: [(String, TaskQuery)] = [
        ("newest 50", TaskQuery()), ("50 that wait", TaskQuery(status: .waiting)),
        ("50 of one caller", TaskQuery(principal: "bot3")),
        ("50 of one caller that failed", TaskQuery(status: .failed, principal: "bot3")),
        ("50 in the middle", TaskQuery(before: count / 2)),
        ("50 of nobody", TaskQuery(status: .paused, principal: "nobody")),
    ]

    /// Five steps each, about 110 MiB in all.
    private func fill(_ path: String, _ count: Int) throws {
        let facts = String(decoding: JSONWriter.write(Sample.tried().facts.stored), as: UTF8.self)
        let queue = try DatabaseQueue(path: path)
        try queue.write { database in
            try database.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                    INSERT INTO tasks (id, goal, principal, source, max_steps, max_retries, created_at, status,
                        is_started, current, step_count, size, wake_at, revision, updated_at)
                    SELECT 'task_' || i, 'a goal of some length, as people write them', 'bot' || (i % 10), 'given', 50, 3,
                        i, CASE i % 6 WHEN 0 THEN 'pending' WHEN 1 THEN 'running' WHEN 2 THEN 'waiting_approval'
                            WHEN 3 THEN 'failed' WHEN 4 THEN 'cancelled' ELSE 'completed' END,
                        i % 2, 3, 5, 500, i, 7, i
                    FROM n
                    """,
                arguments: [count])
            try database.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)
                    INSERT INTO task_steps (task_id, number, facts, draft, result)
                    SELECT id, i, ?, '{"args":{"path":"a.txt"}}', '{"success":true,"result":{"stdout":"fine"}}'
                    FROM tasks, n
                    """,
                arguments: [facts])
        }
        try queue.close()
    }

    /// Figures in milliseconds are for `docs/performance.md`: a limit on them would fail on a busy machine.
    @Test("are listed about as fast as a hundred, whatever is asked for, and so is what is due; memory does not grow")
    func lists() async throws {
        try await TemporaryFolder.with { folder in
            let paths = [Self.few, Self.count].map { "\(folder)/\($0).sqlite" }
            for (path, count) in zip(paths, [Self.few, Self.count]) {
                try StateDatabase(path: path).close()
                try fill(path, count)
            }
            let (small, large) = (try StateDatabase(path: paths[0]), try StateDatabase(path: paths[1]))
            let before = Self.residentMebibytes
            for (name, query) in Self.queries {
                var fewer = query
                if fewer.before != nil { fewer.before = Self.few }
                let few = try await Self.median { _ = try await small.tasks(fewer) }
                let many = try await Self.median { _ = try await large.tasks(query) }
                print("\(name): of \(Self.few) tasks \(few), of \(Self.count) \(many)")
                #expect(many < few * 8 + .milliseconds(20), "\(name)")
            }
            let few = try await Self.median { _ = try await small.due(at: 1e9, limit: 8) }
            let many = try await Self.median { _ = try await large.due(at: 1e9, limit: 8) }
            let load = try await Self.median { _ = try await large.taskLoad(of: "bot3") }
            print("due: of \(Self.few) tasks \(few), of \(Self.count) \(many); load of \(Self.count): \(load)")
            #expect(many < few * 8 + .milliseconds(20))
            let grown = Self.residentMebibytes - before
            print("\(Self.count) tasks: the process grew by \(grown) MiB while they were listed")
            #expect(grown < 100)
            try small.close()
            try large.close()
        }
    }

    private static func median(_ body: () async throws -> Void) async throws -> Duration {
        let times = try await times(body)
        return times[times.count / 2]
    }

    private static func times(_ body: () async throws -> Void) async throws -> [Duration] {
        var times: [Duration] = []
        for _ in 0..<31 {
            let started = ContinuousClock.now
            try await body()
            times.append(ContinuousClock.now - started)
        }
        return times.sorted()
    }

    private static var residentMebibytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (status.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4_096 >> 20
    }
}
