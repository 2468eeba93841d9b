#if os(Linux)
    internal import Sandbox

    #if canImport(Glibc)
        internal import Glibc
    #elseif canImport(Musl)
        internal import Musl
    #endif

    /// What `execlayer doctor` has a hostile program try. The program is this executable itself, so that nothing has to be
    /// installed for it; it tries, says what came of it, and ends.
    ///
    /// Each is harmless where it succeeds: nothing is written to what it opens, and every use of memory, processes and
    /// output is bounded. What could still matter on a host runs only behind the walls.
    enum Probe: String, CaseIterable, Sendable {
        /// Reads one byte of each path, or one name of each folder.
        case read
        /// Opens each path for writing and closes it.
        case overwrite
        /// Makes a file of each name.
        case create
        /// Renames each path.
        case move
        /// Connects to each address, see ``LocalAddress``.
        case connect
        /// Asks for sockets that speak to the kernel or past it.
        case sockets
        /// Names the variables of every process in sight.
        case variables
        /// Finds open files above 2.
        case descriptors
        /// Tells the namespaces, privileges, and how many processes are in sight.
        case walls
        /// Uses as many MiB of memory as it is told.
        case memory
        /// Starts as many processes as it is told, at most 64.
        case processes
        /// Prints as many MiB as it is told, at most 16.
        case flood
        /// Writes as many MiB as it is told into one file, at most 16.
        case file
        /// Uses the processor for as many seconds as it is told, at most 5.
        case spin
        /// Waits for as many seconds as it is told, at most 20.
        case wait
        /// Leaves a process behind in a session of its own, and waits for as many milliseconds as it is told.
        case orphan
        /// What ``orphan`` starts: leaves one that waits, and ends.
        case fork

        /// Whether it may only be tried inside, where it is known what it can reach.
        private var isForInsideOnly: Bool {
            switch self {
            case .overwrite, .create, .move, .memory, .processes, .file, .orphan, .fork: true
            case .read, .connect, .sockets, .variables, .descriptors, .walls, .flood, .spin, .wait: false
            }
        }

        /// By the folder of the supervisor's program, which nobody but root makes at the root of a file system.
        static var isInside: Bool {
            guard let end = BubblewrapFlags.supervisor.lastIndex(of: "/") else { return false }
            return access(String(BubblewrapFlags.supervisor[..<end]), F_OK) == 0
        }

        /// - Returns: `nil` outside of the walls for what is only tried inside.
        func report(_ words: [String]) -> ProbeReport? {
            guard !isForInsideOnly || Self.isInside else { return nil }
            var report = ProbeReport()
            let number = words.first.flatMap { Int($0) } ?? 0
            switch self {
            case .read: for path in words { FileProbes.read(path, &report) }
            case .overwrite: for path in words { FileProbes.overwrite(path, &report) }
            case .create: for path in words { FileProbes.create(path, &report) }
            case .move: for path in words { FileProbes.move(path, &report) }
            case .connect: for address in words { SocketProbes.connect(to: address, &report) }
            case .sockets: SocketProbes.openEach(&report)
            case .variables: ProcessProbes.variables(&report)
            case .descriptors: ProcessProbes.descriptors(&report)
            case .walls: ProcessProbes.walls(&report)
            case .memory: UsageProbes.memory(mebibytes: min(number, 256), &report)
            case .processes: UsageProbes.processes(min(number, 64), &report)
            case .flood: UsageProbes.flood(mebibytes: min(number, 16))
            case .file: UsageProbes.file(mebibytes: min(number, 16), &report)
            case .spin: UsageProbes.spin(seconds: min(number, 5))
            case .wait: UsageProbes.wait(milliseconds: min(number, 20) * 1_000)
            case .orphan: OrphanProbes.orphan(marker: words.last ?? "", milliseconds: min(number, 5_000), &report)
            case .fork: OrphanProbes.fork(marker: words.last ?? "", &report)
            }
            return report
        }
    }
#endif
