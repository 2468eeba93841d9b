internal import Foundation
internal import ToolKit

/// What a hundred who watch, ten of whom never read, cost the caller of `/run`: one client, with and without them, and nginx
/// sending the same bytes, in alternating rounds.
struct WatcherSection {
    private static let watchers = 100
    private static let stuck = 10

    private struct Pace {
        let name: String
        let pauseMicroseconds: UInt32
    }

    static func run(_ options: BenchOptions, into report: inout Report) throws {
        let nginx = try BenchNginx.start(in: options.folder)
        let daemon = try BenchDaemon(options, home: "watchers").start()
        defer {
            daemon.stop()
            nginx.stop()
        }
        try daemon.awaitAnswer(of: "/health")
        let names = ["nginx static 4 KiB", "nobody watches", "\(watchers) watch, \(stuck) never read"]
        var rows = [["one client", "", "p50 us", "p99 us", "of nginx", "of nobody"]]
        var figures: [JSONValue] = []
        for pace in [Pace(name: "at once", pauseMicroseconds: 0), Pace(name: "after 10 ms", pauseMicroseconds: 10_000)]
        {
            var rounds = [[[Double]]](repeating: [], count: names.count)
            var told = 0
            for round in 0...options.rounds {
                for place in names.indices {
                    let index = (place + round) % names.count
                    let crowd = index == 2 ? try Watchers(watchers, stuck: stuck, at: daemon.port) : nil
                    let times = try calls(
                        to: index == 0 ? nginx : daemon, isFile: index == 0, pace,
                        seconds: round == 0 ? 1 : options.secondsPerRound)
                    if let crowd {
                        let read = crowd.end()
                        // Each of those who read has heard at least of some calls.
                        guard read > (watchers - stuck) * 1_000 else { throw BenchFailure("nobody was told anything") }
                        told += read
                        // The daemon learns of their end.
                        usleep(200_000)
                    }
                    if round > 0 { rounds[index].append(times) }
                }
            }
            let medians = rounds.map { $0.map(\.median).median }
            for (index, name) in names.enumerated() {
                let p99 = rounds[index].map { $0.quantile(0.99) }.median
                let (ofFloor, ofNobody) = (medians[index] / medians[0], medians[index] / medians[1])
                rows.append([
                    "calls \(pace.name)", name, medians[index].text(0), p99.text(0), ofFloor.text(2),
                    index == 0 ? "" : ofNobody.text(2),
                ])
                figures.append([
                    "pace": .string(pace.name), "name": .string(name), "p50_us": .number(medians[index].rounded3),
                    "p99_us": .number(p99.rounded3), "of_nginx": .number(ofFloor.rounded3),
                    "of_nobody": .number(ofNobody.rounded3), "read_bytes": .integer(index == 2 ? told : 0),
                    "rounds_p50_us": .array(rounds[index].map { .number($0.median.rounded3) }),
                ])
            }
        }
        report.add("watchers", .array(figures))
        report.table(
            "Reading 4 KiB through POST /run while others watch, every answer checked", rows,
            note: "medians of \(options.rounds) alternating rounds; the next call follows at once, or after 10 ms; the "
                + "streams are read on the same cores; target: at most 1.3 of nobody after 10 ms")
    }

    /// Microseconds of every call of one client.
    private static func calls(
        to server: RunningServer, isFile: Bool, _ pace: Pace, seconds: Int
    ) throws -> [Double] {
        let client = try LoopbackClient(port: server.port)
        let body = BenchDaemon.call(dryRun: false)
        var times: [Double] = []
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            let begun = ContinuousClock.now
            if isFile {
                let answer = try client.ask("/page.txt", token: "")
                guard answer.status == 200, answer.body.utf8.count == BenchDaemon.fileSize else {
                    throw BenchFailure("nginx answered \(answer.status) with \(answer.body.utf8.count) bytes")
                }
            } else {
                try client.expectSuccess(BenchDaemon.runPath, token: BenchDaemon.token, body: body)
            }
            times.append((ContinuousClock.now - begun).milliseconds * 1_000)
            if pace.pauseMicroseconds > 0 { usleep(pace.pauseMicroseconds) }
        }
        return times
    }
}
