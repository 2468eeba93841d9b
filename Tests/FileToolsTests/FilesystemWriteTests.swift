import Surroundings
import Testing
import ToolKit

@testable import Tools

@Suite(
    "Writing a file",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct FilesystemWriteTests {
    let desk: Desk
    let tool = FilesystemWrite()

    init() throws { desk = try Desk() }

    @Test("makes folders on the way and answers the bytes written")
    func writes() async throws {
        #expect(try await desk.call(tool, ["file": "a/b.txt", "text": "é\n"]) == ["path": "a/b.txt", "written": 3])
        #expect(desk.tree() == ["a/b.txt": "é\n"])
    }

    @Test("without create_parents needs the folder")
    func parents() async throws {
        let arguments: [String: JSONValue] = ["path": "a/b.txt", "content": "", "create_parents": false]
        #expect(await failure { _ = try await desk.call(tool, arguments) }?.code == "not_found")
        #expect(await failure { _ = try await desk.plan(tool, arguments) }?.code == "not_found")
        try desk.put("a/x", "")
        #expect(await failure { _ = try await desk.call(tool, arguments) } == nil)
    }

    @Test(
        "R5: never touches git's own files", arguments: [".git/config", "sub/.GIT/hooks/x", ".git. /config", "git~1/x"])
    func controlFiles(name: String) async throws {
        try desk.put(".git/config", "[core]")
        let failure = await failure { _ = try await desk.call(tool, ["path": .string(name), "content": "x"]) }
        #expect(failure?.code == "protected_path")
        #expect(desk.tree() == [".git/config": "[core]"])
    }

    @Test("plans the change as a diff and touches nothing")
    func plan() async throws {
        try desk.put("a.txt", "one\ntwo\n")
        let plan = try await desk.plan(tool, ["path": "a.txt", "content": "one\n2\n"])
        #expect(plan["change"] == "replaced")
        #expect(plan["diff"] == "--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n")
        #expect(plan["size_before"] == 8 && plan["size_after"] == 6)
        #expect(try await desk.plan(tool, ["path": "a.txt", "content": "one\ntwo\n"])["change"] == "unchanged")
        let created = try await desk.plan(tool, ["path": "d/e/f.txt", "content": "x"])
        #expect(created["change"] == "created")
        #expect(created["creates_folders"] == ["d", "d/e"])
        #expect(desk.tree() == ["a.txt": "one\ntwo\n"])
    }

    @Test("a plan never shows a file that a read would have to ask for")
    func hiddenPlan() async throws {
        try desk.put(".env", "KEY=secret\n")
        let plan = try await desk.plan(tool, ["path": ".env", "content": "KEY=secret\n"], rules: AskForSecrets())
        #expect(plan["diff"] == nil && plan["change"] == "replaced" && plan["diff_withheld"] != nil)
        let open = try await desk.plan(tool, ["path": ".env", "content": "x"])
        #expect(open["diff"]?.stringValue?.contains("secret") == true)
    }

    @Test("a long diff is cut and says so")
    func longDiff() async throws {
        let plan = try await desk.plan(
            tool, ["path": "a.txt", "content": .string(String(repeating: "line\n", count: 40_000))])
        #expect(plan["diff_truncated"] == true)
        #expect((plan["diff"]?.stringValue?.utf8.count ?? .max) <= 65_536)
    }
}
