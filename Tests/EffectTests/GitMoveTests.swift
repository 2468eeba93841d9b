import Foundation
import Machine
import Surroundings
import Testing
import ToolKit

@Suite(
    "A commit that is taken back",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct GitMoveTests {
    let ground: Ground

    init() throws {
        ground = try Ground()
        try git("init", "-q", "-b", "main")
    }

    @discardableResult
    private func git(_ words: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
        process.arguments = words
        process.currentDirectoryURL = URL(fileURLWithPath: ground.path)
        process.environment = [
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "HOME": "/nowhere",
            "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b", "PATH": "/usr/bin:/bin",
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func state() throws -> GitMove.State {
        let commit = try git("rev-parse", "--verify", "-q", "HEAD")
        let index = FileManager.default.contents(atPath: ground.path + "/.git/index").map(Array.init)
        return GitMove.State(
            commit: commit.isEmpty ? nil : commit,
            index: try index.map { GitMove.Index(sha256: try ground.store.keep($0), size: $0.count) })
    }

    /// Makes a commit by hand and tells what it did.
    private func commit(_ name: String, _ text: String) throws -> GitMove {
        try ground.put(name, text)
        let before = try state()
        try git("add", name)
        try git("commit", "-q", "-m", name)
        let reference = try git("symbolic-ref", "-q", "HEAD")
        return GitMove(
            repository: .root, reference: reference.isEmpty ? nil : reference, before: before, after: try state())
    }

    private var moving: GitMoving { GitMoving(root: ground.root, contents: ground.store, now: { 1_700_000_000 }) }

    @Test("leaves branch and index as before it and the files as they are, and can be put back")
    func thereAndBack() throws {
        _ = try commit("first.txt", "1")
        let move = try commit("second.txt", "2")
        try ground.put("second.txt", "edited since")
        try moving.make(move.inverse)
        #expect(try git("rev-parse", "HEAD") == move.before.commit)
        #expect(try git("status", "--porcelain") == "?? second.txt")
        #expect(ground.text("second.txt") == "edited since")
        #expect(try git("reflog", "-1").contains("undo: moving to"))
        #expect(
            try git("fsck", "--strict") == ""
                && !FileManager.default.fileExists(atPath: ground.path + "/.git/index.lock"))
        try moving.make(move)
        #expect(try git("rev-parse", "HEAD") == move.after.commit)
        #expect(try git("status", "--porcelain") == "M second.txt")
        #expect(try git("log", "--oneline").split(separator: "\n").count == 2)
        let left = try FileManager.default.contentsOfDirectory(atPath: ground.path + "/.git/objects")
        #expect(!left.contains { $0.hasPrefix("tmp_objdir") })
    }

    @Test("that was the first one leaves a branch without commits")
    func first() throws {
        let move = try commit("first.txt", "1")
        try moving.make(move.inverse)
        #expect(try git("rev-parse", "--verify", "-q", "HEAD") == "")
        #expect(try git("status", "--porcelain") == "?? first.txt")
        try moving.make(move)
        #expect(try git("log", "--format=%s") == "first.txt")
        #expect(try git("status", "--porcelain") == "")
    }

    @Test("without a branch moves HEAD itself")
    func detached() throws {
        _ = try commit("first.txt", "1")
        try git("checkout", "-q", "--detach")
        let move = try commit("second.txt", "2")
        #expect(move.reference == nil)
        try moving.make(move.inverse)
        #expect(try git("rev-parse", "HEAD") == move.before.commit)
        #expect(try git("rev-parse", "main") == move.before.commit)
    }

    @Test(
        "is a conflict once branch, HEAD or index are others, and changes nothing",
        arguments: ["commit", "branch", "add"])
    func conflict(deed: String) throws {
        _ = try commit("first.txt", "1")
        let move = try commit("second.txt", "2")
        try ground.put("third.txt", "3")
        switch deed {
        case "commit": _ = try commit("third.txt", "3")
        case "branch": try git("checkout", "-q", "-b", "other")
        default: try git("add", "third.txt")
        }
        let head = try git("rev-parse", "HEAD")
        let status = try git("status", "--porcelain")
        let wanted = [
            "commit": [".git/index", ".git/refs/heads/main"], "branch": [".git/HEAD"], "add": [".git/index"],
        ]
        #expect(try moving.conflicts(move.inverse).map(\.shown).sorted() == wanted[deed])
        #expect(throws: EffectConflict.self) { try moving.make(move.inverse) }
        #expect(try git("rev-parse", "HEAD") == head && git("status", "--porcelain") == status)
    }

    @Test("is no conflict because somebody looked at the status, in every version of the index", arguments: [2, 3, 4])
    func refreshed(version: Int) throws {
        _ = try commit("first.txt", "1")
        try git("update-index", "--index-version", "\(version)")
        let move = try commit("a/second.txt", "2")
        // The same content with another time: git remembers it anew.
        try ground.put("first.txt", "1")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_500_000_000)], ofItemAtPath: ground.path + "/first.txt")
        try git("update-index", "--refresh")
        #expect(try state().index != move.after.index)
        #expect(try moving.conflicts(move.inverse) == [])
        try moving.make(move.inverse)
        #expect(try git("status", "--porcelain") == "?? a/")
    }

    @Test(
        "R5: waits for nobody: another git's lock is told, and nothing is changed",
        arguments: ["index", "refs/heads/main"])
    func locked(name: String) throws {
        _ = try commit("first.txt", "1")
        let move = try commit("second.txt", "2")
        let lock = ground.path + "/.git/" + name + ".lock"
        #expect(FileManager.default.createFile(atPath: lock, contents: nil))
        #expect(code { try moving.make(move.inverse) } == "repository_locked")
        #expect(FileManager.default.fileExists(atPath: lock))
        #expect(try git("rev-parse", "HEAD") == move.after.commit)
        try FileManager.default.removeItem(atPath: lock)
        try moving.make(move.inverse)
    }

    @Test("whose index is not kept any more is refused")
    func gone() throws {
        _ = try commit("first.txt", "1")
        let move = try commit("second.txt", "2")
        let other = GitMoving(root: ground.root, contents: try ContentStore(folder: ground.outside))
        #expect(code { try other.make(move.inverse) } == "content_gone")
        #expect(try git("rev-parse", "HEAD") == move.after.commit && git("status", "--porcelain") == "")
    }

    @Test("is written down and read again as it is")
    func json() throws {
        let move = try commit("first.txt", "1")
        #expect(GitMove(json: move.json) == move && GitMove(json: move.inverse.json) == move.inverse)
        #expect(GitMove(json: ["repository": "../x", "before": [:], "after": [:]]) == nil)
    }
}
