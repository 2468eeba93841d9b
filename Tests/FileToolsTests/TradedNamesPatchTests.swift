import Foundation
import Surroundings
import Testing
import ToolKit

@testable import Tools

@Suite(
    "A patch that gives a name to something else",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct TradedNamesPatchTests {
    let desk: Desk
    let tool = ApplyPatch()

    init() throws {
        desk = try Desk()
        try desk.put("a", "one\n", mode: 0o600)
        try desk.put("b", "two\n", mode: 0o755)
        try desk.put("d/x", "x\n")
    }

    private static func section(_ old: String?, _ new: String?, _ body: String = "") -> String {
        let header = "diff --git a/\(old ?? new ?? "") b/\(new ?? old ?? "")\n"
        if let old, let new { return header + "rename from \(old)\nrename to \(new)\n" + body }
        let mode = old == nil ? "new" : "deleted"
        let names = "--- \(old.map { "a/" + $0 } ?? "/dev/null")\n+++ \(new.map { "b/" + $0 } ?? "/dev/null")\n"
        return header + "\(mode) file mode 100644\n" + (body.isEmpty ? "" : names + body)
    }

    private static func delete(_ name: String, _ line: String) -> String {
        section(name, nil, "@@ -1 +0,0 @@\n-\(line)\n")
    }

    private static func create(_ name: String, _ line: String) -> String {
        section(nil, name, "@@ -0,0 +1 @@\n+\(line)\n")
    }

    private static func move(_ old: String, _ new: String) -> String { section(old, new) }

    struct Trade: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let patch: String
        let tree: [String: String]
    }

    static let trades = [
        Trade(
            testDescription: "a file becomes a folder", patch: delete("a", "one") + create("a/n/c", "c"),
            tree: ["a/n/c": "c\n", "b": "two\n", "d/x": "x\n"]),
        Trade(
            testDescription: "a folder becomes a file", patch: create("d", "d") + delete("d/x", "x"),
            tree: ["a": "one\n", "b": "two\n", "d": "d\n"]),
        Trade(
            testDescription: "a file moves below its own name", patch: move("a", "a/a"),
            tree: ["a/a": "one\n", "b": "two\n", "d/x": "x\n"]),
        Trade(
            testDescription: "a file moves up into its folder's name", patch: move("d/x", "d"),
            tree: ["a": "one\n", "b": "two\n", "d": "x\n"]),
        Trade(
            testDescription: "a file is deleted and made anew", patch: delete("a", "one") + create("a", "other"),
            tree: ["a": "other\n", "b": "two\n", "d/x": "x\n"]),
        Trade(
            testDescription: "two files swap their names", patch: move("a", "b") + move("b", "a"),
            tree: ["a": "two\n", "b": "one\n", "d/x": "x\n"]),
        Trade(
            testDescription: "a chain of renames", patch: move("a", "b") + move("b", "c"),
            tree: ["b": "one\n", "c": "two\n", "d/x": "x\n"]),
        Trade(
            testDescription: "a chain of renames the other way round", patch: move("b", "c") + move("a", "b"),
            tree: ["b": "one\n", "c": "two\n", "d/x": "x\n"]),
        Trade(
            testDescription: "a circle of three, one of them edited",
            patch: move("a", "b") + section("b", "d/x", "--- a/b\n+++ b/d/x\n@@ -1 +1 @@\n-two\n+2\n")
                + move("d/x", "a"),
            tree: ["a": "x\n", "b": "one\n", "d/x": "2\n"]),
        Trade(
            testDescription: "a rename onto a file that is deleted first", patch: delete("b", "two") + move("a", "b"),
            tree: ["b": "one\n", "d/x": "x\n"]),
        Trade(
            testDescription: "a file made where another one moved away", patch: create("a", "new") + move("a", "c"),
            tree: ["a": "new\n", "b": "two\n", "c": "one\n", "d/x": "x\n"]),
    ]

    @Test("does so, and its dry run says so", arguments: trades)
    func applies(trade: Trade) async throws {
        let before = desk.tree()
        #expect(try await desk.plan(tool, ["patch": .string(trade.patch)])["applies"] == true)
        #expect(desk.tree() == before)
        _ = try await desk.call(tool, ["patch": .string(trade.patch)])
        #expect(desk.tree() == trade.tree)
    }

    @Test("changes nothing when a hunk of it does not fit", arguments: trades)
    func allOrNothing(trade: Trade) async throws {
        let before = desk.tree()
        let patch: JSONValue = .string(trade.patch + Self.delete("none", "x"))
        #expect(await failure { _ = try await desk.call(tool, ["patch": patch]) }?.code == "not_found")
        #expect(desk.tree() == before)
    }

    @Test("takes the modes along with the names")
    func modes() async throws {
        _ = try await desk.call(tool, ["patch": .string(Self.move("a", "b") + Self.move("b", "a"))])
        #expect(try desk.mode("a") == 0o755 && desk.mode("b") == 0o600)
    }

    @Test("takes no folder's place while it holds more, and its dry run says so")
    func notEmpty() async throws {
        try desk.put("d/more", "more\n")
        let before = desk.tree()
        let patch: JSONValue = .string(Self.delete("d/x", "x") + Self.create("d", "d"))
        let plan = try await desk.plan(tool, ["patch": patch])
        #expect(plan["applies"] == false && plan["reason"]?.stringValue?.contains("holds more") == true)
        #expect(await failure { _ = try await desk.call(tool, ["patch": patch]) }?.code == "folder_not_empty")
        #expect(desk.tree() == before)
    }

    @Test(
        "is refused when no order could make sense of it",
        arguments: [
            create("n", "n") + delete("n", "n"), delete("a", "one") + delete("a", "one"),
            move("a", "c") + move("a", "e"),
            move("a", "c") + move("b", "c"), move("a", "a"), delete("a", "one") + move("a", "c"),
            create("n", "n") + create("n/m", "m"), move("a", "b/c") + create("b", "b"),
        ])
    func senseless(patch: String) async throws {
        let before = desk.tree()
        #expect(await failure { _ = try await desk.call(tool, ["patch": .string(patch)]) }?.code == "patch_refused")
        #expect(desk.tree() == before)
    }

    @Test("R5: never makes a folder of git's own, not even by way of a file", arguments: ["a/.git/config", ".git"])
    func protected(name: String) async throws {
        let before = desk.tree()
        let patch: JSONValue = .string(Self.delete("a", "one") + Self.create(name, "c"))
        #expect(await failure { _ = try await desk.call(tool, ["patch": patch]) }?.code == "protected_path")
        #expect(desk.tree() == before)
    }

    @Test("asks for each name once")
    func access() throws {
        let patch = Self.move("a", "b") + Self.move("b", "a")
        let canonical = try ApplyPatch.Arguments.schema.canonical(["patch": .string(patch)], roots: [])
        let access = try tool.access(for: try ArgumentDecoder.decode(ApplyPatch.Arguments.self, from: canonical))
        #expect(access.places.count == Set(access.places).count && access.places.count == 4)
    }
}
