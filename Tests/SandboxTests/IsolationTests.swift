import Foundation
import Testing

@testable import Sandbox

extension BehindBothWalls {
    @Suite("Two calls of one profile")
    struct IsolationTests {
        @Test("one after the other: no file, no message queue, no shared memory, no variable is left")
        func after() async throws {
            try await Cage.with { cage in
                let leave = """
                    import ctypes, os
                    libc = ctypes.CDLL(None)
                    for folder in ('/tmp', '/dev/shm', '/home/sandbox', '/var/tmp', '/run'):
                        try: open(folder + '/left', 'w').write('x')
                        except OSError: pass
                    print(libc.shmget(4711, 4096, 0o1666) >= 0, libc.msgget(4711, 0o1666) >= 0)
                    """
                let first = try await cage.python(leave) { $0.environment["SECRET"] = "1" }
                // The control: it could leave something.
                #expect(first.stdout.text == "True True\n")
                let look = """
                    import ctypes, os
                    libc = ctypes.CDLL(None)
                    print([f for f in ('/tmp', '/dev/shm', '/home/sandbox', '/var/tmp', '/run') if os.path.exists(f + '/left')],
                        libc.shmget(4711, 0, 0), libc.msgget(4711, 0), 'SECRET' in os.environ)
                    """
                #expect(try await cage.python(look).stdout.text == "[] -1 -1 False\n")
            }
        }

        @Test("R27: side by side: neither sees the other's processes, files or terminals")
        func sideBySide() async throws {
            try await Cage.with { cage in
                let script = """
                    import os, time
                    os.openpty()
                    open('/tmp/mine', 'w').write('x')
                    open('\(cage.workspace)/up', 'w').write('x')
                    time.sleep(20)
                    """
                let task = Task { try await cage.python(script) }
                #expect(try await Census.becomes { FileManager.default.fileExists(atPath: cage.workspace + "/up") })
                let look = """
                    import os
                    print([p for p in os.listdir('/proc') if p.isdigit()], os.path.exists('/tmp/mine'), os.listdir('/dev/pts'))
                    """
                let end = try await cage.python(look)
                #expect(end.stdout.text == "['1', '2'] False ['ptmx']\n")
                task.cancel()
                #expect(try await task.value.stop == .cancelled)
            }
        }

        @Test("R25: neither has a capability or may gain one, and both are filtered")
        func privileges() async throws {
            try await Cage.with { cage in
                let end = try await cage.shell(
                    "grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status | cut -f2 | sort -u")
                #expect(end.stdout.text == "0000000000000000\n1\n2\n")
            }
        }

        @Test("R26: the host's files do not exist for them")
        func hostFiles() async throws {
            try await Cage.with { cage in
                let end = try await cage.shell(
                    "ls -d /root /etc/shadow /etc/passwd /var/log /sys /run/dbus /usr/bin/env")
                // The control: what should be there is.
                #expect(end.stdout.text == "/usr/bin/env\n")
            }
        }

        @Test("R33: a protected path in a writable workspace stays as it is")
        func protected() async throws {
            let cage = try Cage()
            try FileManager.default.createDirectory(atPath: cage.workspace + "/.git", withIntermediateDirectories: true)
            var profile = cage.profile
            profile.protectedPaths = [cage.workspace + "/.git"]
            let script = "touch .git/x; mv .git away; rm -rf .git; touch free"
            let end = try await cage.pool.run(cage.call("/bin/sh", ["-c", script]), in: profile)
            #expect(end.isSuccess)
            #expect(try FileManager.default.contentsOfDirectory(atPath: cage.workspace).sorted() == [".git", "free"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: cage.workspace + "/.git").isEmpty)
            await cage.close()
        }

        @Test("a masked folder is empty and shut, a masked file is empty, a build folder can be written")
        func masked() async throws {
            let cage = try Cage()
            for folder in ["home", ".build"] {
                try FileManager.default.createDirectory(
                    atPath: cage.workspace + "/" + folder, withIntermediateDirectories: true)
            }
            for file in ["home/token", ".env"] {
                try Data("secret".utf8).write(to: URL(fileURLWithPath: cage.workspace + "/" + file))
            }
            var profile = cage.profile
            profile.workspace = .readOnly(cage.workspace)
            profile.writableFolders = [cage.workspace + "/.build"]
            profile.masks = [.folder(cage.workspace + "/home"), .file(cage.workspace + "/.env")]
            let script = "ls -A home; cat .env; touch home/x .env2 2>/dev/null; touch .build/made"
            let end = try await cage.pool.run(cage.call("/bin/sh", ["-c", script]), in: profile)
            #expect(end.stdout.text == "")
            #expect(end.isSuccess, "\(end.stderr.text)")
            #expect(FileManager.default.fileExists(atPath: cage.workspace + "/.build/made"))
            #expect(!FileManager.default.fileExists(atPath: cage.workspace + "/.env2"))
            await cage.close()
        }
    }
}
