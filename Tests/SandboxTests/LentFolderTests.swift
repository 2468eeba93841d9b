import Foundation
import Glibc
import Testing

@testable import Sandbox

extension BehindBothWalls {
    @Suite("A folder that a call lends")
    struct LentFolderTests {
        private func with(_ body: (Cage) async throws -> Void) async throws {
            try await Cage.with(runAs: Cage.host.runAs(workspace: nil), change: { $0.workspace = .none }, body)
        }

        private func run(
            _ script: String, in cage: Cage, lends: Bool = true, program: String = "/bin/sh"
        ) async throws -> CallEnd {
            var call = ConfinedCall(program, ["-c", script], folder: "/home/sandbox")
            call.lendsFolder = lends
            return try await cage.pool.run(call, in: cage.profile)
        }

        private func read(_ name: String, in folder: LentFolder) -> String? {
            let file = openat(folder.descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard file >= 0 else { return nil }
            defer { close(file) }
            var bytes = [UInt8](repeating: 0, count: 100)
            let count = Glibc.read(file, &bytes, bytes.count)
            return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        }

        @Test("holds what the program left, when nothing of the call runs any more")
        func read() async throws {
            try await with { cage in
                let end = try await run("umask 077; mkdir in; echo kept > in/a", in: cage)
                #expect(end.isSuccess, "\(end)")
                let folder = try #require(end.folder)
                #expect(read("in/a", in: folder) == "kept\n")
            }
        }

        @Test("is each call's own, and none without being asked for")
        func own() async throws {
            try await with { cage in
                let first = try await run("echo 1 > a", in: cage)
                let second = try await run("ls; echo 2 > b", in: cage)
                let third = try await run("ls", in: cage, lends: false)
                #expect(second.stdout.text == "" && third.stdout.text == "")
                #expect(try read("a", in: #require(first.folder)) == "1\n")
                #expect(try read("a", in: #require(second.folder)) == nil)
                #expect(third.folder == nil)
            }
        }

        @Test("comes also of a program that was ended, and of none that did not start")
        func ended() async throws {
            try await with { cage in
                var call = ConfinedCall("/bin/sh", ["-c", "echo 1 > a; sleep 60"], folder: "/home/sandbox")
                call.lendsFolder = true
                call.limits.wallTime = .milliseconds(300)
                let ended = try await cage.pool.run(call, in: cage.profile)
                #expect(ended.stop == .wallTime)
                #expect(try read("a", in: #require(ended.folder)) == "1\n")
                let none = try await run("", in: cage, program: "/usr/bin/no-such-program")
                #expect(none.ending == .notStarted(.noSuchProgram))
            }
        }

        @Test("is no descriptor of the program's, and of the daemon's only as long as somebody holds it")
        func descriptors() async throws {
            try await with { cage in
                _ = try await run("true", in: cage)
                let before = Census.descriptors
                for _ in 0..<20 {
                    let end = try await run("ls /proc/self/fd | tr '\\n' ' '", in: cage)
                    // 3 is the listing itself.
                    #expect(end.stdout.text == "0 1 2 3 ")
                }
                #expect(try await Census.becomes { Census.descriptors <= before })
            }
        }
    }
}
