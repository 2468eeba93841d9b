#if os(Linux)
    internal import CPlatform
    internal import Foundation

    #if canImport(Glibc)
        internal import Glibc
    #elseif canImport(Musl)
        internal import Musl
    #endif

    /// The hostile program without any wall: what proves that an attempt would succeed if nothing held it.
    struct OutsideRun {
        let executable: String

        /// Blocks until it ends; all it does there ends by itself.
        ///
        /// - Parameter variables: On top of this process's own environment, which it inherits.
        /// - Throws: ``Undecided`` when it cannot be started.
        func report(_ probe: Probe, _ words: [String] = [], variables: [String: String] = [:]) throws -> ProbeReport {
            var ends: [Int32] = [0, 0]
            guard cp_pipe(&ends, CP_PIPE_READER_WAITS | CP_PIPE_WRITER_WAITS) == 0 else {
                throw Undecided("there is no pipe to be had")
            }
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
            let environment = ProcessInfo.processInfo.environment.merging(variables) { _, added in added }
            let argv = ([executable, "doctor", "probe", probe.rawValue] + words).map { strdup($0) } + [nil]
            let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
            defer { (argv + envp).forEach { free($0) } }
            var process: pid_t = 0
            let error = posix_spawn(&process, executable, &actions, nil, argv, envp)
            close(ends[1])
            let output = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
            guard error == 0 else { throw Undecided("the attempt cannot be started outside of the sandbox") }
            let text = String(decoding: output.readDataToEndOfFile(), as: UTF8.self)
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            guard status == 0 else { throw Undecided("the attempt fails outside of the sandbox as well") }
            return ProbeReport(text: text)
        }
    }
#endif
