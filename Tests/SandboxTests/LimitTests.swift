import Foundation
import Glibc
import Testing

@testable import Sandbox

extension BehindBothWalls {
    @Suite("A call that meets its limit")
    struct LimitTests {
        @Test("R31: of wall time gets SIGTERM first, and may tidy up")
        func wallTime() async throws {
            try await Cage.with { cage in
                let end = try await cage.shell("trap 'echo tidy; exit 3' TERM; while :; do sleep 0.02; done") {
                    $0.limits.wallTime = .milliseconds(300)
                }
                #expect(end.stop == .wallTime)
                #expect(end.ending == .exited(code: 3))
                #expect(end.stdout.text == "tidy\n")
            }
        }

        @Test("R31: of wall time is killed when it ignores SIGTERM")
        func ignoring() async throws {
            try await Cage.with { cage in
                let end = try await cage.shell("trap '' TERM; while :; do sleep 0.02; done") {
                    $0.limits.wallTime = .milliseconds(200)
                    $0.limits.grace = .milliseconds(300)
                }
                #expect(end.stop == .wallTime)
                #expect(end.ending == .signalled(9))
                #expect(end.duration < .seconds(3))
            }
        }

        @Test("R31: of output is ended, with the size of what was read and both ends kept")
        func flood() async throws {
            try await Cage.with { cage in
                let end = try await cage.run("/usr/bin/yes") {
                    $0.limits.countedOutput = 4 << 20
                    $0.limits.keptOutput = 1_000
                }
                #expect(end.stop == .output)
                #expect(end.stdout.head.count == 500 && end.stdout.tail.count == 500)
                #expect(end.stdout.totalBytes > 4 << 20 && end.stdout.totalBytes < 48 << 20)
            }
        }

        @Test("output below the limit is read to its end and only kept in part")
        func longOutput() async throws {
            try await Cage.with { cage in
                let end = try await cage.run("/usr/bin/head", ["-c", "5000000", "/dev/zero"]) {
                    $0.limits.keptOutput = 100
                }
                #expect(end.isSuccess)
                #expect(end.stdout.totalBytes == 5_000_000)
                #expect(end.stdout.missingBytes == 4_999_900)
            }
        }

        @Test("R31: of cpu time is named")
        func cpu() async throws {
            try await Cage.with { cage in
                let end = try await cage.shell("while :; do :; done") { $0.limits.cpuTime = .seconds(1) }
                #expect(end.stop == .cpuTime)
            }
        }

        @Test("R31: of a file's size is named")
        func fileSize() async throws {
            try await Cage.with { cage in
                let end = try await cage.shell("exec head -c 20000000 /dev/zero > big") {
                    $0.limits.fileBytes = 1 << 20
                }
                #expect(end.stop == .fileSize)
                #expect(end.ending == .signalled(25))
            }
        }

        @Test("R31: of a file's size is named also when the daemon ignores the signal for it")
        func ignoredSignal() async throws {
            let before = signal(SIGXFSZ, SIG_IGN)
            defer { signal(SIGXFSZ, before) }
            try await Cage.with { cage in
                let end = try await cage.run("/usr/bin/dd", ["if=/dev/zero", "of=big", "bs=1M", "count=20"]) {
                    $0.limits.fileBytes = 1 << 20
                }
                #expect(end.stop == .fileSize)
            }
        }

        @Test("R31: of memory is named")
        func memory() async throws {
            try await Cage.with { cage in
                let end = try await cage.python("x = []\nwhile True: x.append(bytearray(1 << 20))") {
                    $0.limits.memory = 100 << 20
                    // A backstop for this machine, should the limit not hold.
                    $0.limits.wallTime = .seconds(10)
                }
                #expect(end.stop == .memory)
            }
        }

        @Test("memory that processes share counts once")
        func sharedMemory() async throws {
            try await Cage.with { cage in
                let script = """
                    import os, time
                    x = bytearray(60 << 20)
                    for i in range(5):
                        if os.fork() == 0: time.sleep(.4); os._exit(0)
                    time.sleep(.5)
                    """
                let end = try await cage.python(script) { $0.limits.memory = 120 << 20 }
                #expect(end.isSuccess)
            }
        }

        @Test("R31: of processes is named when a program forks without end")
        func forkBomb() async throws {
            try await Cage.with { cage in
                // Its children stay: a bomb that the kernel's own limit stops early may be over before anybody looks.
                let script = """
                    import os, time
                    while True:
                        try:
                            if os.fork() == 0: time.sleep(60)
                        except OSError: time.sleep(0.01)
                    """
                let end = try await cage.python(script) {
                    $0.limits.processes = 40
                    $0.limits.wallTime = .seconds(60)
                }
                #expect(end.stop == .processes)
            }
        }

        @Test("R31: of open files fails in the program")
        func openFiles() async throws {
            try await Cage.with { cage in
                let end = try await cage.python("import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE))") {
                    $0.limits.openFiles = 64
                }
                #expect(end.stdout.text == "(64, 64)\n")
            }
        }

        @Test("R26: of its private folders fails in the program, and the next call has them empty again")
        func fullScratch() async throws {
            try await Cage.with(change: { $0.scratch.bytes = 1 << 20 }) { cage in
                let end = try await cage.shell("head -c 20000000 /dev/zero > /tmp/full")
                #expect(end.ending == .exited(code: 1))
                #expect(end.stderr.text.contains("space"))
                #expect(try await cage.shell("ls -A /tmp | grep -v cage-").stdout.text == "")
            }
        }

