import Foundation
import Testing
import ToolKit

extension Dashboard {
    @Suite("A tool run by hand")
    struct RunTool {
        private func choose(_ tool: String, at desk: Desk) async throws {
            try await desk.tab.press(.link, "Run a tool")
            try await desk.tab.choose(tool, in: "Tool")
        }

        @Test("a dry run shows the plan with its diff and changes nothing, then the run does it")
        func both() async throws {
            try await Desk.with { desk in
                try await desk.daemon.enable("filesystem_write")
                try await choose("filesystem_write", at: desk)
                try await desk.tab.type("a.txt", into: "path")
                try await desk.tab.paste("good day\n", into: "content")
                try await desk.tab.press(.button, "Dry run")
                try await desk.tab.shows("Nothing was done. This is what would happen.")
                try await desk.tab.shows("+good day")
                #expect(try desk.playground.read("workspace/a.txt") == "hello\n")
                try await desk.tab.press(.button, "Run it")
                try await desk.tab.shows("It ran in")
                #expect(try desk.playground.read("workspace/a.txt") == "good day\n")
                try await desk.tab.press(.link, "Its entry in the record")
                try await desk.tab.shows("Result, as this page got it")
            }
        }

        @Test("a missing or impossible argument is said at its field, and nothing is sent")
        func fields() async throws {
            try await Desk.with { desk in
                try await choose("filesystem_read", at: desk)
                try await desk.tab.type("-1", into: "offset")
                try await desk.tab.press(.button, "Run it")
                try await desk.tab.shows("This is needed.")
                try await desk.tab.shows("This must be a whole number 0 or more.")
                #expect(try await desk.tab.script("return nameOf(document.activeElement)") == "path required")
                #expect(try await desk.daemon.logs("limit=10&kind=call&tool_name=filesystem_read").isEmpty)
            }
        }

        @Test("an argument that only the daemon can judge is said with its remedy")
        func refused() async throws {
            try await Desk.with { desk in
                try await choose("filesystem_read", at: desk)
                try await desk.tab.type("../../etc/passwd", into: "path")
                try await desk.tab.press(.button, "Run it")
                try await desk.tab.waits(for: "document.querySelector('.answer .note.bad, [aria-invalid=true]')")
                try await desk.tab.waits(for: "!text().includes('root:x')")
            }
        }

        @Test("a call that needs an approval can be approved exactly so, and runs once")
        func approval() async throws {
            try await Desk.with(prepare: { try $0.write("x\n", to: "workspace/b.txt") }) { desk in
                _ = try await desk.daemon.configure(["approval_mode": "require_approval"])
                try await desk.daemon.enable("filesystem_write")
                try await choose("filesystem_write", at: desk)
                try await desk.tab.type("b.txt", into: "path")
                try await desk.tab.paste("approved\n", into: "content")
                try await desk.tab.press(.button, "Run it")
                try await desk.tab.press(.button, "Approve exactly this call and run it")
                try await desk.tab.shows("It ran in")
                #expect(try desk.playground.read("workspace/b.txt") == "approved\n")
            }
        }

        /// Nothing of it may act in a shell, nor in a terminal that shows the line.
        static let hostile =
            "'; touch pwned; '\"$(touch pwned)`touch pwned`!!\\\n\u{202E}\u{1B}]0;x\u{7}\u{E9}\u{1F600}\t*?~#&|<>"

        @Test(
            "R35: the lines to copy do the same in a real shell, and never hold the token",
            arguments: ["curl", "execlayer"])
        func lines(_ kind: String) async throws {
            try await Desk.with { desk in
                try await desk.daemon.enable("filesystem_write")
                try await choose("filesystem_write", at: desk)
                try await desk.tab.type("it's here.txt", into: "path")
                try await desk.tab.paste(Self.hostile, into: "content")
                try await desk.tab.type("because it's $HOME", into: "Reason")
                let shown = try await desk.tab.script(
                    "return find('region', `The ${arguments[0]} line`).textContent", .string(kind))
                let line = try #require(shown.stringValue)
                #expect(!line.contains(Desk.token))
                #expect(line.unicodeScalars.allSatisfy { 0x20...0x7E ~= $0.value })
                let bin = (Daemon.executable as NSString).deletingLastPathComponent
                let ended = try await Program.run(
                    "/bin/sh", ["-c", line],
                    environment: [
                        "EXECUTION_TOKEN": Desk.token, "HOME": desk.playground.folder, "PATH": "\(bin):/usr/bin:/bin",
                    ],
                    folder: desk.playground.folder)
                #expect(ended.status == 0, "\(ended.output) \(ended.errors)")
                #expect(try desk.playground.read("workspace/it's here.txt") == Self.hostile)
                #expect(!desk.playground.exists("pwned"))
            }
        }

        @Test("what was typed is there again after a look at another page")
        func draft() async throws {
            try await Desk.with { desk in
                try await choose("workspace_search", at: desk)
                try await desk.tab.type("half a thought", into: "query")
                try await desk.tab.press(.link, "Runs")
                try await desk.tab.shows("No run chosen")
                try await desk.tab.press(.link, "Run a tool")
                try await desk.tab.choose("workspace_search", in: "Tool")
                try await desk.tab.waits(for: "find('textbox', 'query').value === 'half a thought'")
            }
        }

        @Test("needs no mouse")
        func keyboard() async throws {
            try await Desk.with { desk in
                try await desk.tab.tabs(to: "Run a tool")
                try await desk.tab.keys(.enter)
                try await desk.tab.tabs(to: "Tool")
                try await desk.tab.keys("filesystem_r")
                try await desk.tab.tabs(to: "path required")
                try await desk.tab.keys("a.txt")
                try await desk.tab.keys(.enter)
                try await desk.tab.shows("Nothing was done. This is what would happen.")
                try await desk.tab.tabs(to: "Run it")
                try await desk.tab.keys(.space)
                try await desk.tab.shows("It ran in")
                try await desk.tab.shows("hello")
            }
        }
    }
}
