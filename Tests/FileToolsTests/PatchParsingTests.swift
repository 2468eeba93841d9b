import Testing
import ToolKit

@testable import Tools

@Suite("A patch as text") struct PatchParsingTests {
    private static let body = "@@ -1 +1 @@\n-a\n+b\n"

    private func only(_ text: String) throws -> FilePatch {
        let patch = try Patch.parse(text)
        return try #require(patch.files.count == 1 ? patch.files.first : nil)
    }

    @Test(
        "finds the file's name",
        arguments: [
            ("--- a/x.txt\n+++ b/x.txt\n", "x.txt"),
            ("--- x.txt\n+++ x.txt\n", "x.txt"),
            ("--- d/x.txt\n+++ d/x.txt\n", "d/x.txt"),
            ("--- old/x.txt\n+++ new/x.txt\n", "x.txt"),
            ("--- x.txt.orig\n+++ x.txt\n", "x.txt"),
            ("--- x.txt\n+++ x.txt.new\n", "x.txt"),
            ("--- ./x.txt\t2024-01-01 10:00:00 +0000\n+++ ./x.txt\t2024-01-01 10:00:00 +0000\n", "x.txt"),
            ("--- a/my file.txt\t\n+++ b/my file.txt\t\n", "my file.txt"),
            ("--- \"a/\\303\\251 x\"\n+++ \"b/\\303\\251 x\"\n", "é x"),
            ("diff --git a/x.txt b/x.txt\nindex 1..2 100644\n--- a/x.txt\n+++ b/x.txt\n", "x.txt"),
            ("diff --git x.txt x.txt\n--- x.txt\n+++ x.txt\n", "x.txt"),
            ("diff --git i/x.txt w/x.txt\n--- i/x.txt\n+++ w/x.txt\n", "x.txt"),
            ("From 1 Mon\nSubject: - x\n\n---\n x | 2 +-\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n", "x"),
            ("Index: x.txt\r\n===\r\n--- a/x.txt\r\n+++ b/x.txt\r\n", "x.txt"),
        ])
    func names(header: String, name: String) throws {
        #expect(try only(header + Self.body).path.description == name)
    }

