#if os(Linux)
    internal import Foundation
    internal import Synchronization
    internal import ToolKit

    /// 64 clients that ask for `git status`, beside as many direct spawns at a time. The list of tools is asked for
    /// meanwhile: no client waits for others' programs.
    struct CommandCrowd {
        private static let clients = 64

        static func run(
            _ grounds: CommandGrounds, _ server: RunningServer, _ options: BenchOptions, into report: inout Report
        ) throws {
            var direct: [Double] = []
            var through: [LoadRound] = []
            var lists: [Double] = []
            for round in 0...options.rounds {
                let seconds = round == 0 ? 1 : options.secondsPerRound
                for place in 0..<2 {
                    if (place + round).isMultiple(of: 2) {
                        let rate = try spawnRate(grounds.status, seconds: seconds)
                        if round > 0 { direct.append(rate) }
                    } else {
                        let listing = try ToolListing(server.port)
                        let load = try LoadRound(
                            .command(grounds.status.call, proofs: grounds.status.proofs), to: server,
                            connections: clients, seconds: seconds, options: options)
                        let times = try listing.end()
                        guard round > 0 else { continue }
                        through.append(load)
                        lists += times
                    }
                }
            }
            let (floor, rate) = (direct.median, through.map(\.perSecond).median)
            report.add(
                "command_crowd",
                [
                    "clients": .integer(clients), "direct_per_second": .number(floor.rounded3),
                    "run_per_second": .number(rate.rounded3), "of_direct": .number((rate / floor).rounded3),
                    "rounds_direct": .array(direct.map { .number($0.rounded3) }),
                    "rounds_run": .array(through.map { .number($0.perSecond.rounded3) }),
                    "daemon_cpu_us_per_call": .number(through.map(\.processorMicroseconds).median.rounded3),
                    "tools_p50_ms": .number(lists.median.rounded3),
                    "tools_p99_ms": .number(lists.quantile(0.99).rounded3),
                    "tools_worst_ms": .number((lists.max() ?? 0).rounded3),
                ])
            report.table(
                "\(clients) at a time: git status",
                [
                    ["", "calls/s", "of direct", "p50 ms", "p99 ms"],
                    ["direct", floor.text(0), "1.00", "", ""],
                    [
                        "POST /run", rate.text(0), (rate / floor).text(2),
                        (through.map(\.medianMicroseconds).median / 1_000).text(1),
                        (through.map(\.p99Microseconds).median / 1_000).text(1),
                    ],
                    ["GET /tools meanwhile", "", "", lists.median.text(1), lists.quantile(0.99).text(1)],
                ],
                note:
                    "medians of \(options.rounds) alternating rounds; targets: at least 0.6 of direct, /tools under 50 ms"
            )
        }

        private static func spawnRate(_ subject: CommandGrounds.Subject, seconds: Int) throws -> Double {
            let done = Atomic(0)
            let problem = Mutex<String?>(nil)
            let begun = ContinuousClock.now
            let end = begun + .seconds(seconds)
            let group = DispatchGroup()
            for _ in 0..<clients {
                group.enter()
                let thread = Thread {
                    do {
                        while ContinuousClock.now < end {
                            try subject.program.run(expecting: subject.expected)
                            done.add(1, ordering: .relaxed)
                        }
                    } catch {
                        problem.withLock { $0 = "\(error)" }
                    }
                    group.leave()
                }
                thread.start()
            }
            group.wait()
            if let problem = problem.withLock({ $0 }) { throw BenchFailure(problem) }
            return Double(done.load(ordering: .relaxed)) / ((ContinuousClock.now - begun).milliseconds / 1_000)
        }
    }

    /// Asks for the list of tools again and again, on a thread and a connection of its own.
    private final class ToolListing: Sendable {
        private static let pause: UInt32 = 20_000
        private let times = Mutex<[Double]>([])
        private let problem = Mutex<String?>(nil)
        private let isOver = Atomic(false)
        private let group = DispatchGroup()

        init(_ port: UInt16) throws {
            group.enter()
            let thread = Thread { [self] in
                do {
                    let client = try LoopbackClient(port: port)
                    while !isOver.load(ordering: .relaxed) {
                        let begun = ContinuousClock.now
                        let body = try client.expectSuccess("/api/v1/execution/tools", token: BenchDaemon.token)
                        let time = (ContinuousClock.now - begun).milliseconds
                        guard body.contains(#""git_status""#) else { throw BenchFailure("a list without git_status") }
                        times.withLock { $0.append(time) }
                        usleep(Self.pause)
                    }
                } catch {
                    problem.withLock { $0 = "\(error)" }
                }
                group.leave()
            }
            thread.start()
        }

        /// - Returns: How long each took, in milliseconds.
        func end() throws -> [Double] {
            isOver.store(true, ordering: .relaxed)
            group.wait()
            if let problem = problem.withLock({ $0 }) { throw BenchFailure(problem) }
            return times.withLock { $0 }
        }
    }
#endif
