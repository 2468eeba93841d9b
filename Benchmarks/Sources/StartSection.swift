internal import Foundation
internal import ToolKit

/// From the start of the process to its first answers, and what it holds in memory when nothing happens.
struct StartSection {
    static func run(_ options: BenchOptions, into report: inout Report) throws {
        var rows = [["", "first /health ms", "first /run ms"]]
        var figures: [String: JSONValue] = [:]
        let homes = [("new home", "start-new", true), ("\(options.manyEntries) entries", "logs-many", false)]
        for (title, name, isFresh) in homes {
            let daemon = try BenchDaemon(options, home: name)
            var health: [Double] = []
            var run: [Double] = []
            for _ in 0..<options.starts {
                if isFresh { try FileManager.default.removeItem(atPath: daemon.home) }
                let daemon = try BenchDaemon(options, home: name)
                let begun = ContinuousClock.now
                let server = try daemon.start()
                try server.awaitAnswer(of: "/health")
                health.append((ContinuousClock.now - begun).milliseconds)
                try LoopbackClient(port: server.port).expectSuccess(
                    BenchDaemon.runPath, token: BenchDaemon.token, body: BenchDaemon.call(dryRun: false))
                run.append((ContinuousClock.now - begun).milliseconds)
                server.stop()
            }
            rows.append([title, health.median.text(1), run.median.text(1)])
            figures[isFresh ? "new" : "many"] = [
                "health_ms": .number(health.median.rounded3), "run_ms": .number(run.median.rounded3),
                "health_ms_worst": .number((health.max() ?? 0).rounded3),
            ]
        }
        report.add("start", .object(figures))
        report.table(
            "Start to first answer", rows,
            note: "medians of \(options.starts) starts; target: 150 ms with a new home, 300 ms with 100,000 entries")
        try memory(options, into: &report)
    }

    private static func memory(_ options: BenchOptions, into report: inout Report) throws {
        let server = try BenchDaemon(options, home: "memory").start()
        defer { server.stop() }
        try server.awaitAnswer(of: "/health")
        var rows = [["", "resident MiB", "of it anonymous", "of it files"]]
        var figures: [String: JSONValue] = [:]
        func take(_ title: String, _ key: String) {
            let values = ["VmRSS", "RssAnon", "RssFile"].map { server.facts.memory($0) ?? 0 }
            rows.append([title] + values.map { (Double($0) / 1_024).text(1) })
            figures[key] = [
                "rss_kib": .integer(values[0]), "anon_kib": .integer(values[1]), "file_kib": .integer(values[2]),
            ]
        }
        sleep(options.idleSeconds)
        take("idle, \(options.idleSeconds) s after the start", "idle")
        let client = try LoopbackClient(port: server.port)
        for _ in 0..<1_000 {
            try client.expectSuccess(
                BenchDaemon.runPath, token: BenchDaemon.token, body: BenchDaemon.call(dryRun: false))
        }
        take("after 1,000 calls", "after_1000_calls")
        report.add("memory", .object(figures))
        report.table("Memory", rows, note: "target: at most 35 MB idle")
    }
}
