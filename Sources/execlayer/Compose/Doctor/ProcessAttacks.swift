#if os(Linux)
    internal import Foundation
    internal import Sandbox
    internal import Synchronization
    internal import ToolKit

    #if canImport(Glibc)
        internal import Glibc
    #elseif canImport(Musl)
        internal import Musl
    #endif

    /// What a confined program sees of other processes, inherits from the daemon, and leaves behind.
    struct ProcessAttacks {
        let ground: AttackGround

        func findings() async -> [DoctorFinding] {
            [
                await .attempt("namespaces", namespaces),
                await .attempt("privileges", privileges),
                await .attempt("environment", environment),
                await .attempt("descriptors", descriptors),
                await .attempt("orphans", orphans),
            ]
        }

        /// R25, R27: of its own, each, and with no process in them but the call's.
        private func namespaces() async throws -> DoctorFinding {
            let control = try ground.outside.report(.walls)
            let report = try await ground.inside(.walls)
            var breaches: [String] = []
            for name in ProcessProbes.namespaces.map({ "namespace \($0)" }) {
                guard let host = control.detail(name), host != "unknown" else { continue }
                guard let inner = report.detail(name), inner != "unknown" else {
                    throw Undecided("the attempt cannot tell its \(name)")
                }
                if inner == host { breaches.append("the \(name) is the host's") }
            }
            guard let count = report.detail("processes").flatMap({ Int($0) }), count > 0 else {
                throw Undecided("the attempt cannot see itself")
            }
            if count > 2 { breaches.append("\(count) processes are in sight of a program that is alone") }
            if report.hasReached("terminal") { breaches.append("the terminal of the host opens inside") }
            return .attack(
                "namespaces", breaches: breaches, held: "each call has its own, and sees no process but its own")
        }

        /// R25. The kernel's own words about the process.
        private func privileges() async throws -> DoctorFinding {
            let report = try await ground.inside(.walls)
            let wanted = [
                ("CapEff", "0000000000000000"), ("CapPrm", "0000000000000000"), ("CapBnd", "0000000000000000"),
                ("NoNewPrivs", "1"), ("Seccomp", "2"),
            ]
            let breaches = wanted.compactMap { name, value in
                report.detail(name) == value ? nil : "\(name) is \(report.detail(name) ?? "unknown") inside"
            }
            return .attack(
                "privileges", breaches: breaches,
                held: "no capability, none to be gained, and every system call filtered")
        }

        /// R27, R34: every process in sight, the sandbox's own among them.
        private func environment() async throws -> DoctorFinding {
            let canary = "EXECLAYER_DOCTOR_CANARY"
            let control = try ground.outside.report(.variables, variables: [canary: "1"])
            guard control.hasReached(canary) else { throw Undecided("no environment can be read outside either") }
            let report = try await ground.inside(.variables)
            let own = Set(ConfinedCall.plainEnvironment.keys)
            guard own.isSubset(of: Set(report.reached.map(\.name))) else {
                throw Undecided("the attempt does not even see its own environment")
            }
            let foreign = report.reached.filter { !own.contains($0.name) }
            return .attack(
                "environment", breaches: foreign.map { "\($0.name) can be read of \($0.detail)" },
                held: "no variable but \(own.sorted().joined(separator: ", ")) in any process in sight")
        }

        /// R28.
        private func descriptors() async throws -> DoctorFinding {
            // Open over exec on purpose, and empty.
            let path = ground.scratch.path + "/inherited"
            let canary = open(path, O_RDWR | O_CREAT, 0o600)
            guard canary >= 0 else { throw Undecided("no file can be opened") }
            defer { close(canary) }
            let control = try ground.outside.report(.descriptors)
            guard control.reached.contains(where: { $0.detail == path }) else {
                throw Undecided("no descriptor is inherited outside either")
            }
            // A supervisor that starts now inherits what this process lets through.
            let pool = try SupervisorPool(host: ground.host)
            let call = ConfinedCall(
                ground.outside.executable, ["doctor", "probe", Probe.descriptors.rawValue], folder: ground.workspace)
            let end: CallEnd
            do {
                end = try await pool.run(call, in: ground.profile)
            } catch {
                await pool.close()
                throw error
            }
            await pool.close()
            guard end.isSuccess else { throw Undecided(AttackGround.reason(end)) }
            return .attack(
                "descriptors",
                breaches: Self.inherited(ProbeReport(text: end.stdout.text), beyond: control).map {
                    "\($0.name) (\($0.detail)) is inherited"
                },
                held: "nothing but standard input, output and errors is inherited")
        }

        /// Without what the program's own runtime opens, which has no name but its kind and is the same outside.
        private static func inherited(
            _ report: ProbeReport, beyond control: ProbeReport
        ) -> [ProbeReport.Attempt] {
            var own: [String: Int] = [:]
            for attempt in control.reached where attempt.detail.hasPrefix("anon_inode:") {
                own[attempt.detail, default: 0] += 1
            }
            return report.reached.filter { attempt in
                guard let left = own[attempt.detail], left > 0 else { return true }
                own[attempt.detail] = left - 1
                return false
            }
        }

        /// R30: in a session of its own, its parent gone, and still gone with its call.
        private func orphans() async throws -> DoctorFinding {
            let marker = UUID().uuidString
            let sighting = Task.detached {
                // The control: it exists on this host while the call runs.
                let end = ContinuousClock.now + .seconds(6)
                while ContinuousClock.now < end, !Task.isCancelled {
                    if !HostProcesses.named(marker).isEmpty { return true }
                    usleep(10_000)
                }
                return false
            }
            let end = try await ground.run(.orphan, ["1000", marker])
            sighting.cancel()
            guard end.isSuccess, ProbeReport(text: end.stdout.text).hasReached("orphan") else {
                throw Undecided(AttackGround.reason(end))
            }
            guard await sighting.value else { throw Undecided("the orphan was not seen while its call ran") }
            var survivors = HostProcesses.named(marker)
            let patience = ContinuousClock.now + .seconds(1)
            while !survivors.isEmpty, ContinuousClock.now < patience {
                try await Task.sleep(for: .milliseconds(10))
                survivors = HostProcesses.named(marker)
            }
            for process in survivors { kill(process, SIGKILL) }
            return .attack(
                "orphans", breaches: survivors.isEmpty ? [] : ["a process in its own session outlived its call"],
                held: "a process in a session of its own, its parent gone, ends with its call")
        }
    }

    /// Processes of this machine by a word of their command line.
    enum HostProcesses {
        static func named(_ word: String) -> [pid_t] {
            let needle = Data(word.utf8)
            return ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { name in
                guard let process = pid_t(name), process != getpid(),
                    let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline"),
                    line.split(separator: 0).contains(needle), line.range(of: Data("wait".utf8)) != nil
                else { return nil }
                return process
            }
        }
    }
#endif
