import Foundation
import Synchronization
import Testing
import ToolKit

@testable import Sandbox

extension BehindBothWalls {
    @Suite("A program that runs")
    struct RunningTests {
        @Test("ends with its exit code", arguments: [0, 1, 7, 255])
        func exitCode(code: Int) async throws {
            try await Cage.with { cage in
                let end = try await cage.shell("exit \(code)")
                #expect(end.ending == .exited(code: Int32(code)))
                #expect(end.isSuccess == (code == 0))
            }
        }

        @Test("ends with the signal that ended it")
        func signal() async throws {
            try await Cage.with { cage in
                let end = try await cage.shell("kill -SEGV $$")
                #expect(end.ending == .signalled(11))
                #expect(end.stop == nil)
            }
        }

        @Test("gets exactly its arguments")
        func arguments() async throws {
            try await Cage.with { cage in
                let words = ["%s|", "", "a b", "$HOME", "é", "-n", "new\nline"]
                let end = try await cage.run("/usr/bin/printf", words)
                #expect(end.stdout.text == "|a b|$HOME|é|-n|new\nline|")
            }
        }

        @Test("R34: gets exactly its environment")
        func environment() async throws {
            try await Cage.with { cage in
                let end = try await cage.run("/usr/bin/env", ["-0"]) { $0.environment = ["B": "", "A": "b c=d"] }
                #expect(end.stdout.text == "A=b c=d\0B=\0")
            }
        }

        @Test("keeps its two streams apart, hashed")
        func streams() async throws {
            try await Cage.with { cage in
                let end = try await cage.shell("echo out; echo err >&2")
                #expect(end.stdout.text == "out\n")
                #expect(end.stderr.text == "err\n")
                #expect(end.stdout.sha256 == "54034ac5c6e9ea95734ec2b729fd6d62abf64af34a9f9ce5d466cb788191a73d")
                #expect(end.stdout.reachedEnd && end.stderr.reachedEnd)
            }
        }

        @Test("reads its input to the end", arguments: [0, 10, 65_536, 1_000_000])
        func input(size: Int) async throws {
            try await Cage.with { cage in
                let end = try await cage.run("/usr/bin/wc", ["-c"]) {
                    $0.standardInput = [UInt8](repeating: 65, count: size)
                }
                #expect(end.stdout.text == "\(size)\n")
            }
        }

        @Test("may leave its input unread")
        func unreadInput() async throws {
            try await Cage.with { cage in
                let end = try await cage.run("/usr/bin/true") {
                    $0.standardInput = [UInt8](repeating: 65, count: 5_000_000)
                }
                #expect(end.isSuccess)
                #expect(try await cage.run("/usr/bin/true").isSuccess)
            }
        }

        @Test("R28: without input finds /dev/null, and no descriptor but three")
        func descriptors() async throws {
            let secret = open("/etc/hostname", O_RDONLY)
            defer { close(secret) }
            try await Cage.with { cage in
                let end = try await cage.python(
                    "import os; print(os.readlink('/proc/self/fd/0'), *sorted(os.listdir('/proc/self/fd')))")
                // 3 is the listing itself.
                #expect(end.stdout.text == "/dev/null 0 1 2 3\n")
            }
        }

        @Test("is watched while it writes, in order and before it ends")
        func watcher() async throws {
            try await Cage.with { cage in
                let seen = Mutex<[CommandStream: [UInt8]]>([:])
                let end = try await cage.pool.run(
                    cage.call("/bin/sh", ["-c", "for i in 1 2 3 4 5; do echo $i; done; echo e >&2"]), in: cage.profile
                ) { stream, offset, bytes in
                    seen.withLock { seen in
                        #expect(UInt64(seen[stream, default: []].count) == offset)
                        seen[stream, default: []] += bytes
                    }
                }
                #expect(end.isSuccess)
                #expect(seen.withLock { $0 } == [.stdout: Array("1\n2\n3\n4\n5\n".utf8), .stderr: Array("e\n".utf8)])
            }
        }

