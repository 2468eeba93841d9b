#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A program that was started here. Foundation's `Process` is not used: what it starts from a worker thread inherits that
/// thread's blocked signals, and a server that never hears of SIGTERM never ends.
final class ChildProcess {
    let pid: Int32
    private var status: Int32?

    /// - Parameters:
    ///   - arguments: Without the program's own name.
    ///   - output: A file for everything that it says; made new.
    init(_ program: String, _ arguments: [String], environment: [String: String], output: String) throws {
        #if canImport(Glibc)
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #else
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pid: pid_t = 0
        let words = Self.cStrings([program] + arguments)
        let variables = Self.cStrings(environment.map { "\($0.key)=\($0.value)" })
        defer { (words + variables).forEach { free($0) } }
        let code = posix_spawn(&pid, program, &actions, &attributes, words, variables)
        guard code == 0 else { throw BenchFailure("\(program) does not start (error \(code))") }
        self.pid = pid
    }

    var isRunning: Bool {
        guard status == nil else { return false }
        var value: Int32 = 0
        if waitpid(pid, &value, WNOHANG) == pid { status = value }
        return status == nil
    }

    func waitForEnd() {
        guard isRunning else { return }
        var value: Int32 = 0
        if waitpid(pid, &value, 0) == pid { status = value }
    }

    /// Asks it to end, and ends it when it has not done so after 10 s.
    func stop() {
        guard isRunning else { return }
        kill(pid, SIGTERM)
        let deadline = ContinuousClock.now + .seconds(10)
        while isRunning, ContinuousClock.now < deadline { usleep(2_000) }
        if isRunning { kill(pid, SIGKILL) }
        waitForEnd()
    }

    private static func cStrings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        texts.map { strdup($0) } + [nil]
    }

    deinit { stop() }
}
