#if os(Linux)
    internal import Sandbox
    internal import ToolKit

    /// R31: each limit met by a program that wants more, and the same program below it, which comes to its end.
    struct LimitAttacks {
        let ground: AttackGround

        private struct Limit: Sendable {
            let name: String
            let stop: CallEnd.Stop
            let probe: Probe
            let words: [String]
            /// What is true of this host when it holds.
            let held: String
            var low: @Sendable (inout CallLimits) -> Void
            var high: @Sendable (inout CallLimits) -> Void
        }

        private static let mebibyte: UInt64 = 1 << 20

        private static let limits = [
            Limit(
                name: "memory limit", stop: .memory, probe: .memory, words: ["64"],
                held: "64 MiB more than a limit end the call",
                low: { $0.memory = 64 * mebibyte }, high: { $0.memory = 1_024 * mebibyte }),
            Limit(
                name: "process limit", stop: .processes, probe: .processes, words: ["64"],
                held: "64 processes over a limit of 16 end the call",
                low: { $0.processes = 16 }, high: { $0.processes = 256 }),
            Limit(
                name: "output limit", stop: .output, probe: .flood, words: ["8"],
                held: "8 MiB of output over a limit of 1 MiB end the call",
                low: { $0.countedOutput = mebibyte }, high: { $0.countedOutput = 64 * mebibyte }),
            Limit(
                name: "file size limit", stop: .fileSize, probe: .file, words: ["8"],
                held: "a file does not grow to 8 MiB over a limit of 1 MiB",
                low: { $0.fileBytes = mebibyte }, high: { $0.fileBytes = 64 * mebibyte }),
            Limit(
                name: "time limit", stop: .wallTime, probe: .wait, words: ["1"],
                held: "a program that only waits is ended",
                low: { $0.wallTime = .milliseconds(200) }, high: { $0.wallTime = .seconds(8) }),
            Limit(
                name: "processor limit", stop: .cpuTime, probe: .spin, words: ["3"],
                held: "a program that only computes is ended after a second of it",
                low: { $0.cpuTime = .seconds(1) }, high: { _ in }),
        ]

        func findings() async -> [DoctorFinding] {
            var findings: [DoctorFinding] = []
            for limit in Self.limits { findings.append(await .attempt(limit.name) { try await meet(limit) }) }
            return findings + remarks()
        }

        private func meet(_ limit: Limit) async throws -> DoctorFinding {
            // The one that computes for three seconds needs no control: its end is the limit's own signal.
            if limit.stop != .cpuTime {
                let control = try await ground.run(limit.probe, limit.words, limits: limit.high)
                guard control.isSuccess else { throw Undecided(AttackGround.reason(control)) }
            }
            let end = try await ground.run(limit.probe, limit.words, limits: limit.low)
            if case .notStarted = end.ending { throw Undecided(AttackGround.reason(end)) }
            guard end.stop != .spareMemory else {
                throw Undecided("this machine has too little memory left to try")
            }
            // A program that gets no signal is still told that it may not.
            let isRefused = ProbeReport(text: end.stdout.text).attempts.contains { !$0.isReached }
            let breaches = end.stop == limit.stop || isRefused ? [] : ["not met: the call \(Self.words(end))"]
            return .attack(limit.name, breaches: breaches, held: limit.held)
        }

        private static func words(_ end: CallEnd) -> String {
            let why = end.stop.map { " for \($0.rawValue)" } ?? ""
            return switch end.ending {
            case .exited(let code): "ended with \(code)\(why), after \(end.stdout.text.prefix(100).debugDescription)"
            case .signalled(let signal): "was ended by signal \(signal)\(why)"
            case .notStarted, .lost: AttackGround.reason(end)
            }
        }

        /// By what limits hold here, where that is less than it could be.
        private func remarks() -> [DoctorFinding] {
            ground.pool.enforcement(for: ground.profile).remarks.map {
                DoctorFinding(
                    "limits", .note, $0,
                    fix: "let the daemon make cgroups: run it as root, or give it a delegated cgroup (Delegate=yes)")
            }
        }
    }
#endif
