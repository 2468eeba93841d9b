import Foundation
import Testing
import ToolKit

/// What a cloned repository can make git execute. Each trap leaves a mark where it can, and shows in the output.
@Suite(
    "A repository that wants git to run its programs", .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(5)))
struct HostileRepositoryTests {
    private static let mark = "TRAP-WAS-RUN"

    private func repository(in playground: Playground) async throws -> Repository {
        let repository = try await Repository(in: playground)
        try playground.write("#!/bin/sh\necho \(Self.mark)\ntouch /tmp/trap\ncat\n", to: "workspace/trap.sh")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: playground.workspace + "/trap.sh")
        try playground.write("one\ntwo\n", to: "workspace/a.txt")
        return repository
    }

    struct Trap: Sendable, CustomTestStringConvertible {
        let name: String
        let settings: [[String]]
        var attributes = ""
        var tool = "git_diff"
        var testDescription: String { name }
    }

    static let traps = [
        Trap(name: "R20 fsmonitor", settings: [["core.fsmonitor", "./trap.sh"]], tool: "git_status"),
        Trap(name: "R20 hooks", settings: [["core.hooksPath", "."]], tool: "git_status"),
        Trap(name: "R20 external diff", settings: [["diff.external", "./trap.sh"]]),
        Trap(
            name: "R20 external diff by attribute", settings: [["diff.x.command", "./trap.sh"]],
            attributes: "*.txt diff=x"),
        Trap(name: "R20 textconv", settings: [["diff.x.textconv", "./trap.sh"]], attributes: "*.txt diff=x"),
        Trap(
            name: "R20 clean filter", settings: [["filter.x.clean", "./trap.sh"], ["filter.x.required", "true"]],
            attributes: "*.txt filter=x"),
        Trap(name: "R20 process filter", settings: [["filter.x.process", "./trap.sh"]], attributes: "*.txt filter=x"),
        Trap(name: "R20 pager", settings: [["core.pager", "./trap.sh"], ["pager.diff", "true"]]),
    ]

    @Test("is read, and none of them runs", arguments: traps)
    func isContained(trap: Trap) async throws {
        let playground = try Playground()
        let repository = try await repository(in: playground)
        for setting in trap.settings { try await repository.git("config", setting[0], setting[1]) }
        if !trap.attributes.isEmpty { try playground.write(trap.attributes + "\n", to: "workspace/.gitattributes") }
        let daemon = try await Daemon(in: playground)
        let reply = try await daemon.run(trap.tool)
        let result = reply.json["result"]
        for stream in ["stdout", "stderr"] {
            let text = result?[stream]?.stringValue ?? ""
            #expect(!text.contains(Self.mark))
        }
        // Positive control: the repository was read all the same.
        #expect(result?["returncode"] == 0)
        #expect(result?["stdout"]?.stringValue?.contains(trap.tool == "git_diff" ? "+two" : " M a.txt") == true)
        await daemon.stop()
    }

    @Test("R21: a .git file that leads out of the workspace shows nothing of what lies there")
    func gitFile() async throws {
        let playground = try Playground()
        _ = try await Repository(in: playground)
        try FileManager.default.moveItem(atPath: playground.workspace, toPath: playground.folder + "/elsewhere")
        try playground.write("gitdir: \(playground.folder)/elsewhere/.git\n", to: "workspace/.git")
        let daemon = try await Daemon(in: playground)
        let reply = try await daemon.run("git_log")
        #expect(reply.json["result"]?["returncode"] != 0)
        #expect(reply.json["result"]?["stdout"]?.stringValue?.contains("first") != true)
        await daemon.stop()
    }

    @Test("R21: alternates outside the workspace are not read")
    func alternates() async throws {
        let playground = try Playground()
        let repository = try await repository(in: playground)
        try FileManager.default.moveItem(
            atPath: playground.workspace + "/.git/objects", toPath: playground.folder + "/objects")
        try playground.write("\(playground.folder)/objects\n", to: "workspace/.git/objects/info/alternates")
        // Positive control: git itself follows them.
        #expect(try await repository.git("log", "--oneline").contains("first"))
        let daemon = try await Daemon(in: playground)
        let reply = try await daemon.run("git_log")
        #expect(reply.json["result"]?["stdout"]?.stringValue?.contains("first") != true)
        await daemon.stop()
    }

    @Test("R21: core.worktree that leads elsewhere shows nothing of what lies there")
    func workTree() async throws {
        let playground = try Playground()
        let repository = try await repository(in: playground)
        try playground.write("x", to: "elsewhere/outside-secret.txt")
        try await repository.git("config", "core.worktree", playground.folder + "/elsewhere")
        // The control: git itself goes there.
        #expect(try await repository.git("status", "--short").contains("outside-secret.txt"))
        let daemon = try await Daemon(in: playground)
        let status = try await daemon.run("git_status")
        let text = status.json["result"]?["stdout"]?.stringValue ?? ""
        #expect(text.contains(" M a.txt") && !text.contains("outside-secret"), "\(status.json)")
        await daemon.stop()
    }

    @Test("R21: include.path outside the workspace is not read")
    func include() async throws {
        let playground = try Playground()
        let repository = try await repository(in: playground)
        try playground.write("[status]\n\tshowUntrackedFiles = no\n", to: "outside.config")
        try await repository.git("config", "include.path", playground.folder + "/outside.config")
        // The control: git itself reads it, and lists no file that it does not know.
        #expect(try await !repository.git("status", "--short").contains("trap.sh"))
        let daemon = try await Daemon(in: playground)
        let status = try await daemon.run("git_status")
        #expect(status.json["result"]?["stdout"]?.stringValue?.contains("?? trap.sh") == true, "\(status.json)")
        await daemon.stop()
    }

    @Test("R22: submodules are not entered")
    func submodule() async throws {
        let playground = try Playground()
        let repository = try await repository(in: playground)
        try await repository.git("init", "-q", "sub")
        try playground.write("one\n", to: "workspace/sub/inner.txt")
        try await repository.git("-C", "sub", "add", ".")
        try await repository.git(
            "-C", "sub", "-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-q", "-m", "inner")
        try await repository.git("-c", "advice.addEmbeddedRepo=false", "add", "sub")
        try playground.write("[submodule \"sub\"]\n\tpath = sub\n\turl = ./sub\n", to: "workspace/.gitmodules")
        try await repository.commit("with a submodule")
        try playground.write("two\n", to: "workspace/sub/inner.txt")
        try await repository.git("-C", "sub", "config", "core.fsmonitor", playground.folder + "/trap.sh")
        try playground.place(program: "trap.sh", "touch '\(playground.folder)/entered'")
        // The control: git itself enters it, and runs what it says.
        #expect(try await repository.git("status", "--short").contains(" m sub"))
        #expect(playground.exists("entered"))
        let daemon = try await Daemon(in: playground)
        for tool in ["git_status", "git_diff"] {
            let reply = try await daemon.run(tool)
            let text = reply.json["result"]?["stdout"]?.stringValue ?? ""
            #expect(reply.json["result"]?["returncode"] == 0)
            #expect(text.contains("a.txt") && !text.contains("sub\n") && !text.contains("inner.txt"), "\(text)")
        }
        await daemon.stop()
    }

    @Test(
        "R19: a repository that belongs to somebody else is read",
        .enabled(if: geteuid() == 0, "only root can give files away"))
    func foreignOwner() async throws {
        let playground = try Playground()
        let repository = try await repository(in: playground)
        let given = try await Program.run("/usr/bin/chown", ["-R", "12345:12345", playground.workspace])
        try #require(given.status == 0)
        // The control: git itself refuses.
        let plain = try await Program.run(
            "/usr/bin/git", ["status"], environment: ["HOME": playground.folder], folder: playground.workspace)
        #expect(plain.errors.contains("dubious ownership"))
        let daemon = try await Daemon(in: playground)
        let status = try await daemon.run("git_status")
        #expect(status.json["result"]?["stdout"]?.stringValue?.contains(" M a.txt") == true, "\(status.json)")
        withExtendedLifetime(repository) {}
        await daemon.stop()
    }
}
