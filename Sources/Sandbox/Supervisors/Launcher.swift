#if os(Linux)
    internal import CPlatform
    internal import Subprocess
    internal import SystemPackage

    /// The launcher's process: the only thing the daemon itself starts.
    enum Launcher {
        /// The command line: the launcher, and after `--` bubblewrap with the supervisor as its program.
        static func arguments(for profile: Profile, on host: SandboxHost) -> [String] {
            var options: [String] = []
            if case .other(let user, let group, let maps) = profile.runAs {
                options = ["--ids", "\(user)", "\(group)"] + maps.flatMap { ["--owner-map", $0] }
            }
            return options + ["--", host.programs.bubblewrap]
                + BubblewrapFlags.flags(for: profile, system: host.system, supervisor: host.programs.supervisor)
                + [BubblewrapFlags.supervisor]
        }

        /// Runs until the launcher ends; closes both descriptors once it has its own. Cancelling the task kills it, and with
        /// it everything inside.
        ///
        /// - Parameters:
        ///   - channel: Its standard input, one end of the supervisor's socket.
        ///   - log: Its standard output and error.
        ///   - started: Told the process's number.
        /// - Returns: How it ended, in words.
        static func run(
            _ program: String, _ arguments: [String], channel: Int32, log: Int32, started: @Sendable (Int32) -> Void
        ) async -> String {
            var isOpen = true
            func close() {
                guard isOpen else { return }
                isOpen = false
                cp_close(channel)
                cp_close(log)
            }
            defer { close() }
            do {
                let output = FileDescriptor(rawValue: log)
                let result = try await Subprocess.run(
                    .path(FilePath(program)), arguments: Arguments(arguments), environment: .custom([[UInt8]]()),
                    workingDirectory: FilePath("/"),
                    input: .fileDescriptor(FileDescriptor(rawValue: channel), closeAfterSpawningProcess: false),
                    output: .fileDescriptor(output, closeAfterSpawningProcess: false),
                    error: .fileDescriptor(output, closeAfterSpawningProcess: false)
                ) { execution in
                    close()
                    started(execution.processIdentifier.value)
                }
                switch result.terminationStatus {
                case .exited(let code): return "it exited with \(code)"
                case .signaled(let signal): return "signal \(signal) ended it"
                }
            } catch {
                return "\(program) cannot be started: \(error)"
            }
        }
    }
#endif
