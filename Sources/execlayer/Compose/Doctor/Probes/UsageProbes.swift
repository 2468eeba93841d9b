#if os(Linux)
    #if canImport(Glibc)
        internal import Glibc
    #elseif canImport(Musl)
        internal import Musl
    #endif

    /// Attempts to use more than a call may. All are bounded, so that a host without limits survives them.
    enum UsageProbes {
        private static let mebibyte = 1 << 20

        /// Touches every page and keeps it for longer than the supervisor looks away.
        static func memory(mebibytes: Int, _ report: inout ProbeReport) {
            let block = UnsafeMutableRawPointer.allocate(byteCount: max(1, mebibytes) * mebibyte, alignment: 4_096)
            memset(block, 1, mebibytes * mebibyte)
            wait(milliseconds: 500)
            // Read again, so that none of it can be left out.
            let last = block.load(fromByteOffset: max(0, mebibytes * mebibyte - 1), as: UInt8.self)
            block.deallocate()
            report.reached("memory", "\(mebibytes) MiB, \(last)")
        }

        static func processes(_ count: Int, _ report: inout ProbeReport) {
            var started = 0
            for _ in 0..<count where spawn(["/bin/sleep", "1"]) != nil { started += 1 }
            wait(milliseconds: 500)
            report.reached("processes", "\(started)")
        }

        static func flood(mebibytes: Int) {
            let block = [UInt8](repeating: UInt8(ascii: "x"), count: mebibyte)
            for _ in 0..<mebibytes {
                var rest = block[...]
                while !rest.isEmpty {
                    let written = rest.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
                    guard written > 0 else { return }
                    rest = rest.dropFirst(written)
                }
            }
        }

        static func file(mebibytes: Int, _ report: inout ProbeReport) {
            let file = open("/tmp/large", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard file >= 0 else { return report.refused("file", FileProbes.lastError()) }
            defer { close(file) }
            let block = [UInt8](repeating: 1, count: mebibyte)
            for _ in 0..<mebibytes {
                let written = block.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
                guard written == mebibyte else { return report.refused("file", FileProbes.lastError()) }
            }
            report.reached("file", "\(mebibytes) MiB")
        }

        /// Uses `seconds` of processor time, however many programs share the processor.
        static func spin(seconds: Int) {
            var used = timespec()
            repeat { clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) } while used.tv_sec < seconds
        }

        static func wait(milliseconds: Int) { usleep(UInt32(max(0, milliseconds)) * 1_000) }

        /// POSIX_SPAWN_SETSID, which the headers show to GNU programs only.
        private static let startsSession: Int16 = 0x80

        /// Starts a program and does not wait for it.
        static func spawn(_ words: [String], inOwnSession: Bool = false) -> pid_t? {
            var attributes = posix_spawnattr_t()
            posix_spawnattr_init(&attributes)
            defer { posix_spawnattr_destroy(&attributes) }
            if inOwnSession { posix_spawnattr_setflags(&attributes, startsSession) }
            let argv = words.map { strdup($0) } + [nil]
            let environment = [strdup("PATH=/usr/bin:/bin"), nil]
            defer { (argv + environment).forEach { free($0) } }
            var process: pid_t = 0
            return posix_spawn(&process, words[0], nil, &attributes, argv, environment) == 0 ? process : nil
        }
    }

    /// A process that wants to outlive its call: in a session of its own, its parent gone.
    enum OrphanProbes {
        static func orphan(marker: String, milliseconds: Int, _ report: inout ProbeReport) {
            let path = ProcessProbes.link("/proc/self/exe")
            guard let child = UsageProbes.spawn([path, "doctor", "probe", "fork", marker], inOwnSession: true) else {
                return report.refused("orphan", FileProbes.lastError())
            }
            var status: Int32 = 0
            while waitpid(child, &status, 0) < 0, errno == EINTR {}
            // So long that it can be seen while the call still runs.
            UsageProbes.wait(milliseconds: milliseconds)
            if status == 0 { report.reached("orphan") } else { report.refused("orphan", "status \(status)") }
        }

        static func fork(marker: String, _ report: inout ProbeReport) {
            let path = ProcessProbes.link("/proc/self/exe")
            let child = UsageProbes.spawn([path, "doctor", "probe", "wait", "20", marker], inOwnSession: true)
            if child != nil { report.reached("fork") } else { report.refused("fork", FileProbes.lastError()) }
        }
    }
#endif
