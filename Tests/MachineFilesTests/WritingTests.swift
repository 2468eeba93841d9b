import Foundation
import Glibc
import Surroundings
import Machine
import Testing
import ToolKit

@Suite(
    "A write", .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct WritingTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    @Test("makes a new file with mode 644")
    func creates() throws {
        try workspace.write("a.txt", "new")
        #expect(workspace.text("a.txt") == "new")
        #expect(workspace.status("a.txt").st_mode & 0o7777 == 0o644)
        #expect(try workspace.names() == ["a.txt"])
    }

    @Test("makes missing folders only when it may")
    func parents() throws {
        #expect(failure { try workspace.write("a/b/c.txt", "x") } == "not_found")
        #expect(try workspace.names() == [])
        try workspace.write("a/b/c.txt", "x", createsParents: true)
        #expect(workspace.text("a/b/c.txt") == "x")
    }

    @Test("R4: keeps the mode of an existing file, without the bits that run it as its owner")
    func keepsMode() throws {
        try workspace.put("tool.sh", mode: 0o750)
        try workspace.put("setuid", mode: 0o4755)
        try workspace.write("tool.sh", "new")
        try workspace.write("setuid", "new")
        #expect(workspace.status("tool.sh").st_mode & 0o7777 == 0o750)
        #expect(workspace.status("setuid").st_mode & 0o7777 == 0o755)
    }

    @Test("R4: keeps the owner of an existing file, also as root", .enabled(if: getuid() == 0))
    func keepsOwner() throws {
        try workspace.put("theirs.txt", mode: 0o600)
        chown(workspace.path + "/theirs.txt", 1234, 4321)
        try workspace.write("theirs.txt", "new")
        let status = workspace.status("theirs.txt")
        #expect(status.st_uid == 1234 && status.st_gid == 4321 && status.st_mode & 0o777 == 0o600)
    }

    @Test("R4: a hard-linked outside inode is never modified")
    func hardLink() throws {
        link(workspace.outside + "/secret.txt", workspace.path + "/linked.txt")
        try workspace.write("linked.txt", "changed")
        #expect(Workspace.text(at: workspace.outside + "/secret.txt") == "outside secret\n")
        #expect(workspace.text("linked.txt") == "changed")
    }

    @Test("sets and clears the executable bits")
    func executable() throws {
        try workspace.put("a.sh", mode: 0o640)
        try workspace.write("a.sh", "x", mode: .executable(true))
        #expect(workspace.status("a.sh").st_mode & 0o777 == 0o750)
        try workspace.write("a.sh", "x", mode: .executable(false))
        #expect(workspace.status("a.sh").st_mode & 0o777 == 0o640)
    }

    @Test("takes on owner and mode of the file that is renamed")
    func like() throws {
        try workspace.put("old.txt", mode: 0o600)
        let (old, new) = (try WorkspacePath("old.txt"), try WorkspacePath("new.txt"))
        let files = workspace.files(Access(places: [.init(old, .read), .init(old, .write), .init(new, .write)]))
        try files.commit([
            FileChange(path: new, deed: .write([0x61]), mode: .like(old, executable: nil), base: .absent),
            FileChange(path: old, deed: .delete, base: .anything),
        ])
        #expect(try workspace.names() == ["new.txt"])
        #expect(workspace.status("new.txt").st_mode & 0o777 == 0o600)
    }

    @Test("conflicts when its base is another one, and changes nothing")
    func conflicts() throws {
        try workspace.put("a.txt", "old")
        let path = try WorkspacePath("a.txt")
        let identity = try #require(try workspace.files(.read(path)).facts(of: path)).identity
        try workspace.put("a.txt", "other")
        #expect(failure { try workspace.write("a.txt", "new", base: .exactly(identity)) } == "conflict")
        #expect(failure { try workspace.write("a.txt", "new", base: .absent) } == "conflict")
        #expect(workspace.text("a.txt") == "other")
        let now = try #require(try workspace.files(.read(path)).facts(of: path)).identity
        #expect(failure { try workspace.write("a.txt", "new", base: .exactly(now)) } == nil)
    }

    @Test("conflicts with a change that comes after the check, and keeps that change")
    func lateConflict() throws {
        try workspace.put("a.txt", "old")
        let path = try WorkspacePath("a.txt")
        let identity = try #require(try workspace.files(.read(path)).facts(of: path)).identity
        let files = workspace.files(.write(path)) { step in
            if step == .staged(0) { try workspace.put("a.txt", "somebody else's") }
        }
        #expect(
            failure { try files.commit([FileChange(path: path, deed: .write([1]), base: .exactly(identity))]) }
                == "conflict")
        #expect(workspace.text("a.txt") == "somebody else's")
        #expect(try workspace.names() == ["a.txt"])
    }

    @Test("is refused when its folder is moved away meanwhile")
    func movedFolder() throws {
        try workspace.put("a/x.txt", "old")
        let path = try WorkspacePath("a/x.txt")
        let files = workspace.files(.write(path)) { step in
            if step == .staged(0) { rename(workspace.path + "/a", workspace.outside + "/a") }
        }
        #expect(
            failure {
                try files.commit([
                    FileChange(
                        path: path, deed: .write([1]),
                        base: .exactly(
                            FileIdentity(device: 0, inode: 0, size: 0, changedNanoseconds: 0, modifiedNanoseconds: 0)))
                ])
            } == "conflict")
        #expect(failure { try files.commit([FileChange(path: path, deed: .write([1]), base: .anything)]) } != nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: workspace.outside + "/a") == ["x.txt"])
        #expect(Workspace.text(at: workspace.outside + "/a/x.txt") == "old")
    }

    @Test("of two names of one file is refused")
    func sameFile() throws {
        try workspace.put("a.txt", "old")
        try workspace.link("b.txt", to: "a.txt")
        let paths = [try WorkspacePath("a.txt"), try WorkspacePath("b.txt")]
        let files = workspace.files(.write(paths[0], paths[1]))
        #expect(
            failure {
                try files.commit(paths.map { FileChange(path: $0, deed: .write([1]), base: .anything) })
            } == "same_file_twice")
        #expect(workspace.text("a.txt") == "old")
    }

    @Test("of a file that somebody made read-only is denied", .enabled(if: getuid() != 0))
    func readOnlyFile() throws {
        try workspace.put("a.txt", mode: 0o444)
        #expect(failure { try workspace.write("a.txt", "x") } == "permission_denied")
    }

    @Test("shows where it would land and whether that may be read")
    func target() throws {
        try workspace.put("real/.env")
        try workspace.link("way", to: "real")
        let path = try WorkspacePath("way/new/x.txt")
        let target = try workspace.files(.write(path)).target(of: path)
        #expect(target.path.description == "real/new/x.txt")
        #expect(target.missingFolders.map(\.description) == ["real/new"])
        let hidden = try WorkspacePath("real/.env")
        let files = workspace.files(.write(hidden), rules: Rules(stricter: [".env": .ask]))
        #expect(try !files.target(of: hidden).isReadable)
        #expect(try workspace.files(.write(hidden)).target(of: hidden).isReadable)
    }

    @Test(
        "of many files of one folder holds few descriptors",
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/fd")))
    func descriptors() throws {
        let changes = try (0..<200).map { number in
            if number.isMultiple(of: 2) { try workspace.put("old/\(number)") }
            let name = number.isMultiple(of: 2) ? "old/\(number)" : "new/deep/\(number)"
            return FileChange(
                path: try WorkspacePath(name), deed: .write([1]), base: .anything, createsParents: true)
        }
        let files = workspace.files(Access(places: changes.map { .init($0.path, .write) })) { step in
            guard step == .synced else { return }
            let count = try descriptorsHere()
            #expect(count < 20)
        }
        try files.commit(changes)
        #expect(try workspace.names(in: "new/deep").count == 100)
    }

    private func descriptorsHere() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { number in
            let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + number)
            return place?.hasPrefix(workspace.path) == true
        }
    }
}
