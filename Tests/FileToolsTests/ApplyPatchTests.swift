import Foundation
import Surroundings
import Testing
import ToolKit

@testable import Tools

@Suite(
    "Applying a patch",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct ApplyPatchTests {
    let desk: Desk
    let tool = ApplyPatch()

    init() throws {
        desk = try Desk()
        try desk.put("a.txt", "one\ntwo\n", mode: 0o600)
        try desk.put("sub/b.txt", "x\n")
    }

    private static let both = """
        --- a/a.txt
        +++ b/a.txt
        @@ -1,2 +1,2 @@
        -one
        +1
         two
        --- a/sub/b.txt
        +++ b/sub/b.txt
        @@ -1 +1 @@
        -OLD
        +y

        """

    @Test("changes every file and says how")
    func applies() async throws {
        let patch = Self.both.replacing("OLD", with: "x")
        let result = try await desk.call(tool, ["content": .string(patch)])
        #expect(
            result == [
                "ok": true,
                "files": [
                    ["path": "a.txt", "change": "modified", "hunks": 1],
                    ["path": "sub/b.txt", "change": "modified", "hunks": 1],
                ],
            ])
        #expect(desk.tree() == ["a.txt": "1\ntwo\n", "sub/b.txt": "y\n"])
        #expect(try desk.mode("a.txt") == 0o600)
    }

    @Test("changes nothing when one hunk of one file does not fit")
    func allOrNothing() async throws {
        let before = desk.tree()
        let failure = await failure { _ = try await desk.call(tool, ["patch": .string(Self.both)]) }
        #expect(failure?.code == "patch_does_not_apply")
        #expect(failure?.message.contains("hunk 1 of sub/b.txt") == true)
        #expect(desk.tree() == before)
    }

    @Test("makes, deletes, renames, copies and sets modes")
    func kinds() async throws {
        try desk.put("gone.txt", "bye\n")
        try desk.put("run.sh", "#!/bin/sh\n")
        let patch = """
            diff --git a/deep/new.sh b/deep/new.sh
            new file mode 100755
            --- /dev/null
            +++ b/deep/new.sh
            @@ -0,0 +1 @@
            +hello
            diff --git a/empty b/empty
            new file mode 100644
            diff --git a/gone.txt b/gone.txt
            deleted file mode 100644
            --- a/gone.txt
            +++ /dev/null
            @@ -1 +0,0 @@
            -bye
            diff --git a/a.txt b/moved/a.txt
            rename from a.txt
            rename to moved/a.txt
            --- a/a.txt
            +++ b/moved/a.txt
            @@ -1,2 +1,2 @@
            -one
            +1
             two
            diff --git a/sub/b.txt b/c.txt
            copy from sub/b.txt
            copy to c.txt
            diff --git a/run.sh b/run.sh
            old mode 100644
            new mode 100755

            """
        let result = try await desk.call(tool, ["patch": .string(patch)])
        #expect(
            result["files"]?.arrayValue?.map { $0["change"]?.stringValue } == [
                "added", "added", "deleted", "renamed", "added", "mode",
            ])
        #expect(result["files"]?.arrayValue?[3]["renamed_from"] == "a.txt")
        #expect(
            desk.tree() == [
                "deep/new.sh": "hello\n", "empty": "", "moved/a.txt": "1\ntwo\n", "sub/b.txt": "x\n", "c.txt": "x\n",
                "run.sh": "#!/bin/sh\n",
            ])
        #expect(try desk.mode("deep/new.sh") == 0o755 && desk.mode("run.sh") == 0o755)
        #expect(try desk.mode("moved/a.txt") == 0o600)
    }

    @Test("R6: a copy never brings in a file from outside")
    func copyFromOutside() async throws {
        let outside = desk.path + "-outside"
        try Data("secret".utf8).write(to: URL(fileURLWithPath: outside))
        defer { try? FileManager.default.removeItem(atPath: outside) }
        try FileManager.default.createSymbolicLink(atPath: desk.path + "/way", withDestinationPath: outside)
        let name = (outside as NSString).lastPathComponent
        for source in ["../" + name, outside, "way"] {
            let patch = "diff --git a/\(source) b/got\ncopy from \(source)\ncopy to got\n"
            #expect(await failure { _ = try await desk.call(tool, ["patch": .string(patch)]) } != nil)
        }
        #expect(desk.text("got") == nil)
        #expect(
            await failure {
                _ = try await desk.call(tool, ["patch": "diff --git a/a.txt b/got\ncopy from a.txt\ncopy to got\n"])
            } == nil)
    }

    @Test("R7: needs a cwd that is a folder of the workspace")
    func folder() async throws {
        let patch: JSONValue = "--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-x\n+y\n"
        #expect(
            await failure { _ = try await desk.call(tool, ["patch": patch, "cwd": "a.txt"]) }?.code == "not_a_folder")
        #expect(
            await failure { _ = try await desk.call(tool, ["patch": patch, "cwd": "none"]) }?.code == "not_a_folder")
        #expect(
            await failure { _ = try await desk.call(tool, ["patch": patch, "cwd": "../.."]) }?.code
                == "ArgumentProblems")
        _ = try await desk.call(tool, ["patch": patch, "cwd": "sub"])
        #expect(desk.text("sub/b.txt") == "y\n")
    }

    @Test("does not make what is there, and does not change what is not")
    func existence() async throws {
        let make: JSONValue = "--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+b\n"
        let change: JSONValue = "--- a/none\n+++ b/none\n@@ -1 +1 @@\n-a\n+b\n"
        let move: JSONValue = "diff --git a/a.txt b/sub/b.txt\nrename from a.txt\nrename to sub/b.txt\n"
        #expect(await failure { _ = try await desk.call(tool, ["patch": make]) }?.code == "patch_does_not_apply")
        #expect(await failure { _ = try await desk.call(tool, ["patch": change]) }?.code == "not_found")
        #expect(await failure { _ = try await desk.call(tool, ["patch": move]) }?.code == "patch_does_not_apply")
        #expect(desk.tree() == ["a.txt": "one\ntwo\n", "sub/b.txt": "x\n"])
    }

    @Test("plans whether it applies, and touches nothing")
    func plan() async throws {
        let before = desk.tree()
        let fits = try await desk.plan(tool, ["patch": .string(Self.both.replacing("OLD", with: "x"))])
        #expect(fits["applies"] == true)
        let misfits = try await desk.plan(tool, ["patch": .string(Self.both)])
        #expect(misfits["applies"] == false && misfits["reason"]?.stringValue?.contains("hunk 1 of sub/b.txt") == true)
        #expect(desk.tree() == before)
    }

    @Test("a plan tells nothing about lines of a file that a read would have to ask for")
    func hiddenPlan() async throws {
        try desk.put(".env", "KEY=1\n")
        for guess in ["KEY=1", "KEY=2"] {
            let patch = "--- a/.env\n+++ b/.env\n@@ -1 +1 @@\n-\(guess)\n+x\n"
            let plan = try await desk.plan(tool, ["patch": .string(patch)], rules: AskForSecrets())
            #expect(plan["files"]?.arrayValue?.first?["checked"] == false)
            #expect(plan["applies"] == .null)
        }
        let move: JSONValue =
            "diff --git a/.env b/c\nrename from .env\nrename to c\n--- a/.env\n+++ b/c\n@@ -1 +1 @@\n-KEY=3\n+x\n"
        #expect(try await desk.plan(tool, ["patch": move], rules: AskForSecrets())["applies"] == .null)
    }
}
