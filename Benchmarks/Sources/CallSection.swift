internal import ToolKit

/// Reading 4 KiB and planning to read it, beside nginx sending the same bytes, in alternating rounds.
struct CallSection {
    static func run(_ options: BenchOptions, into report: inout Report) throws {
        let nginx = try BenchNginx.start(in: options.folder)
        let daemon = try BenchDaemon(options, home: "calls").start()
        defer {
            daemon.stop()
            nginx.stop()
        }
        try daemon.awaitAnswer(of: "/health")
        let contestants: [(name: String, server: RunningServer, request: LoadRound.Request)] = [
            ("nginx static 4 KiB", nginx, .file),
            ("read 4 KiB", daemon, .call(dryRun: false)),
            ("dry run", daemon, .call(dryRun: true)),
        ]
        var rows = [["", "connections", "calls/s", "of nginx", "p50 us", "p99 us", "CPU us/call"]]
        var figures: [JSONValue] = []
        for connections in [1, 16, 64] {
            var rounds = [[LoadRound]](repeating: [], count: contestants.count)
            for round in 0...options.rounds {
                for place in contestants.indices {
                    // Each round starts with another one, so that no one always follows the same neighbour.
                    let index = (place + round) % contestants.count
                    let result = try LoadRound(
                        contestants[index].request, to: contestants[index].server, connections: connections,
                        seconds: round == 0 ? 1 : options.secondsPerRound, options: options)
                    if round > 0 { rounds[index].append(result) }
                }
            }
            let floor = rounds[0].map(\.perSecond).median
            for (contestant, rounds) in zip(contestants, rounds) {
                let rate = rounds.map(\.perSecond).median
                let processor = rounds.map(\.processorMicroseconds).median
                let p50 = rounds.map(\.medianMicroseconds).median
                let p99 = rounds.map(\.p99Microseconds).median
                rows.append([
                    contestant.name, "\(connections)", rate.text(0), (rate / floor).text(3), p50.text(0), p99.text(0),
                    processor.text(0),
                ])
                figures.append([
                    "name": .string(contestant.name), "connections": .integer(connections),
                    "per_second": .number(rate.rounded3), "of_nginx": .number((rate / floor).rounded3),
                    "p50_us": .number(p50.rounded3), "p99_us": .number(p99.rounded3),
                    "cpu_us_per_call": .number(processor.rounded3),
                    "rounds_per_second": .array(rounds.map { .number($0.perSecond.rounded3) }),
                ])
            }
        }
        report.add("calls", .array(figures))
        report.table(
            "Calls through POST /run, every answer checked, each recorded durably", rows,
            note: "medians of \(options.rounds) alternating rounds; target: read at 16 and 64 at least 0.15 of nginx")
        try memoryUnderLoad(daemon, into: &report)
    }

    private static func memoryUnderLoad(_ daemon: RunningServer, into report: inout Report) throws {
        guard let resident = daemon.facts.memory("VmRSS") else { return }
        report.add("resident_kib_after_load", .integer(resident))
    }
}
