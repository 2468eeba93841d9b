import Foundation
import Testing
import ToolKit

extension Dashboard {
    @Suite("An effect as one reads it")
    struct EffectView {
        /// Shows an effect with the page's own view, and answers what `look` says of it.
        ///
        /// - Parameters:
        ///   - files: An expression of a script: the contract's `files`.
        ///   - look: A function of the view's element, and of how many milliseconds it took.
        @discardableResult
        private func view(_ files: String, look: String, at desk: Desk) async throws -> JSONValue {
            try await desk.tab.waits(for: "find('heading', 'Execution Layer')")
            return try await desk.tab.driver.post(
                "execute/async",
                [
                    "script": .string(
                        """
                        const done = arguments[arguments.length - 1];
                        const state = (size, mode = "0644", more = {}) => ({ size, mode, sha256: "ab".repeat(32), ...more });
                        const folder = document.querySelector("script[type=module]").src.replace(/[^/]*$/, "");
                        import(folder + "changes.js").then(({ changes }) => {
                          const files = (\(files));
                          const begun = performance.now();
                          const element = changes({ files, truncated: false });
                          document.querySelector("main").replaceChildren(element);
                          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => {
                            done((\(look))(element, performance.now() - begun));
                          }, 50)));
                        }, (error) => done(String(error)));
                        """), "args": [],
                ])
        }

        static let some = """
            [
              { path: "b/kept.txt", change: "modified", before: state(5), after: state(6, "0755"), lines: 2,
                diff: "--- a/b/kept.txt\\n+++ b/b/kept.txt\\n@@ -9,2 +9,2 @@\\n nine\\n-ten\\n+tenth\\n" },
              { path: "c/new.txt", change: "added", after: state(4), lines: 1, renamed_from: "z/old.txt",
                diff: "--- /dev/null\\n+++ b/c/new.txt\\n@@ -0,0 +1 @@\\n+new\\n" },
              { path: "d/run", change: "mode", before: state(4), after: state(4, "0755") },
              { path: "e/way", change: "symlink", after: state(4, "0777", { kind: "link" }), lines: 1,
                diff: "--- /dev/null\\n+++ b/e/way\\n@@ -0,0 +1 @@\\n+target\\n\\\\ No newline at end of file\\n" },
              { path: "f/picture.png", change: "modified", before: state(2048), after: state(4096), binary: true },
              { path: "z/old.txt", change: "deleted", before: state(4), lines: 1,
                diff: "--- a/z/old.txt\\n+++ /dev/null\\n@@ -1 +0,0 @@\\n-new\\n" },
            ]
            """

        @Test("deletions stand first, in the tree and beside it, and every file says what happens to it")
        func order() async throws {
            try await Desk.with { desk in
                let seen = try await view(
                    Self.some,
                    look: """
                        (element) => [
                          [...element.querySelectorAll(".file > summary")].map((one) => one.innerText.replace(/\\s+/g, " ").trim()),
                          [...element.querySelectorAll(".tree-row")].map((one) => one.innerText.replace(/\\s+/g, " ").trim()),
                        ]
                        """, at: desk)
                let files = seen.arrayValue?.first?.arrayValue?.compactMap(\.stringValue) ?? []
                #expect(
                    files == [
                        "z/old.txt deleted moved to c/new.txt 1 line", "b/kept.txt modified 0644 → 0755 2 lines",
                        "c/new.txt added renamed from z/old.txt 1 line", "d/run mode 0644 → 0755",
                        "e/way link 1 line", "f/picture.png modified binary",
                    ])
                let tree = seen.arrayValue?.last?.arrayValue?.compactMap(\.stringValue) ?? []
                #expect(tree.prefix(4) == ["▾ Deleted", "▾ z/", "old.txt deleted D", "▾ Changed"], "\(tree)")
                try await desk.tab.shows("Only its permissions change, from 0644 to 0755.")
                try await desk.tab.shows("A link: the line is where it leads.")
                try await desk.tab.shows("2.0 KiB, SHA-256 abab")
            }
        }

