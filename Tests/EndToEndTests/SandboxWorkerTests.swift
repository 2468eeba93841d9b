import Foundation
import Testing
import ToolKit

/// The real daemon, real bubblewrap. Every attempt is made outside as well, where it works.
@Suite(
    "A program in the sandbox worker", .enabled(if: Sandboxing.isPossible, Sandboxing.reason), .timeLimit(.minutes(5)))
struct SandboxWorkerTests {
    private func output(_ script: String, on daemon: Daemon) async throws -> String? {
        let reply = try await KeepTests.run(script, on: daemon)
        #expect(reply.json["status"] == "ok", "\(reply.json)")
        return reply.json["result"]?["stdout"]?.stringValue
    }

    private func outside(_ script: String) async throws -> String {
        try await Program.run("/usr/bin/python3", ["-c", script]).output
    }

    @Test("sees neither the workspace nor the daemon's home nor the user's, which are there outside")
    func places() async throws {
        try await KeepTests.with { playground, daemon in
            for path in [playground.workspace + "/a.txt", playground.home + "/data/state.sqlite", "/etc/passwd"] {
                let script = "import os; print(os.path.exists('\(path)'))"
                #expect(try await outside(script) == "True\n", "\(path)")
                #expect(try await output(script, on: daemon) == "False\n", "\(path)")
            }
            for folder in ["/root", "/home", "/var"] {
                let seen = try await output(
                    "import os; p='\(folder)'; print(os.listdir(p) if os.access(p, os.R_OK) else [])", on: daemon)
                let names = seen?.trimmingCharacters(in: .whitespacesAndNewlines)
                #expect(names == "[]" || names == "['sandbox']" || names == "['tmp']", "\(folder): \(names ?? "")")
            }
        }
    }

    @Test(
        "starts in a folder with nothing but what is planted, which it may write to, and finds nothing of the call before, in /tmp neither"
    )
    func fresh() async throws {
        try await KeepTests.with { _, daemon in
            let script = """
                import os
                print(os.getcwd(), os.listdir('.'), os.listdir('/tmp'))
                for p in ['left', '/tmp/left']: open(p, 'w').write('x')
                print(sorted(os.listdir('.')), os.listdir('/tmp'))
                """
            let expected = "/home/sandbox ['.aws'] []\n['.aws', 'left'] ['left']\n"
            for _ in 0..<2 {
                let seen = try await output(script, on: daemon)
                #expect(seen == expected)
            }
        }
    }

    @Test("R29: has no network: the daemon's own port answers outside, and not inside")
    func network() async throws {
        try await KeepTests.with { _, daemon in
            let port = try #require(daemon.base.split(separator: ":").last)
            let script = """
                import socket
                try:
                    socket.create_connection(('127.0.0.1', \(port)), 2).close(); print('reached')
                except OSError: print('refused')
                """
            #expect(try await outside(script) == "reached\n")
            #expect(try await output(script, on: daemon) == "refused\n")
            // And what is its own works.
            let own =
                "import socket; s = socket.create_server(('127.0.0.1', 0)); "
                + "socket.create_connection(s.getsockname(), 2); print('reached')"
            #expect(try await output(own, on: daemon) == "reached\n")
        }
    }

    @Test("sees the workspace when it shall, over a layer that is thrown away; what it did there is told")
    func workspace() async throws {
        try await KeepTests.with { playground, daemon in
            for isWanted in [true, false] {
                let reply = try await daemon.run(
                    "sandbox_worker_run",
                    [
                        "command": ["pyrun", "open('made.txt', 'w').write('x'); print('ran')"],
                        "workspace": .bool(isWanted),
                    ])
                #expect(reply.json["result"]?["stdout"] == "ran\n")
                #expect((reply.json["effect_id"] != nil) == isWanted)
                if isWanted { #expect(reply.json["effects"]?["files"]?.arrayValue?.first?["path"] == "made.txt") }
                #expect(!FileManager.default.fileExists(atPath: playground.workspace + "/made.txt"))
            }
        }
    }

    @Test("R13: is one that a rule lets pass; another is denied")
    func rules() async throws {
        try await KeepTests.with { _, daemon in
            let denied = try await daemon.run("sandbox_worker_run", ["command": ["python3", "-c", "print(1)"]])
            #expect(denied.code == "policy_blocked")
            #expect(try await output("print(1)", on: daemon) == "1\n")
        }
    }
}
