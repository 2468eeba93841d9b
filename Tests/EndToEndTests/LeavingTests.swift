import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// The real daemon, real bubblewrap, real git.
@Suite(
    "What a thousand commands leave behind", .serialized, .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(20)))
struct LeavingTests {
    private static let calls = ProcessInfo.processInfo.environment["EXECLAYER_SOAK"] == nil ? 1_000 : 10_000
    private static let clients = 8
    /// How much more memory the daemon may hold at the end than in the middle: half of all calls.
    private static let growth = 4_096

    private static let policy = """
        version: 1
        commands:
          - name: "true"
            run: ["true"]
            operands: []
            verdict: allow
            reason: "a test runs something short"
            examples: {match: ["true"], not_match: ["true --help"]}
          - name: git status
            run: [git, status]
            flags: ["--short", "--branch"]
            operands: []
            verdict: allow
            reason: "a test looks"
            examples: {match: ["git status --short"], not_match: ["git status ../other"]}
          - name: list
            run: [ls]
            operands: ["<path>"]
            verdict: allow
            reason: "a test looks"
            examples: {match: ["ls missing"], not_match: ["ls -l missing"]}
          - name: sleep
            run: [sleep]
            operands: ["<number>"]
            verdict: allow
            reason: "a test waits"
            examples: {match: ["sleep 1"], not_match: ["sleep --help"]}
          - name: script
            run: [python3, [orphans.py, waits.py]]
            operands: []
            verdict: allow
            reason: "a test runs code of its own"
            examples: {match: ["python3 orphans.py"], not_match: ["python3 -c x"]}

        """

    private func withDaemon(_ body: (Playground, Daemon) async throws -> Void) async throws {
        let playground = try Playground()
        _ = try await Repository(in: playground)
        try playground.write(Self.policy, to: "home/config/policy.yaml")
        try FileManager.default.createDirectory(
            atPath: playground.folder + "/tmp", withIntermediateDirectories: false)
        let daemon = try await Daemon(
            in: playground,
            environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000", "TMPDIR": playground.folder + "/tmp"])
        try await body(playground, daemon)
        await daemon.stop()
    }

    /// One call of a mixture; its answer is checked.
    private static func call(_ number: Int, of daemon: Daemon) async throws {
        switch number {
        case _ where number % 100 == 50:
            let reply = try await daemon.run("shell_exec", ["command": ["sleep", "60"], "timeout_sec": 1])
            #expect(reply.code == "timeout")
        case _ where number % 10 == 3:
            let reply = try await daemon.run("shell_exec", ["command": ["ls", "missing"]])
            #expect(reply.json["result"]?["returncode"] == 2)
        case _ where number % 2 == 0:
            let reply = try await daemon.run("git_status")
            #expect(reply.json["result"]?["stdout"] == "## main\n", "\(String(decoding: reply.bytes, as: UTF8.self))")
        default:
            let reply = try await daemon.run("shell_exec", ["command": ["true"]])
            #expect(reply.json["result"]?["returncode"] == 0)
        }
    }

    /// Several clients, each with one call after the other.
    private static func run(_ numbers: Range<Int>, of daemon: Daemon) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<clients {
                group.addTask {
                    for number in numbers where number % clients == client { try await call(number, of: daemon) }
                }
            }
            try await group.waitForAll()
        }
    }

    /// As many calls at the same moment as there ever are, so that the daemon has all that it keeps for that.
    private static func fill(_ daemon: Daemon) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    let reply = try await daemon.run("shell_exec", ["command": ["sleep", "1"]])
                    #expect(reply.json["result"]?["returncode"] == 0)
                }
            }
            try await group.waitForAll()
        }
    }

    /// A supervisor serves 1,000 calls, and around its last ones two of them are there.
    private static func untilOneSupervisor(of daemon: Daemon) async throws {
        for _ in 0..<200 {
            if Leavings.supervisors(of: daemon).count == 1 { return }
            _ = try await daemon.run("shell_exec", ["command": ["true"]])
        }
        Issue.record("more than one supervisor goes on waiting for calls")
    }

    @Test("R30: no descriptor, process, mount, cgroup, folder or memory is left of them")
    func many() async throws {
        try await withDaemon { playground, daemon in
            try await Self.run(0..<200, of: daemon)
            try await Self.fill(daemon)
            try await Self.untilOneSupervisor(of: daemon)
            let before = Leavings(of: daemon, in: playground)
            // The control: what it counts is there.
            #expect(before.counts["processes"] ?? 0 >= 3 && before.counts["mounts of supervisors"] ?? 0 > 10)
            try await Self.run(0..<(Self.calls / 2), of: daemon)
            let middle = try #require(Leavings.anonymousMemory(of: daemon))
            try await Self.run((Self.calls / 2)..<Self.calls, of: daemon)
            let end = try #require(Leavings.anonymousMemory(of: daemon))
            try await Self.untilOneSupervisor(of: daemon)
            let deadline = ContinuousClock.now + .seconds(60)
            var after = Leavings(of: daemon, in: playground)
            while !after.isWithin(before), ContinuousClock.now < deadline {
                await Task.yield()
                after = Leavings(of: daemon, in: playground)
            }
            #expect(after.growth(since: before) == [])
            #expect(end - middle <= Self.growth)
            print("After \(Self.calls) commands: \(after); anonymous memory \(middle) KiB, then \(end) KiB")
        }
    }

    @Test("R30: 200 orphans with sessions of their own that hold the pipes are gone within a second of the answer")
    func orphans() async throws {
        try await withDaemon { playground, daemon in
            let script = """
                import os, signal, sys, time
                for i in range(200):
                    child = os.fork()
                    if child == 0:
                        os.setsid()
                        if os.fork(): os._exit(0)
                        for n in range(1, 32):
                            try: signal.signal(n, signal.SIG_IGN)
                            except (OSError, ValueError): pass
                        while True: signal.pause()
                    os.waitpid(child, 0)
                time.sleep(WAIT)
                print('spawned', flush=True)
                os._exit(0)
                """
            try playground.write(script.replacingOccurrences(of: "WAIT", with: "600"), to: "workspace/waits.py")
            try playground.write(script.replacingOccurrences(of: "WAIT", with: "0"), to: "workspace/orphans.py")
            let own = daemon.program.identifier
            func pythons() -> Int {
                Leavings.descendants(of: own).count { process in
                    let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
                    return name?.hasPrefix("python") == true
                }
            }
            // The control: they are seen from here, and the limit of the call's time ends them, too.
            async let waiting = daemon.run("shell_exec", ["command": ["python3", "waits.py"], "timeout_sec": 3])
            while pythons() < 200 { await Task.yield() }
            #expect(try await waiting.code == "timeout")
            let ended = ContinuousClock.now
            while pythons() > 0, ContinuousClock.now - ended < .seconds(1) { await Task.yield() }
            #expect(pythons() == 0)

            let reply = try await daemon.run("shell_exec", ["command": ["python3", "orphans.py"]])
            let answered = ContinuousClock.now
            #expect(reply.json["result"]?["stdout"] == "spawned\n")
            while pythons() > 0, ContinuousClock.now - answered < .seconds(1) { await Task.yield() }
            #expect(pythons() == 0)
        }
    }
}