        @Test("may delete the folder it runs in, and the next one still runs")
        func deletesItsFolder() async throws {
            try await Cage.with { cage in
                let end = try await cage.shell("mkdir sub && cd sub && rmdir ../sub && ls; echo left")
                #expect(end.stdout.text == "left\n")
                let next = try await cage.run("/usr/bin/true")
                #expect(next.isSuccess)
            }
        }

        @Test("may print what is no text: it is hashed as it came and replaced when it is shown")
        func noText() async throws {
            try await Cage.with { cage in
                let end = try await cage.run("/usr/bin/printf", ["a\\377b"])
                #expect(end.stdout.head + end.stdout.tail == [0x61, 0xFF, 0x62])
                #expect(end.stdout.text == "a\u{FFFD}b")
            }
        }

        @Test("tells what it used")
        func usage() async throws {
            try await Cage.with { cage in
                let end = try await cage.python("x = bytearray(40 << 20)\nfor i in range(1000000): pass")
                #expect(end.usage.userTime > .milliseconds(5))
                #expect(end.usage.largestResidentBytes > 40 << 20)
            }
        }

        @Test("what it writes to the workspace is there, and belongs to the workspace's owner")
        func owner() async throws {
            try await Cage.with { cage in
                #expect(try await cage.shell("echo hello > made").isSuccess)
                let facts = try FileManager.default.attributesOfItem(atPath: cage.workspace + "/made")
                #expect(facts[.ownerAccountID] as? Int == Int(geteuid()))
            }
        }
    }

    @Suite("A program that does not start")
    struct NotStartingTests {
        @Test("because it is missing")
        func missing() async throws {
            try await Cage.with { cage in
                let end = try await cage.run("/nowhere/at/all")
                #expect(end.ending == .notStarted(.noSuchProgram))
            }
        }

        @Test("because it is no program")
        func notExecutable() async throws {
            try await Cage.with { cage in
                try Data("text".utf8).write(to: URL(fileURLWithPath: cage.workspace + "/file"))
                #expect(try await cage.run(cage.workspace + "/file").ending == .notStarted(.notExecutable))
            }
        }

        @Test("because its folder is missing")
        func folder() async throws {
            try await Cage.with { cage in
                let end = try await cage.run("/usr/bin/true") { $0.folder = "/nowhere" }
                #expect(end.ending == .notStarted(.noSuchFolder))
            }
        }

        @Test("starts once nobody holds its program open for writing any more, and says so when somebody goes on")
        func busyProgram() async throws {
            try await Cage.with { cage in
                let program = cage.workspace + "/program"
                try FileManager.default.copyItem(atPath: "/usr/bin/true", toPath: program)
                let writer = try FileHandle(forWritingTo: URL(fileURLWithPath: program))
                let supervisor = try await cage.supervisor()
                #expect(
                    try await cage.run(program).ending == .notStarted(.walls(step: "exec", error: ETXTBSY)))
                let waiting = Task { try await cage.run(program) }
                #expect(try await Census.becomes { supervisor.running == 1 })
                try writer.close()
                #expect(try await waiting.value.isSuccess)
            }
        }

        @Test("because its arguments are longer than the kernel takes")
        func tooLong() async throws {
            try await Cage.with { cage in
                let end = try await cage.run("/usr/bin/true", [String(repeating: "x", count: 1 << 20)])
                #expect(end.ending == .notStarted(.argumentsTooLong))
            }
        }

        @Test("and is never run without a sandbox")
        func unavailable() async throws {
            var host = Cage.host
            host.programs.bubblewrap = "/usr/bin/false"
            let pool = try SupervisorPool(host: host)
            let profile = Profile(workspace: .none, runAs: host.runAs(workspace: nil))
            let failure = await #expect(throws: ToolFailure.self) {
                try await pool.run(ConfinedCall("/usr/bin/true", [], folder: "/"), in: profile)
            }
            #expect(failure?.code == "sandbox_unavailable")
            await pool.close()
        }
    }
}