    @Test("tells new, deleted, renamed, copied and mode-only files apart")
    func changes() throws {
        let text = """
            diff --git a/new b/new
            new file mode 100755
            index 0000000..e69de29
            diff --git a/gone b/gone
            deleted file mode 100644
            --- a/gone
            +++ /dev/null
            @@ -1 +0,0 @@
            -a
            diff --git a/old name b/other name
            similarity index 100%
            rename from old name
            rename to other name
            diff --git a/src b/copy
            similarity index 90%
            copy from src
            copy to copy
            --- a/src
            +++ b/copy
            @@ -1 +1 @@
            -a
            +b
            diff --git a/run.sh b/run.sh
            old mode 100644
            new mode 100755

            """
        let files = try Patch.parse(text).files
        #expect(files.map(\.path.description) == ["new", "gone", "other name", "copy", "run.sh"])
        #expect(
            files.map(\.change) == [
                .create, .delete, .rename(from: try WorkspacePath("old name")), .copy(from: try WorkspacePath("src")),
                .modify(mayCreate: false),
            ])
        #expect(files.map(\.isExecutable) == [true, nil, nil, nil, true])
    }

    @Test(
        "reads the first instant of 1970 as no file",
        arguments: ["1970-01-01 00:00:00.000000000 +0000", "1969-12-31 19:00:00 -0500", "1970-01-01 01:00:00 +0100"])
    func epoch(stamp: String) throws {
        #expect(
            try only("--- a/x\t\(stamp)\n+++ b/x\t2024-01-01 00:00:00 +0000\n@@ -0,0 +1 @@\n+b\n").change == .create)
        #expect(
            try only("--- a/x\t2024-01-01 00:00:00 +0000\n+++ b/x\t\(stamp)\n@@ -1 +0,0 @@\n-b\n").change == .delete)
        #expect(
            try only("--- a/x\t2024-01-01 00:00:00 +0000\n+++ b/x\t2024-01-01 00:00:00 +0000\n\(Self.body)").change
                == .modify(mayCreate: false))
    }

    @Test("supplies a missing line feed at the very end, and allows a signature")
    func ending() throws {
        #expect(try only("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b").hunks.first?.new == [ArraySlice("b\n".utf8)])
        #expect(try only("--- a/x\n+++ b/x\n\(Self.body)-- \n2.39.5\n\n").hunks.count == 1)
    }

    @Test("names below cwd")
    func folder() throws {
        let patch = try Patch.parse("--- a/x\n+++ b/x\n" + Self.body, in: WorkspacePath("sub"))
        #expect(patch.files.first?.path.description == "sub/x")
    }

    @Test("asks for write on every name, and for read on what is renamed or copied")
    func access() throws {
        let text = "diff --git a/a b/b\nrename from a\nrename to b\ndiff --git a/c b/d\ncopy from c\ncopy to d\n"
        let canonical = try ApplyPatch.Arguments.schema.canonical(["patch": .string(text), "cwd": "sub"], roots: [])
        let arguments = try ArgumentDecoder.decode(ApplyPatch.Arguments.self, from: canonical)
        let places = try ApplyPatch().access(for: arguments).places.map { "\($0.use.rawValue) \($0.path)" }
        #expect(places == ["read sub", "read sub/a", "write sub/a", "write sub/b", "read sub/c", "write sub/d"])
    }

    @Test(
        "R6: refuses names that leave the folder",
        arguments: [
            "--- a/../x\n+++ b/../x\n\(body)", "--- /etc/passwd\n+++ /etc/passwd\n\(body)",
            "--- /dev/null\n+++ b/../../x\n@@ -0,0 +1 @@\n+b\n",
            "diff --git a/../x b/y\nrename from ../x\nrename to y\n",
            "diff --git a/x b//y\nrename from x\nrename to /y\n",
            "diff --git a/../outside b/got.txt\ncopy from ../outside\ncopy to got.txt\n",
            "--- \"a/\\056\\056/x\"\n+++ \"b/\\056\\056/x\"\n\(body)",
        ])
    func escapes(text: String) {
        #expect(code(text) == "path_outside_workspace")
    }

    @Test(
        "R5: refuses git's own files",
        arguments: [
            "--- a/.git/config\n+++ b/.git/config\n\(body)", "--- a/s/.GIT/x\n+++ b/s/.GIT/x\n\(body)",
            "diff --git a/x b/.git/hooks/post-commit\nrename from x\nrename to .git/hooks/post-commit\n",
        ])
    func controlFiles(text: String) {
        #expect(code(text) == "protected_path")
    }

    @Test(
        "R6: refuses links, submodules, odd modes, binaries, NUL and merges",
        arguments: [
            "diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n",
            "diff --git a/x b/x\nindex 1..2 120000\n--- a/x\n+++ b/x\n\(body)",
            "diff --git a/x b/x\nold mode 100644\nnew mode 120000\n",
            "diff --git a/x b/x\nnew file mode 160000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+Subproject commit 1\n",
            "diff --git a/x b/x\nnew file mode 100777\n", "diff --git a/x b/x\nold mode 100644\nnew mode 104755\n",
            "diff --git a/x b/x\nindex 1..2 100644\nGIT binary patch\nliteral 1\nIc\n\n",
            "diff --git a/x b/x\nindex 1..2 100644\nBinary files a/x and b/x differ\n",
            "--- \"a/\\000x\"\n+++ \"b/\\000x\"\n\(body)", "diff --cc x\n@@@ -1 -1 +1 @@@\n",
            "--- a/x\n+++ b/x\n\(body)--- a/x\n+++ b/x\n\(body)",
            "--- a/x\n+++ b/x\n\(body)diff --git a/x b/y\nrename from x\nrename to y\n",
        ])
    func refused(text: String) {
        #expect(code(text) == "patch_refused")
    }

    @Test(
        "refuses what lies about itself",
        arguments: [
            "", "nothing of a patch\n", "--- a/x\n+++ b/x\n", "--- a/x\n+++ b/x\nno hunk\n", "@@ -1 +1 @@\n-a\n+b\n",
            "--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n-a\n+b\n", "--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n+b\n",
            "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n+c\n", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n c\n",
            "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\nrubbish\n+b\n", "--- a/x\n+++ b/x\n@@ -1 +1 @\n-a\n+b\n",
            "--- a/x\n+++ b/x\n@@ -0 +1 @@\n-a\n+b\n", "--- a/x\n+++ b/x\n@@ -1,0 +1,0 @@\n",
            "--- a/x\n+++ b/x\n@@ -99999999999999999999 +1 @@\n-a\n+b\n",
            "--- a/x\n+++ b/x\n@@ -5,2 +5,2 @@\n a\n-b\n+c\n@@ -6 +6 @@\n-b\n+d\n",
            "--- a/x\n+++ b/x\n@@ -9 +9 @@\n-b\n+c\n@@ -2 +2 @@\n-b\n+d\n",
            "--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n-a\n\\ No newline at end of file\n-b\n+c\n",
            "--- a/x\n+++ b/x\n@@ -1 +1 @@\n\\ No newline at end of file\n-a\n+b\n",
            "diff --git a/x b/x\n", "diff --git a/x b/y\n",
            "diff --git a/x b/x\nnew file mode 100644\ndeleted file mode 100644\n",
            "diff --git a/x b/x\nnew file mode 100644\n--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+b\n",
            "diff --git a/x b/x\nrename from x\nrename to y\n--- a/z\n+++ b/y\n\(body)",
            "--- \"a/x\n+++ \"b/x\n\(body)", "--- a/\n+++ b/\n\(body)",
        ])
    func malformed(text: String) {
        #expect(code(text) == "patch_malformed")
    }

    @Test(
        "R6: refuses more than 1,000 files before it reads the rest",
        arguments: [(1_000, nil), (1_001, "patch_too_large")])
    func tooManyFiles(count: Int, expected: String?) {
        let files = (1...count).map { "--- a/f\($0)\n+++ b/f\($0)\n\(Self.body)" }.joined()
        #expect(code(files) == expected)
        // What follows is malformed, and only a reader that went on would say so.
        if expected != nil { #expect(code(files + "--- a/x\n+++ b/x\nno hunk\n") == expected) }
    }

    @Test("counts both names of a rename", arguments: [(500, nil), (501, "patch_too_large")])
    func tooManyRenames(count: Int, expected: String?) {
        #expect(
            code((1...count).map { "diff --git a/o\($0) b/n\($0)\nrename from o\($0)\nrename to n\($0)\n" }.joined())
                == expected)
    }

    private func code(_ text: String) -> String? {
        do throws(ToolFailure) {
            _ = try Patch.parse(text)
            return nil
        } catch {
            return error.code
        }
    }
}
