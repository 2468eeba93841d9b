#if os(Linux)
    internal import CPlatform
    internal import Glibc

    /// A program started here, in the folder of this process, with both outputs captured, as anybody would who has no daemon:
    /// the floor for a command.
    struct DirectProgram: Sendable {
        /// The program, absolute, and its arguments.
        let argv: [String]
        let environment: [String: String]

        /// Starts it, reads what it writes and waits for its end.
        ///
        /// - Throws: ``BenchFailure`` unless it writes exactly `expected` and ends with 0.
        func run(expecting expected: String) throws {
            let (out, outWriter) = try Self.pipe()
            let (errors, errorsWriter) = try Self.pipe()
            let pid: pid_t
            do {
                defer { for end in [outWriter, errorsWriter] { close(end) } }
                pid = try start(outWriter, errorsWriter)
            }
            let output = Self.readAll(out)
            let complaints = Self.readAll(errors)
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            guard status == 0, output.elementsEqual(expected.utf8) else {
                throw BenchFailure(
                    "\(argv[0]) ended with \(status): \(String(decoding: (output + complaints).prefix(300), as: UTF8.self))"
                )
            }
        }

        private func start(_ out: Int32, _ errors: Int32) throws -> pid_t {
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_adddup2(&actions, out, 1)
            posix_spawn_file_actions_adddup2(&actions, errors, 2)
            let words = argv.map { strdup($0) } + [nil]
            let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
            defer { (words + variables).forEach { free($0) } }
            var pid: pid_t = 0
            let code = posix_spawn(&pid, argv[0], &actions, nil, words, variables)
            guard code == 0 else { throw BenchFailure("\(argv[0]) does not start (error \(code))") }
            return pid
        }

        private static func pipe() throws -> (Int32, Int32) {
            var ends: [Int32] = [-1, -1]
            guard cp_pipe(&ends, CP_PIPE_READER_WAITS | CP_PIPE_WRITER_WAITS) == 0 else {
                throw BenchFailure("no pipe")
            }
            return (ends[0], ends[1])
        }

        private static func readAll(_ descriptor: Int32) -> [UInt8] {
            defer { close(descriptor) }
            var all: [UInt8] = []
            withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { buffer in
                while true {
                    let count = read(descriptor, buffer.baseAddress, buffer.count)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return }
                    all.append(contentsOf: buffer[..<count])
                }
            }
            return all
        }
    }
#endif