        @Test("line numbers are those of the file before and after, and the changed part of a line is marked")
        func numbers() async throws {
            try await Desk.with { desk in
                let seen = try await view(
                    Self.some,
                    look: """
                        (element) => [...element.querySelectorAll(".file")][1].querySelector("tbody").innerText.replace(/\\s+/g, " ").trim()
                          + "|" + [...element.querySelectorAll(".differs")].map((one) => one.textContent).join()
                        """, at: desk)
                #expect(seen == "@@ -9,2 +9,2 @@ 9 9 nine 10 -ten 10 +tenth|th", "\(seen)")
            }
        }

        @Test(
            "before and after stand side by side where there is room, one below the other otherwise, or as somebody says"
        )
        func sides() async throws {
            try await Desk.with { desk in
                let isSplit = "[...document.querySelectorAll('.file')][1].querySelector('table').matches('.split-diff')"
                try await desk.tab.looks(wide: 2560, high: 1440)
                try await view(Self.some, look: "() => true", at: desk)
                try await desk.tab.waits(for: isSplit)
                // A file that is new has no other side.
                #expect(
                    try await desk.tab.script(
                        "return document.querySelectorAll('.file.added .split-diff, .file.deleted .split-diff').length")
                        == 0)
                try await desk.tab.looks(wide: 1280, high: 900)
                try await desk.tab.waits(for: "!\(isSplit)")
                try await desk.tab.press(.switch, "Side by side")
                try await desk.tab.waits(for: isSplit)
                #expect(
                    try await desk.tab.script(
                        """
                        const row = [...document.querySelectorAll(".split-diff tr")].at(-1);
                        return [...row.children].map((one) => one.innerText.trim());
                        """) == ["10", "-ten", "10", "+tenth"])
                try await desk.tab.press(.switch, "Side by side")
                try await desk.tab.waits(for: "!\(isSplit)")
            }
        }

        @Test("R52: names and lines of strangers stay text, and what could hide or reorder is shown as an escape")
        func hostile() async throws {
            try await Desk.with { desk in
                let seen = try await view(
                    """
                    [{ path: "<img src=x onerror=window.pwned=1>\\u202egnp.exe\\nline", change: "added", after: state(9), lines: 2,
                       diff: "--- /dev/null\\n+++ b/x\\n@@ -0,0 +1,2 @@\\n+<script>window.pwned=1</script><b id=bold>\\u202e\\u200b\\x1b[31m\\r\\n+" + " ".repeat(900) + "; rm -rf ~\\n" },
                     { path: "x/\\ufffd", path_hex: "782fff", change: "deleted", before: state(1), renamed_from: "\\u2066y", lines: 1,
                       diff: "--- a/x\\n+++ /dev/null\\n@@ -1 +0,0 @@\\n-@@ -1 +1 @@\\n" }]
                    """,
                    look: """
                        (element) => [
                          window.pwned ?? null, document.getElementById("bold"), element.querySelector("img, script"),
                          /[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\u001b]/.test(element.outerHTML),
                          element.innerText.includes("\\\\u202egnp.exe\\\\nline"),
                          element.querySelector(".file.added").innerText.includes("<b id=bold>\\\\u202e\\\\u200b\\\\e[31m\\\\r"),
                          element.querySelector(".file.deleted").innerText.includes("782fff"),
                          document.documentElement.scrollWidth - document.documentElement.clientWidth,
                          [...element.querySelectorAll(".file.deleted tr")].map((one) => one.className).join(),
                        ]
                        """, at: desk)
                #expect(seen == [nil, nil, nil, false, true, true, true, 0, ",place,gone"], "\(seen)")
            }
        }

        static let many = """
            Array.from({ length: 7000 }, (_, n) => ({
              path: `src/part${n % 70}/file${n}.txt`, change: n < 3000 ? "deleted" : "modified", before: state(2),
              ...(n < 3000 ? {} : { after: state(2) }), lines: 2, diff: `--- a\\n+++ b\\n@@ -1 +1 @@\\n-a${n}\\n+b${n}\\n`,
            }))
            """

        @Test("thousands of files are there quickly with few elements, and the tree leads to the last of them")
        func many() async throws {
            try await Desk.with { desk in
                let seen = try await view(
                    Self.many,
                    look: "(element, took) => [took < 2000, element.querySelectorAll('*').length < 4000]", at: desk)
                #expect(seen == [true, true])
                try await desk.tab.tabs(to: "Files, deletions first")
                try await desk.tab.keys(.end, .enter)
                try await desk.tab.waits(
                    for:
                        "document.activeElement.matches('summary') && document.activeElement.innerText.includes('file6989.txt')"
                )
                try await desk.tab.waits(
                    for: "document.activeElement.closest('.file').querySelector('tbody')?.innerText.includes('b6989')")
                try await desk.tab.press(.button, "Show the files before")
                try await desk.tab.waits(for: "document.querySelectorAll('.file').length > 60")
            }
        }

        @Test("more files come when one scrolls to where they begin")
        func scroll() async throws {
            try await Desk.with { desk in
                try await view(Self.many, look: "() => true", at: desk)
                try await desk.tab.script("[...document.querySelectorAll('.file')].at(-1).scrollIntoView()")
                try await desk.tab.waits(for: "document.querySelectorAll('.file').length > 100")
            }
        }

        @Test("a diff of many lines is drawn in parts, and a line of 100 KB as far as one asks for it")
        func long() async throws {
            try await Desk.with { desk in
                let seen = try await view(
                    """
                    [{ path: "long.txt", change: "modified", before: state(9), after: state(9), lines: 20000, diff_truncated: true,
                       diff: "--- a\\n+++ b\\n@@ -1,10000 +1,10000 @@\\n" + Array.from({ length: 10000 }, (_, n) => `-a${n}\\n+b${n}\\n`).join("") },
                     { path: "wide.txt", change: "modified", before: state(9), after: state(9), lines: 1,
                       diff: "--- a\\n+++ b\\n@@ -0,0 +1 @@\\n+" + "x".repeat(100000) + "END\\n" }]
                    """,
                    look: "(element, took) => [took < 2000, element.querySelectorAll('tr').length < 500]", at: desk)
                #expect(seen == [true, true])
                try await desk.tab.shows("The rest of its lines is not shown here.")
                try await desk.tab.press(.button, "Show more: 19,601 lines are left")
                _ = try await desk.tab.find(.button, "Show more: 17,601 lines are left")
                try await desk.tab.script("document.querySelectorAll('.file')[1].scrollIntoView()")
                try await desk.tab.press(.button, "98,003 more characters")
                try await desk.tab.waits(for: "document.querySelectorAll('.file')[1].innerText.includes('xEND')")
                #expect(
                    try await desk.tab.script(
                        "return document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0)
            }
        }

        @Test("folders and files are closed and opened with the keys alone")
        func keyboard() async throws {
            try await Desk.with { desk in
                try await view(Self.some, look: "() => true", at: desk)
                try await desk.tab.tabs(to: "Files, deletions first")
                // The arrow goes from the title of the deletions to their folder.
                try await desk.tab.keys(.down, .enter)
                try await desk.tab.waits(for: "!document.querySelector('.tree').innerText.includes('old.txt')")
                try await desk.tab.keys(.enter)
                try await desk.tab.waits(for: "document.querySelector('.tree').innerText.includes('old.txt')")
                try await desk.tab.keys(.down, .enter)
                try await desk.tab.waits(
                    for: "document.activeElement === document.querySelector('.file.deleted > summary')")
                try await desk.tab.keys(.enter)
                try await desk.tab.waits(for: "!document.querySelector('.file.deleted').open")
            }
        }
    }
}
