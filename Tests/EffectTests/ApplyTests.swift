import Foundation
import Glibc
import Machine
import Surroundings
import Testing
import ToolKit

@Suite(
    "An effect that is put onto the workspace",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct ApplyTests {
    let ground: Ground

    init() throws { ground = try Ground() }

    /// Every kind of change there is, over a workspace made for it.
    static func everything(on ground: Ground) throws -> Effect {
        try ground.put("kept.txt", "kept")
        try ground.put("changed.txt", "old")
        try ground.put("deleted.txt", "going")
        try ground.put("script.sh", "#!", mode: 0o644)
        try ground.put("folder/inner/deep.txt", "deep")
        try ground.put("folder/other.txt", "other")
        try ground.put("file", "was a file")
        try ground.put("emptied/one.txt", "one")
        try ground.put("tight/a.txt", "a")
        symlink("changed.txt", ground.path + "/link")
        chmod(ground.path + "/tight", 0o500)
        return Effect(
            files: [
                try FileEffect("changed.txt", try ground.file("old"), try ground.file("new and longer", mode: 0o600)),
                try FileEffect("deleted.txt", try ground.file("going"), nil),
                try FileEffect("script.sh", try ground.file("#!"), try ground.file("#!", mode: 0o755)),
                try FileEffect("folder/inner/deep.txt", try ground.file("deep"), nil),
                try FileEffect("folder/other.txt", try ground.file("other"), nil),
                try FileEffect("folder", nil, try ground.file("is a file now")),
                try FileEffect("file", try ground.file("was a file"), nil),
                try FileEffect("file/in/side.txt", nil, try ground.file("side", mode: 0o640)),
                try FileEffect("made/x/y.txt", nil, try ground.file("y")),
                try FileEffect("made/link", nil, try ground.link("x/y.txt")),
                try FileEffect("emptied/one.txt", try ground.file("one"), nil),
                try FileEffect("tight/a.txt", try ground.file("a"), try ground.file("b")),
                try FileEffect("link", try ground.link("changed.txt"), try ground.link("kept.txt")),
                try FileEffect("added.txt", nil, try ground.file("added")),
            ],
            folders: [
                try FolderEffect("folder", 0o755, nil), try FolderEffect("folder/inner", 0o755, nil),
                try FolderEffect("file", nil, 0o700), try FolderEffect("file/in", nil, 0o755),
                try FolderEffect("made", nil, 0o755), try FolderEffect("made/x", nil, 0o555),
                try FolderEffect("emptied", 0o755, nil), try FolderEffect("tight", 0o500, 0o550),
            ])
    }

    @Test("changes everything it says and nothing else, and its inverse gives back what was there")
    func thereAndBack() throws {
        let effect = try Self.everything(on: ground)
        let before = ground.tree
        let applier = try ground.applier()
        #expect(try applier.conflicts(effect) == [])
        #expect(ground.tree == before)
        try applier.apply(effect, id: "c1", keepsBefore: true)
        let after = ground.tree
        #expect(ground.text("changed.txt") == "new and longer" && ground.text("folder") == "is a file now")
        #expect(ground.text("file/in/side.txt") == "side" && ground.text("made/link") == "y")
        #expect(ground.text("deleted.txt") == nil && ground.text("link") == "kept")
        #expect(ground.status("script.sh").st_mode & 0o777 == 0o755)
        #expect(ground.status("file").st_mode & 0o777 == 0o700)
        #expect(ground.status("tight").st_mode & 0o777 == 0o550)
        #expect(ground.status("emptied").st_mode == 0)
        #expect(after.entries[bytes("kept.txt")] == before.entries[bytes("kept.txt")])
        #expect(ground.remains == [])
        try applier.apply(effect.inverse, id: "c2", keepsBefore: true)
        let touched = Set(effect.files.map(\.path.bytes))
        #expect(ground.tree.withoutTimes(of: touched) == before.withoutTimes(of: touched))
        try applier.apply(effect, id: "c3", keepsBefore: false)
        #expect(ground.tree.withoutTimes(of: touched) == after.withoutTimes(of: touched))
        #expect(ground.remains == [])
    }

    struct Fault: Error {}

    @Test("leaves everything as it was when it fails, whatever the step")
    func faults() throws {
        let effect = try Self.everything(on: ground)
        let before = ground.tree
        var steps: [ApplyStep] = []
        let seen = Steps()
        try ground.applier { seen.add($0) }.apply(effect, id: "all", keepsBefore: true)
        try ground.applier().apply(effect.inverse, id: "back", keepsBefore: false)
        steps = seen.all
        let fresh = ground.tree
        let end = try #require(steps.firstIndex(of: .committed))
        #expect(steps.count > 40)
        for step in steps[..<end] {
            #expect(throws: Fault.self, "\(step)") {
                try ground.applier { if $0 == step { throw Fault() } }.apply(effect, id: "f", keepsBefore: true)
            }
            #expect(ground.tree == fresh, "\(step): \(ground.tree.differences(from: fresh))")
            #expect(ground.remains == [], "\(step)")
        }
        for step in steps[end...] {
            try ground.applier { if $0 == step { throw Fault() } }.apply(effect, id: "f", keepsBefore: true)
            try ground.applier().apply(effect.inverse, id: "back", keepsBefore: false)
        }
        let touched = Set(effect.files.map(\.path.bytes))
        #expect(ground.tree.withoutTimes(of: touched) == before.withoutTimes(of: touched))
    }
}
