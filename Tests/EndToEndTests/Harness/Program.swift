import Foundation
import Synchronization

/// A program that a test starts, and certainly ends.
///
/// Foundation's `Process` is not used: it learns of an exit from a descriptor that every other program started in the same
/// moment inherits, and then never learns of it.
final class Program: Sendable {
    struct Ending: Sendable {
        /// The exit status; 128 and the signal's number for one that a signal ended.
        let status: Int32
        let output: String
        let errors: String
    }

    struct DidNotStart: Error {
        let path: String
        let code: Int32
    }

    let identifier: pid_t
    private let output = Capture()
    private let errors = Capture()
    private let exit = Exit()

    /// - Parameter environment: The whole environment of the program, but for `PATH`.
    init(_ path: String, _ arguments: [String], environment: [String: String] = [:], folder: String? = nil) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        // Files that other tests write at this moment are not kept open by it: they would count as being written.
        _ = closeFrom(&actions, 3)
        let variables = environment.merging(["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"]) { own, _ in own }
        let command = (folder.map { ["/usr/bin/env", "-C", $0] } ?? []) + [path] + arguments
        let argv = command.map { strdup($0) } + [nil]
        let envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        // The threads of tests block most signals, and a program inherits that: asked to stop, it would not.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var child: pid_t = 0
        let code = posix_spawn(&child, command[0], &actions, &attributes, argv, envp)
        guard code == 0 else { throw DidNotStart(path: path, code: code) }
        identifier = child
        Survivors.add(child)
        Thread.detachNewThread { [exit, identifier] in
            var status: Int32 = 0
            // It stays a zombie, with its number, until it is on the list no more.
            var facts = siginfo_t()
            while waitid(P_PID, id_t(identifier), &facts, WEXITED | WNOWAIT) < 0, errno == EINTR {}
            Survivors.remove(identifier)
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
            exit.happened(status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F))
        }
    }

    deinit { signal(SIGKILL) }

    var isRunning: Bool { exit.known == nil }
    var errorsSoFar: String { errors.text }
    var outputSoFar: String { output.text }

    func signal(_ number: Int32) {
        // Once it was waited for, its number may be another program's.
        if isRunning { kill(identifier, number) }
    }

    func ending() async -> Ending {
        let status = await exit.status()
        return Ending(status: status, output: output.text, errors: errors.text)
    }

    /// Waits until the output holds what `find` looks for, or the program ends.
    func waitForOutput<Found>(_ find: (String) -> Found?) async -> Found? {
        while true {
            if let found = find(output.text) { return found }
            guard isRunning else { return find(output.text) }
            try? await Task.sleep(for: .milliseconds(3))
        }
    }

    static func run(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], folder: String? = nil
    ) async throws -> Ending {
        try await Program(path, arguments, environment: environment, folder: folder).ending()
    }
}

/// Whether a program has ended, and who waits for that.
private final class Exit: Sendable {
    private struct State {
        var status: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }

    private let state = Mutex(State())

    var known: Int32? { state.withLock { $0.status } }

    func happened(_ status: Int32) {
        let waiting = state.withLock { state in
            defer { state = State(status: status) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: status) }
    }

    func status() async -> Int32 {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> Int32? in
                if state.status == nil { state.waiting.append(continuation) }
                return state.status
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}

/// What a program wrote so far, in a file: the end of a pipe may be held open by somebody else.
private final class Capture: Sendable {
    let path = NSTemporaryDirectory() + "execlayer-output-\(UUID().uuidString)"

    deinit { unlink(path) }

    var text: String { String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self) }
}

/// Programs that run, so that those which several tests share end with the process of the tests.
private enum Survivors {
    private static let running = Mutex<Set<pid_t>>([])
    private static let atEnd: Void = {
        atexit { Survivors.end() }
    }()

    static func add(_ process: pid_t) {
        _ = atEnd
        running.withLock { _ = $0.insert(process) }
    }

    static func remove(_ process: pid_t) { running.withLock { _ = $0.remove(process) } }

    private static func end() {
        running.withLock { processes in
            for process in processes { kill(process, SIGTERM) }
        }
    }
}

/// As of glibc 2.34; the module map of the C library does not show it.
@_silgen_name("posix_spawn_file_actions_addclosefrom_np")
private func closeFrom(_ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ descriptor: Int32) -> Int32
