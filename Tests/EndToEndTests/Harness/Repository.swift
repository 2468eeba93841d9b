import Foundation
import Testing

/// Whether programs can be confined here: bubblewrap is installed, and this is no sandbox itself.
enum Sandboxing {
    static let reason: Comment = "needs bubblewrap, and does not work inside another sandbox"

    static var isPossible: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/bwrap") && isOutside }

    /// Inside of our own sandbox there is no openat2, which every workspace is opened with.
    static var isOutside: Bool { !FileManager.default.fileExists(atPath: "/.execlayer") }
}

/// A repository in the playground's workspace, made by the real git.
struct Repository {
    let playground: Playground

    /// One that is there.
    init(of playground: Playground) { self.playground = playground }

    /// With one commit that holds `a.txt` and `b.bin`.
    init(in playground: Playground) async throws {
        self.playground = playground
        try await git("init", "-q", "-b", "main")
        try playground.write("one\n", to: "workspace/a.txt")
        try playground.write("bin\n", to: "workspace/b.bin")
        try await git("add", ".")
        try await commit("first")
    }

    func commit(_ message: String) async throws {
        try await git("-c", "user.name=Test", "-c", "user.email=t@example.org", "commit", "-q", "-m", message)
    }

    @discardableResult
    func git(_ arguments: String...) async throws -> String {
        let ended = try await Program.run(
            "/usr/bin/git", arguments,
            environment: ["HOME": playground.folder, "GIT_CONFIG_GLOBAL": "/dev/null", "PATH": "/usr/bin:/bin"],
            folder: playground.workspace)
        try #require(ended.status == 0, "git \(arguments): \(ended.errors)")
        return ended.output
    }
}
