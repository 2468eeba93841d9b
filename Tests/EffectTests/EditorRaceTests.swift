import Dispatch
import Foundation
import Glibc
import Machine
import Surroundings
import Synchronization
import Testing
import ToolKit

/// Somebody saves a file in the very moment in which an effect is applied that changes it.
@Suite(
    "A race between an editor and an effect",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"), .serialized)
struct EditorRaceTests {
    enum Editor: String, CaseIterable {
        /// Opens, truncates, writes.
        case inPlace
        /// The same with the file open for a while before.
        case holdingOpen
        /// Writes to another name and renames it.
        case byRename
        /// Without truncating: the first bytes are its own.
        case overwriting

        func save(_ text: String, to path: String, pause: UInt32) {
            let content = bytes(text)
            switch self {
            case .inPlace, .holdingOpen, .overwriting:
                let file = open(path, (self == .inPlace ? O_WRONLY | O_TRUNC : O_WRONLY) | O_CLOEXEC)
                guard file >= 0 else { return }
                if self == .holdingOpen {
                    usleep(pause)
                    ftruncate(file, 0)
                }
                _ = write(file, content, content.count)
                close(file)
            case .byRename:
                let file = open(path + ".swp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
                guard file >= 0 else { return }
                _ = write(file, content, content.count)
                close(file)
                rename(path + ".swp", path)
            }
        }
    }

    @Test(
        "never loses what the editor saved, and changes all the other files or none of them", arguments: Editor.allCases
    )
    func noLostEdit(editor: Editor) throws {
        var seed = Seed(for: "editor against apply, \(editor)")
        let ground = try Ground()
        let names = (0..<6).map { "f\($0).txt" }
        let raced = 3
        let old = String(repeating: "old\n", count: 50)
        let new = String(repeating: "new!\n", count: 60)
        let effect = Effect(
            files: try names.map { try FileEffect($0, try ground.file(old), try ground.file(new)) })
        let path = ground.path + "/" + names[raced]
        var (conflicts, applied) = (0, 0)
        for round in 0..<Rounds.count(1_000) {
            for name in names { try ground.put(name, old) }
            // As long as the new content, so that nothing but the bytes tells them apart.
            let prefix = "edit \(round) "
            let edit = prefix + String(repeating: "e", count: new.utf8.count - prefix.utf8.count)
            let editing = DispatchSemaphore(value: 0)
            let step = Int.random(in: 0..<22, using: &seed)
            let pause = UInt32.random(in: 0...300, using: &seed)
            let count = Atomic(0)
            let begin: @Sendable () -> Void = {
                Thread.detachNewThread {
                    editor.save(edit, to: path, pause: pause)
                    editing.signal()
                }
            }
            if step == 0 { begin() }
            let applier = try ground.applier { _ in
                if count.add(1, ordering: .relaxed).newValue == step {
                    begin()
                    usleep(pause)
                }
            }
            var isApplied = false
            do {
                try applier.apply(effect, id: "r\(round)", keepsBefore: true)
                isApplied = true
                applied += 1
            } catch let conflict as EffectConflict {
                conflicts += 1
                #expect(conflict.paths.map(\.shown) == [names[raced]])
            }
            if step > 0, count.load(ordering: .relaxed) < step { begin() }
            editing.wait()
            let text = try #require(ground.text(names[raced]))
            #expect(text.hasPrefix(edit), "round \(round), step \(step), applied \(isApplied): \(text.prefix(20))")
            for name in names where name != names[raced] {
                #expect(ground.text(name) == (isApplied ? new : old), "round \(round): \(name)")
            }
            #expect(ground.remains == [], "round \(round), step \(step)")
        }
        print("editor \(editor): \(conflicts) conflicts, \(applied) edits after the effect")
        #expect(conflicts > 0)
    }

    @Test("is told as a conflict before anything is touched when the editor was first")
    func editedBefore() throws {
        let ground = try Ground()
        try ground.put("a.txt", "edited")
        try ground.put("b.txt", "old")
        let effect = Effect(
            files: [
                try FileEffect("a.txt", try ground.file("before"), try ground.file("after")),
                try FileEffect("b.txt", try ground.file("old"), try ground.file("new")),
                try FileEffect("c.txt", try ground.file("gone"), nil),
            ])
        let before = ground.tree
        let wanted = [try effectPath("a.txt"), try effectPath("c.txt")]
        let applier = try ground.applier()
        #expect(try applier.conflicts(effect) == wanted)
        #expect(throws: EffectConflict(paths: wanted)) { try applier.apply(effect, id: "x", keepsBefore: true) }
        #expect(ground.tree == before)
        #expect(ground.remains == [])
    }

    @Test("is a conflict as long as somebody has the file open for writing")
    func openForWriting() throws {
        let ground = try Ground()
        try ground.put("a.txt", "old")
        let effect = Effect(files: [try FileEffect("a.txt", try ground.file("old"), try ground.file("new"))])
        let file = try #require(FileHandle(forUpdatingAtPath: ground.path + "/a.txt"))
        #expect(throws: EffectConflict.self) { try ground.applier().apply(effect, id: "x", keepsBefore: true) }
        file.write(Data("theirs".utf8))
        try file.close()
        #expect(ground.text("a.txt") == "theirs")
        try ground.put("a.txt", "old")
        let reading = try #require(FileHandle(forReadingAtPath: ground.path + "/a.txt"))
        try ground.applier().apply(effect, id: "x", keepsBefore: true)
        try reading.close()
        #expect(ground.text("a.txt") == "new" && ground.remains == [])
    }
}
