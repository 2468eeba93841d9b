import Testing
import ToolKit

@testable import Tools

@Suite("A patch on a content") struct PatchApplyingTests {
    private func applied(_ hunks: String, to content: String) throws -> (text: String, offsets: [Int]) {
        let patch = try Patch.parse("--- a/x\n+++ b/x\n" + hunks)
        let outcome = try #require(patch.files.first).applied(to: Array(content.utf8))
        return (String(decoding: outcome.bytes, as: UTF8.self), outcome.offsets)
    }

    private func reason(_ hunks: String, to content: String) -> String? {
        do {
            _ = try applied(hunks, to: content)
            return nil
        } catch {
            return (error as? ToolFailure)?.message
        }
    }

    private static let lines = (1...20).map { "\($0)\n" }.joined()

    @Test("changes the stated lines")
    func exact() throws {
        #expect(
            try applied("@@ -2,3 +2,3 @@\n 2\n-3\n+three\n 4\n", to: "1\n2\n3\n4\n5\n").text == "1\n2\nthree\n4\n5\n")
    }

    @Test("finds a hunk that moved, the nearest place first, and carries the shift on")
    func offsets() throws {
        let hunks = "@@ -5,3 +5,3 @@\n 5\n-6\n+six\n 7\n@@ -15,3 +15,3 @@\n 15\n-16\n+sixteen\n 17\n"
        let outcome = try applied(hunks, to: "new\nnew\n" + Self.lines)
        #expect(outcome.offsets == [2, 2])
        #expect(outcome.text.contains("5\nsix\n7\n") && outcome.text.contains("15\nsixteen\n17\n"))
        let twice = "a\nb\nc\nx\nx\nx\na\nb\nc\n"
        #expect(try applied("@@ -5,3 +5,3 @@\n a\n-b\n+B\n c\n", to: twice).offsets == [2])
        #expect(try applied("@@ -3,3 +3,3 @@\n a\n-b\n+B\n c\n", to: twice).offsets == [-2])
    }

    @Test("has no fuzz")
    func noFuzz() {
        #expect(reason("@@ -2,3 +2,3 @@\n 2\n-3\n+three\n FOUR\n", to: Self.lines)?.contains("hunk 1 of x") == true)
        #expect(reason("@@ -2,3 +2,3 @@\n 2\n-3 \n+three\n 4\n", to: Self.lines) != nil)
    }

    @Test("names the hunk that does not fit and why")
    func reasons() {
        let first = "@@ -2,3 +2,3 @@\n 2\n-3\n+three\n 4\n"
        let second = "@@ -9,3 +9,3 @@\n 9\n-zehn\n+ten\n 11\n"
        #expect(reason(first + second, to: Self.lines)?.contains("hunk 2") == true)
        #expect(reason(first, to: Self.lines.replacing("3\n4", with: "three\n4"))?.contains("already") == true)
        #expect(reason("@@ -3 +3 @@\n-3\n+three\n", to: Self.lines)?.contains("no context") == true)
        #expect(reason("@@ -1,2 +1,2 @@\n-1\n+one\n 2\n", to: "0\n" + Self.lines)?.contains("start") == true)
    }

    @Test("never guesses where lines without any context belong")
    func noContext() throws {
        #expect(reason("@@ -2,0 +3 @@\n+new\n", to: "1\n2\n3\n")?.contains("no context") == true)
        #expect(reason("@@ -0,0 +1 @@\n+new\n", to: "1\n2\n3\n")?.contains("no context") == true)
        #expect(try applied("@@ -3,0 +4 @@\n+new\n", to: "1\n2\n3\n").text == "1\n2\n3\nnew\n")
        #expect(try applied("@@ -0,0 +1 @@\n+new\n", to: "").text == "new\n")
    }

    @Test("keeps carriage returns as they are")
    func carriageReturns() throws {
        #expect(try applied("@@ -1,2 +1,2 @@\n-a\r\n+b\r\n c\r\n", to: "a\r\nc\r\n").text == "b\r\nc\r\n")
        #expect(reason("@@ -1,2 +1,2 @@\n-a\n+b\n c\n", to: "a\r\nc\r\n") != nil)
    }

    @Test("knows lines without an end")
    func noNewline() throws {
        let note = "\\ No newline at end of file\n"
        #expect(try applied("@@ -1 +1 @@\n-a\n\(note)+a\n", to: "a").text == "a\n")
        #expect(try applied("@@ -1 +1 @@\n-a\n+a\n\(note)", to: "a\n").text == "a")
        #expect(try applied("@@ -1,2 +1,2 @@\n-a\n+b\n c\n\(note)", to: "a\nc").text == "b\nc")
        #expect(reason("@@ -1 +1 @@\n-a\n+b\n", to: "a") != nil)
    }

    @Test("refuses binaries")
    func binary() throws {
        #expect(reason("@@ -1 +1 @@\n-a\n+b\n", to: "a\n\0")?.contains("binary") == true)
    }

    @Test("takes no longer for lines that are all alike", .timeLimit(.minutes(1)))
    func alike() throws {
        let count = 60_000
        let hunk = "@@ -5,\(count) +5,\(count) @@\n" + String(repeating: " \n", count: count - 2) + "-x\n+y\n \n"
        #expect(reason(hunk, to: String(repeating: "\n", count: 200_000)) != nil)
    }
}
