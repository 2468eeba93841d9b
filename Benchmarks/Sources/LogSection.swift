internal import Audit
internal import Foundation
internal import Store
internal import ToolKit

/// The newest page of a short log and of a long one, from two daemons asked in turn.
struct LogSection {
    static func run(_ options: BenchOptions, into report: inout Report) async throws {
        let homes = [("logs-few", options.fewEntries), ("logs-many", options.manyEntries)]
        var servers: [RunningServer] = []
        defer { for server in servers { server.stop() } }
        for (name, entries) in homes {
            let daemon = try BenchDaemon(options, home: name)
            try await fill(daemon.home, entries: entries)
            let server = try daemon.start()
            servers.append(server)
            try server.awaitAnswer(of: "/health")
        }
        var times = [[Double]](repeating: [], count: homes.count)
        for round in 0...options.logRounds {
            for (place, server) in servers.enumerated() {
                let client = try LoopbackClient(port: server.port)
                for _ in 0..<50 {
                    let begun = ContinuousClock.now
                    let body = try client.expectSuccess("/api/v1/execution/logs?limit=50", token: BenchDaemon.token)
                    let elapsed = (ContinuousClock.now - begun).milliseconds
                    guard body.contains(#""count":50"#) else { throw BenchFailure("a page without 50 entries") }
                    if round > 0 { times[place].append(elapsed) }
                }
            }
        }
        var rows = [["entries", "p50 ms", "p99 ms"]]
        var figures: [JSONValue] = []
        for ((_, entries), times) in zip(homes, times) {
            rows.append(["\(entries)", times.median.text(2), times.quantile(0.99).text(2)])
            figures.append([
                "entries": .integer(entries), "p50_ms": .number(times.median.rounded3),
                "p99_ms": .number(times.quantile(0.99).rounded3),
            ])
        }
        let ratio = times[1].median / times[0].median
        report.add("logs", ["pages": .array(figures), "ratio": .number(ratio.rounded3)])
        report.table(
            "GET /logs?limit=50", rows, note: "the long log takes \(ratio.text(2)) times as long; target: at most 1.5")
    }

    /// Writes entries through the audit library itself: chained, signed and indexed as the daemon does it.
    private static func fill(_ home: String, entries: Int) async throws {
        let log = try SampleLog.open(in: home)
        print("Writing \(entries) entries …")
        fflush(nil)
        let width = min(2_000, entries)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<width {
                group.addTask {
                    for number in stride(from: lane, to: entries, by: width) {
                        try await log.append(SampleLog.entry(number))
                    }
                }
            }
            try await group.waitForAll()
        }
        await log.close()
    }
}