        @Test("cancelled by its task is gone at once")
        func cancelled() async throws {
            try await Cage.with { cage in
                try await cage.pool.warm(cage.profile)
                let task = Task { try await cage.shell("trap '' TERM; echo up; while :; do sleep 0.02; done") }
                try await Task.sleep(for: .milliseconds(200))
                let start = ContinuousClock.now
                task.cancel()
                let end = try await task.value
                #expect(end.stop == .cancelled)
                #expect(end.ending == .signalled(9))
                #expect(ContinuousClock.now - start < .seconds(1))
            }
        }

        @Test("R31: a cgroup's limit of memory is named as well", .enabled(if: CallCgroups() != nil))
        func cgroup() async throws {
            let cgroups = try #require(CallCgroups())
            try await Cage.with(cgroups: cgroups) { cage in
                let end = try await cage.python("x = []\nwhile True: x.append(bytearray(1 << 20))") {
                    $0.limits.memory = 60 << 20
                    $0.limits.wallTime = .seconds(10)
                }
                #expect(end.stop == .memory)
                #expect(try await cage.run("/usr/bin/true").isSuccess)
            }
            #expect(CallCgroups.folders().isEmpty)
        }
    }

    @Suite("What a call leaves behind")
    struct LeavingTests {
        @Test("R30: 200 orphans in sessions of their own are gone within a second of its end")
        func orphans() async throws {
            try await Cage.with { cage in
                let supervisor = try await cage.supervisor()
                let process = try #require(supervisor.process)
                let hasPython = {
                    Census.descendants(of: process).contains { Census.name(of: $0)?.hasPrefix("python") == true }
                }
                // The control: one that runs is seen from here.
                let waiting = Task { try await cage.python("import time; time.sleep(20)") }
                #expect(try await Census.becomes { hasPython() })
                waiting.cancel()
                _ = try await waiting.value
                let script = """
                    import os, signal
                    for i in range(200):
                        if os.fork() == 0:
                            os.setsid()
                            if os.fork(): os._exit(0)
                            for n in range(1, 32):
                                try: signal.signal(n, signal.SIG_IGN)
                                except (OSError, ValueError): pass
                            signal.pause(); signal.pause()
                            os._exit(0)
                    print('spawned', flush=True)
                    """
                let end = try await cage.python(script) { $0.limits.processes = 600 }
                let ended = ContinuousClock.now
                #expect(end.isSuccess)
                // They held both pipes, and reading has ended all the same.
                #expect(end.stdout.reachedEnd)
                let areGone = try await Census.becomes(within: .seconds(1)) {
                    !hasPython()
                }
                #expect(areGone)
                #expect(ContinuousClock.now - ended < .seconds(1))
            }
        }

        @Test("500 calls leave no descriptor, no process, no mount and no folder")
        func many() async {
            // In a process of its own: what other tests open meanwhile would be counted here.
            await #expect(processExitsWith: .success) {
                try await Cage.with(cgroups: CallCgroups()) { cage in
                    for _ in 0..<50 { _ = try await cage.run("/usr/bin/true") }
                    let process = try #require(try await cage.supervisor().process)
                    let before = Leavings(of: cage, below: process)
                    for _ in 0..<500 { #expect(try await cage.run("/usr/bin/true").isSuccess) }
                    #expect(try await cage.supervisor().process == process)
                    _ = try await Census.becomes { Leavings(of: cage, below: process).isWithin(before) }
                    let after = Leavings(of: cage, below: process)
                    #expect(after.isWithin(before), "before: \(before), after: \(after)")
                }
                #expect(CallCgroups.folders().isEmpty)
            }
        }

        @Test("closing the pool leaves nothing of a call that runs")
        func closing() async throws {
            let cage = try Cage()
            let process = try #require(try await cage.supervisor().process)
            let task = Task { try await cage.run("/usr/bin/sleep", ["100"]) }
            #expect(try await Census.becomes { await (try? cage.supervisor().running) == 1 })
            let everybody = Census.descendants(of: process).union([process])
            let start = ContinuousClock.now
            await cage.close()
            #expect(ContinuousClock.now - start < .seconds(2))
            let end = try await task.value
            #expect(end.ending == .lost(reason: "the sandbox was closed"))
            #expect(try await Census.becomes { !everybody.contains(where: Census.isAlive) })
        }
    }
}

/// What calls could pile up in the daemon's process, below the launcher's and on disk.
private struct Leavings: CustomStringConvertible {
    private let counts: [String: Int]

    init(of cage: Cage, below launcher: Int32) {
        let inside = Census.descendants(of: launcher)
        let mounts = inside.compactMap { process in
            (try? String(contentsOfFile: "/proc/\(process)/mountinfo", encoding: .utf8))?.split(separator: "\n").count
        }
        counts = [
            "descriptors": Census.descriptors, "processes": inside.count, "mounts": mounts.max() ?? 0,
            "cgroups": CallCgroups.folders().map(Self.entries).reduce(0, +), "files": Self.entries(cage.workspace),
        ]
    }

    private static func entries(_ folder: String) -> Int {
        (try? FileManager.default.subpathsOfDirectory(atPath: folder))?.count ?? 0
    }

    func isWithin(_ earlier: Leavings) -> Bool { counts.allSatisfy { $0.value <= earlier.counts[$0.key] ?? 0 } }

    var description: String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
