import Foundation
import Glibc
import Surroundings
import Machine
import Testing
import ToolKit

@Suite(
    "A link", .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct LinkTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try workspace.put("real/file.txt", "inside\n")
        try workspace.put(".env", "KEY=1\n")
    }

    @Test("R1: that stays inside is followed")
    func inside() throws {
        try workspace.link("to-file", to: "real/file.txt")
        try workspace.link("to-folder", to: "real")
        try workspace.link("chain", to: "to-file")
        #expect(try workspace.read("to-file") == "inside\n")
        #expect(try workspace.read("to-folder/file.txt") == "inside\n")
        #expect(try workspace.read("chain") == "inside\n")
    }

    @Test(
        "R1: that leaves the workspace is never followed",
        arguments: [
            "../outside/secret.txt", "ABSOLUTE", "/proc/self/root/etc/hostname", "/proc/self/cwd", "/dev/zero",
            "/etc/hostname",
        ])
    func leaving(target: String) throws {
        let target = target == "ABSOLUTE" ? workspace.outside + "/secret.txt" : target
        try workspace.link("way", to: target)
        try workspace.link("chain", to: "way")
        for name in ["way", "chain"] {
            #expect(["path_outside_workspace", "link_refused"].contains(failure { _ = try workspace.read(name) }))
            #expect(["path_outside_workspace", "link_refused"].contains(failure { try workspace.write(name, "x") }))
        }
        #expect(Workspace.text(at: workspace.outside + "/secret.txt") == "outside secret\n")
        #expect(try workspace.read("real/file.txt") == "inside\n")
    }

    @Test("R1: to a folder outside lets nothing through")
    func folderOutside() throws {
        try workspace.link("out", to: workspace.outside)
        try workspace.link("up", to: "../outside")
        for name in ["out/secret.txt", "up/secret.txt"] {
            #expect(failure { _ = try workspace.read(name) } == "path_outside_workspace")
            #expect(failure { try workspace.write(name, "x") } == "path_outside_workspace")
        }
        #expect(failure { try workspace.write("out/new/x.txt", "x", createsParents: true) } == "path_outside_workspace")
        #expect(try FileManager.default.contentsOfDirectory(atPath: workspace.outside) == ["secret.txt"])
    }

    @Test("to nothing, or in a circle, is a clear failure")
    func dangling() throws {
        try workspace.link("dangling", to: "nowhere")
        try workspace.link("left", to: "right")
        try workspace.link("right", to: "left")
        #expect(failure { _ = try workspace.read("dangling") } == "not_found")
        #expect(failure { try workspace.write("dangling", "x") } == "link_refused")
        #expect(failure { _ = try workspace.read("left") } == "link_refused")
        #expect(failure { try workspace.write("left", "x") } == "link_refused")
        #expect(failure { try workspace.write("dangling/x", "x", createsParents: true) } != nil)
        #expect(!FileManager.default.fileExists(atPath: workspace.path + "/nowhere"))
    }

    @Test("R1: does not get round a rule on the file it leads to", arguments: [PathVerdict.ask, .deny])
    func judged(verdict: PathVerdict) throws {
        try workspace.link("notes.txt", to: ".env")
        let rules = Rules(stricter: [".env": verdict])
        #expect(failure { _ = try workspace.read("notes.txt", rules: rules) } == "policy_blocked")
        #expect(failure { try workspace.write("notes.txt", "x", rules: rules) } == "policy_blocked")
        #expect(workspace.text(".env") == "KEY=1\n")
        #expect(try workspace.read("notes.txt") == "KEY=1\n")
    }

    @Test("whose target was granted as well is followed")
    func grantedTarget() throws {
        try workspace.link("notes.txt", to: ".env")
        let link = try WorkspacePath("notes.txt")
        let files = workspace.files(.read(link, try WorkspacePath(".env")), rules: Rules(stricter: [".env": .ask]))
        #expect(failure { _ = try files.read(link, offset: 0, limit: 9) } == nil)
    }

    @Test("R4: is kept by a write, which changes the file behind it")
    func writeThrough() throws {
        try workspace.link("to-file", to: "real/file.txt")
        try workspace.write("to-file", "new\n")
        #expect(workspace.text("real/file.txt") == "new\n")
        #expect(workspace.status("to-file").st_mode & S_IFMT == S_IFLNK)
    }

    @Test("R5: into .git is refused for writing")
    func intoGit() throws {
        try workspace.put(".git/config", "[core]\n")
        try workspace.link("settings", to: ".git/config")
        try workspace.link("dir", to: ".git")
        for name in ["settings", "dir/config", "dir/hooks/pre-commit", ".git/config", ".GIT/config", "sub/.git/config"]
        {
            #expect(failure { try workspace.write(name, "x", createsParents: true) } == "protected_path", "\(name)")
        }
        #expect(workspace.text(".git/config") == "[core]\n")
        #expect(failure { try workspace.write(".gitignore", "x") } == nil)
    }

    @Test("is not deleted")
    func deletion() throws {
        try workspace.link("to-file", to: "real/file.txt")
        let path = try WorkspacePath("to-file")
        let files = workspace.files(.write(path))
        #expect(
            failure { try files.commit([FileChange(path: path, deed: .delete, base: .anything)]) } == "link_refused")
        #expect(workspace.text("real/file.txt") == "inside\n")
    }
}
