import Foundation
import Testing
import ToolKit

/// `strace` ends the daemon with SIGKILL as it enters one system call of its choice: the very moment, not a lucky one.
@Suite(
    "A daemon that is killed while it puts a commit in place", .serialized,
    .enabled(if: Sandboxing.isPossible, Sandboxing.reason), .timeLimit(.minutes(10)))
struct TornCommitTests {
    enum Moment: String, CaseIterable, Sendable {
        case takingTheIndexLock, renamingTheIndex, renamingTheBranch

        /// A system call, and the folder below `.git` that it works in.
        var filter: (call: String, folder: String) {
            switch self {
            case .takingTheIndexLock: ("renameat2", "")
            case .renamingTheIndex: ("renameat", "")
            case .renamingTheBranch: ("renameat", "/refs/heads")
            }
        }

        /// Whether the index is the new one by then.
        var isStaged: Bool { self == .renamingTheBranch }
    }

    @Test("R5: leaves a whole repository with the old commit, and the next commit works", arguments: Moment.allCases)
    func killed(at moment: Moment) async throws {
        let playground = try Playground()
        var old = ""
        try await Committing.with(in: playground, preparing: { _, _ in }) { layer in
            old = try await layer.git("rev-parse", "HEAD")
        }
        try playground.write("two\n", to: "workspace/a.txt")
        let trace = playground.folder + "/trace"
        let daemon = try await Daemon(
            in: playground, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"],
            under: [
                "/usr/bin/strace", "-D", "-f", "-o", trace, "-P", playground.workspace + "/.git" + moment.filter.folder,
                "-e", "trace=" + moment.filter.call, "-e", "inject=\(moment.filter.call):signal=SIGKILL:when=1",
            ])
        _ = try? await daemon.run("git_commit", ["message": "torn", "paths": ["a.txt"]])
        let ending = await daemon.program.ending()
        // The control: it did die there, and of nothing else.
        #expect(ending.status == -9 || ending.status == 128 + 9, "\(ending.status)")
        let seen = try String(contentsOfFile: trace, encoding: .utf8)
        #expect(seen.contains(moment.filter.call + "("), "\(seen)")

        try await Self.look(at: playground, old: old, isStaged: moment.isStaged)
        let next = try await Daemon(in: playground, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
        let layer = Committing(playground: playground, repository: Repository(of: playground), daemon: next)
        try await layer.commit("after", ["a.txt"])
        #expect(try await layer.git("rev-list", "--count", "HEAD") == "2")
        #expect(try await layer.git("show", "HEAD:a.txt") == "two")
        #expect(try await layer.git("status", "--short") == "")
        #expect(try await layer.git("fsck", "--strict", "--no-dangling") == "")
        let left = FileManager.default.subpaths(atPath: playground.workspace + "/.git") ?? []
        #expect(!left.contains { $0.hasSuffix(".lock") || $0.contains("tmp_objdir") }, "\(left)")
        await next.stop()
    }

    /// What git itself sees before anybody has mended anything.
    private static func look(at playground: Playground, old: String, isStaged: Bool) async throws {
        let git = Repository(of: playground)
        #expect(try await git.git("rev-parse", "HEAD").trimmingCharacters(in: .newlines) == old)
        #expect(
            try await git.git("--no-optional-locks", "status", "--short") == (isStaged ? "M  a.txt\n" : " M a.txt\n"))
        #expect(try await git.git("fsck", "--strict", "--no-dangling").isEmpty)
        #expect(try playground.read("workspace/a.txt") == "two\n")
    }
}
