import CPlatform
import Foundation
import Glibc
import Machine
import Surroundings
import Synchronization
import Testing
import ToolKit

@Suite(
    "A workspace in which an effect cannot be applied",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct HostileGroundTests {
    let ground: Ground

    init() throws { ground = try Ground() }

    private func conflicts(_ effect: Effect) throws -> [String] {
        let before = ground.tree
        defer {
            #expect(ground.tree == before)
            #expect(ground.remains == [])
        }
        do {
            try ground.applier().apply(effect, id: "c", keepsBefore: true)
            Issue.record("it was applied")
            return []
        } catch let conflict as EffectConflict {
            #expect(try ground.applier().conflicts(effect) == conflict.paths)
            return conflict.paths.map(\.shown)
        }
    }

    private func refusal(_ effect: Effect) throws -> String? {
        let before = ground.tree
        defer {
            #expect(ground.tree == before)
            #expect(ground.remains == [])
        }
        return code { try ground.applier().apply(effect, id: "c", keepsBefore: true) }
    }

    @Test("for want of a folder on the way, or because a link leads there: a conflict")
    func noFolder() throws {
        mkdir(ground.path + "/real", 0o755)
        symlink("real", ground.path + "/link")
        symlink("../outside", ground.path + "/out")
        try ground.put("file")
        for name in ["missing/a.txt", "missing/deep/a.txt", "link/a.txt", "out/a.txt", "file/a.txt"] {
            let effect = Effect(files: [try FileEffect(name, nil, try ground.file("new"))])
            #expect(try conflicts(effect) == [name])
        }
        let control = Effect(files: [try FileEffect("real/a.txt", nil, try ground.file("new"))])
        try ground.applier().apply(control, id: "c", keepsBefore: true)
        #expect(ground.text("real/a.txt") == "new")
    }

    @Test("because a name is taken, gone, or another kind of thing: a conflict that names them all")
    func otherBase() throws {
        try ground.put("taken")
        try ground.put("mode", "m", mode: 0o600)
        symlink("elsewhere", ground.path + "/link")
        mkdir(ground.path + "/folder", 0o755)
        mkfifo(ground.path + "/fifo", 0o644)
        try ground.put("full/of/things.txt")
        let old = try ground.file("m")
        let effect = Effect(
            files: [
                try FileEffect("taken", nil, old), try FileEffect("gone", old, nil),
                try FileEffect("mode", old, try ground.file("m", mode: 0o755)),
                try FileEffect("link", try ground.link("there"), nil), try FileEffect("folder", old, nil),
                try FileEffect("fifo", old, try ground.file("n")), try FileEffect("full", nil, old),
            ],
            folders: [
                try FolderEffect("full", 0o755, nil), try FolderEffect("full/of", 0o755, nil),
                try FolderEffect("absent", 0o755, nil), try FolderEffect("folder", 0o700, 0o755),
            ])
        #expect(
            try Set(conflicts(effect))
                == ["absent", "fifo", "folder", "full", "gone", "link", "mode", "taken"])
    }

    @Test("R3: FIFOs and sockets are answered within a second")
    func fifo() throws {
        mkfifo(ground.path + "/fifo", 0o644)
        let start = ContinuousClock.now
        let old = try ground.file("x")
        _ = try conflicts(Effect(files: [try FileEffect("fifo", old, nil)]))
        #expect(ContinuousClock.now - start < .seconds(1))
    }

    @Test(
        "because it says two things of one place, or names what no effect may: refused",
        arguments: [
            ["a:f", "a/b:f"], ["a:f", "a:d"], [".git/config:f"], ["sub/.GIT/hooks/x:f"], ["home/state:f"], ["home:f"],
            [".execlayer-0123456789abcdef.tmp:f"], ["suid:s"],
        ])
    func invalid(parts: [String]) throws {
        var files: [FileEffect] = []
        var folders: [FolderEffect] = []
        for part in parts {
            let words = part.split(separator: ":").map(String.init)
            switch words[1] {
            case "d": folders.append(try FolderEffect(words[0], nil, 0o755))
            case "s": files.append(try FileEffect(words[0], nil, try ground.file("x", mode: 0o4755)))
            default: files.append(try FileEffect(words[0], nil, try ground.file("x")))
            }
        }
        let applier = try EffectApplier(
            root: ground.root, contents: ground.store, journal: ground.journal, masked: [try WorkspacePath("home")])
        let before = ground.tree
        let effect = Effect(files: files, folders: folders)
        do {
            try applier.apply(effect, id: "x", keepsBefore: true)
            Issue.record("it was applied")
        } catch let failure as ToolFailure {
            #expect(["effect_invalid", "protected_path", "special_mode"].contains(failure.code))
        } catch is EffectConflict {
            #expect(parts.count == 2)
        }
        #expect(ground.tree == before)
    }

    @Test("because a content is not kept any more: refused, and nothing is changed")
    func contentGone() throws {
        try ground.put("a", "old")
        let effect = Effect(
            files: [
                try FileEffect("a", try ground.file("old"), try ground.file("new")),
                try FileEffect(
                    "b", nil, FileState(.file, size: 3, sha256: Hashing.sha256(bytes("who")), mode: 0o644)),
            ])
        #expect(try refusal(effect) == "content_gone")
    }

    @Test("because what was there cannot be kept: refused, and nothing is changed")
    func storeFull() throws {
        let small = try ContentStore(
            folder: ground.base + "/contents", limits: ContentStore.Limits(totalBytes: ground.store.usage.bytes + 300))
        let text = (0..<2_000).map { "\($0 &* 2_654_435_761) " }.joined()
        try ground.put("a", text)
        let state = FileState(.file, size: text.utf8.count, sha256: Hashing.sha256(bytes(text)), mode: 0o644)
        let effect = Effect(files: [try FileEffect("a", state, nil)])
        let applier = try EffectApplier(root: ground.root, contents: small, journal: ground.journal)
        #expect(code { try applier.apply(effect, id: "x", keepsBefore: true) } == "undo_store_full")
        #expect(ground.text("a") == text && ground.remains == [])
        try applier.apply(effect, id: "x", keepsBefore: false)
        #expect(ground.text("a") == nil)
    }

    @Test("because it is gone or another folder stands in its place: refused")
    func vanished() throws {
        let effect = Effect(files: [try FileEffect("a", nil, try ground.file("new"))])
        rename(ground.path, ground.base + "/moved")
        #expect(code { try ground.applier().apply(effect, id: "x", keepsBefore: true) } == "workspace_gone")
        mkdir(ground.path, 0o755)
        #expect(code { try ground.applier().apply(effect, id: "x", keepsBefore: true) } == "workspace_gone")
        #expect(try FileManager.default.contentsOfDirectory(atPath: ground.base + "/moved") == [])
    }

    @Test("R1: never leads outside, however folders are swapped for links meanwhile")
    func swappedFolders() throws {
        try ground.put("d/a.txt", "old")
        symlink(ground.outside, ground.path + "/swapped")
        let old = try ground.file("old")
        let new = try ground.file("new")
        let there = Effect(
            files: [
                try FileEffect("d/a.txt", old, new), try FileEffect("d/b.txt", nil, new),
                try FileEffect("d/n/c.txt", nil, new),
            ], folders: [try FolderEffect("d/n", nil, 0o755)])
        let isDone = Atomic(false)
        let swapping = DispatchSemaphore(value: 0)
        let path = ground.path
        Thread.detachNewThread {
            let folder = open(path, O_RDONLY | O_DIRECTORY)
            while !isDone.load(ordering: .relaxed) {
                _ = cp_exchange_in(folder, "d", "swapped")
                usleep(200)
                _ = cp_exchange_in(folder, "d", "swapped")
                usleep(800)
            }
            close(folder)
            swapping.signal()
        }
        var (applied, isThere) = (0, false)
        for round in 0..<Rounds.count(2_000) {
            do {
                try ground.applier().apply(isThere ? there.inverse : there, id: "r\(round)", keepsBefore: false)
                isThere.toggle()
                applied += 1
            } catch is EffectConflict {}
        }
        isDone.store(true, ordering: .relaxed)
        swapping.wait()
        #expect(try FileManager.default.contentsOfDirectory(atPath: ground.outside) == ["secret.txt"])
        #expect(ground.text("d/a.txt") == (isThere ? "new" : "old"))
        #expect(ground.text("d/b.txt") == (isThere ? "new" : nil))
        #expect(applied > 0)
        #expect(ground.remains == [])
    }

    @Test("because a removed folder holds something more: the folder stays, and what is in it")
    func notEmptyFolder() throws {
        try ground.put("d/a.txt", "a")
        try ground.put("d/theirs.txt", "theirs")
        let effect = Effect(
            files: [try FileEffect("d/a.txt", try ground.file("a"), nil)], folders: [try FolderEffect("d", 0o755, nil)])
        try ground.applier().apply(effect, id: "x", keepsBefore: true)
        #expect(ground.text("d/theirs.txt") == "theirs" && ground.text("d/a.txt") == nil)
        #expect(ground.remains == [])
    }
}
