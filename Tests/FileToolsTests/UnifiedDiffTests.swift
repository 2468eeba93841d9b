import Testing
import ToolKit

@testable import Tools

@Suite("A unified diff of ours") struct UnifiedDiffTests {
    @Test("applied to the old content gives the new one")
    func roundTrip() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = Dice(seed: seed)
        for _ in 0..<500 {
            let variety = dice.chance(50) ? 4 : 1_000
            let lines = dice.lines(Int.random(in: 0...40, using: &dice), variety: variety)
            let old = Array(LineStyle(&dice).text(lines).utf8)
            let new = Array(LineStyle(&dice).text(dice.edited(lines, variety: variety)).utf8)
            let diff = try #require(UnifiedDiff.text(old: old, new: new, path: "a b/ü\".txt"))
            guard old != new else {
                #expect(diff.text == "")
                continue
            }
            let file = try #require(try Patch.parse(diff.text).files.first)
            #expect(file.path.description == "a b/ü\".txt")
            #expect(try file.applied(to: old).bytes == new, "seed \(seed)\n\(diff.text)")
            #expect(try file.applied(to: old).offsets.allSatisfy { $0 == 0 }, "seed \(seed)")
        }
    }

    @Test("of new and deleted files names /dev/null")
    func nothing() throws {
        let made = try #require(UnifiedDiff.text(old: nil, new: Array("x\n".utf8), path: "x"))
        #expect(made.text == "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+x\n")
        #expect(try Patch.parse(made.text).files.first?.change == .create)
        let gone = try #require(UnifiedDiff.text(old: Array("x".utf8), new: nil, path: "x"))
        #expect(gone.text == "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n\\ No newline at end of file\n")
    }

    @Test("shows few edits where few were made")
    func short() throws {
        let old = (0..<1_000).map { "line \($0)\n" }
        var new = old
        new.remove(at: 500)
        new.insert("new\n", at: 100)
        let edits = LineEdits.between(old.map { ArraySlice($0.utf8) }, new.map { ArraySlice($0.utf8) })
        #expect(edits == [LineEdit(old: 100..<100, new: 100..<101), LineEdit(old: 500..<501, new: 501..<501)])
    }

    @Test("of contents without a line in common is still right, and quick", .timeLimit(.minutes(1)))
    func different() throws {
        let old = (0..<20_000).map { "old \($0)\n" }.joined()
        let new = (0..<20_000).map { "new \($0)\n" }.joined()
        let diff = try #require(UnifiedDiff.text(old: Array(old.utf8), new: Array(new.utf8), path: "x", limit: .max))
        let file = try #require(try Patch.parse(diff.text).files.first)
        #expect(try file.applied(to: Array(old.utf8)).bytes == Array(new.utf8))
    }

    @Test("of a binary there is none")
    func binary() {
        #expect(UnifiedDiff.text(old: [0], new: [1], path: "x") == nil)
        #expect(UnifiedDiff.text(old: [0xFF], new: [0x61], path: "x") == nil)
    }
}
