import Foundation
import NIOHTTP1
import Testing
import ToolKit

extension Desk {
    /// What a preview answers.
    func preview(_ tool: String, _ arguments: JSONValue, token: String?? = .none) async throws -> JSONValue {
        let reply = try await daemon.send(
            .POST, "/api/v1/execution/preview", ["tool_name": .string(tool), "args": arguments], token: token)
        return reply.json
    }

    /// - Returns: The id of what a preview found.
    func effect(_ tool: String, _ arguments: JSONValue, token: String?? = .none) async throws -> String {
        let answer = try await preview(tool, arguments, token: token)
        return try #require(answer["effect_id"]?.stringValue, "\(answer)")
    }

    func state(of effect: String) async throws -> JSONValue? {
        try await daemon.send(.GET, "/api/v1/execution/effects/\(effect)").json["state"]
    }
}

extension Dashboard {
    @Suite("Effects on the page")
    struct Effects {
        static let patch = """
            --- a/a.txt
            +++ b/a.txt
            @@ -1 +1 @@
            -hello
            +good day
            --- a/old/b.txt
            +++ /dev/null
            @@ -1 +0,0 @@
            -to go
            --- /dev/null
            +++ b/new/c.txt
            @@ -0,0 +1 @@
            +new

            """

        /// A desk where a patch deletes a file beside others.
        private func with(
            at location: SourceLocation = #_sourceLocation, prepare: (Playground) async throws -> Void = { _ in },
            _ body: (Desk) async throws -> Void
        ) async throws {
            try await Desk.with(
                at: location,
                prepare: {
                    try $0.write("to go\n", to: "workspace/old/b.txt")
                    try await prepare($0)
                },
                { desk in
                    try await desk.daemon.enable("filesystem_write", "apply_patch")
                    try await body(desk)
                })
        }

        @Test("a call is previewed, seen as a diff, applied exactly so, and undone after a look at what that does")
        func whole() async throws {
            try await with { desk in
                try await desk.tab.press(.link, "Run a tool")
                try await desk.tab.choose("apply_patch", in: "Tool")
                try await desk.tab.paste(Self.patch, into: "patch required")
                try await desk.tab.press(.button, "Preview")
                try await desk.tab.shows("3 files")
                try await desk.tab.shows("1 deleted")
                try await desk.tab.waits(for: "document.querySelector('.file').innerText.includes('old/b.txt')")
                try await desk.tab.waits(
                    for: "[...document.querySelectorAll('tr.come')].some((one) => one.innerText.includes('good day'))")
                try await desk.tab.shows("By the rules, it may be applied.")
                #expect(try desk.playground.read("workspace/a.txt") == "hello\n")
                try await desk.tab.press(.button, "Apply exactly this")
                try await desk.tab.shows("Applied: 3 files changed.")
                #expect(try desk.playground.read("workspace/a.txt") == "good day\n")
                #expect(!desk.playground.exists("workspace/old/b.txt"))
                try await desk.tab.press(.button, "Undo…")
                try await desk.tab.shows("What undoing it would change")
                try await desk.tab.waits(for: "document.querySelector('.file.deleted').innerText.includes('new/c.txt')")
                #expect(try desk.playground.read("workspace/a.txt") == "good day\n")
                try await desk.tab.press(.button, "Undo exactly this")
                try await desk.tab.shows("Undone")
                try await desk.tab.waits(for: "!find('button', 'Undo exactly this')")
                #expect(try desk.playground.read("workspace/a.txt") == "hello\n")
                #expect(try desk.playground.read("workspace/old/b.txt") == "to go\n")
                #expect(!desk.playground.exists("workspace/new/c.txt"))
            }
        }

        @Test("what changed since is named, and nothing is changed")
        func conflict() async throws {
            try await with { desk in
                let id = try await desk.effect("apply_patch", ["patch": .string(Self.patch)])
                try desk.playground.write("edited meanwhile\n", to: "workspace/a.txt")
                try await desk.tab.open("/#/effects/\(id)")
                try await desk.tab.press(.button, "Apply exactly this")
                try await desk.tab.shows("Nothing was changed. These are not as they were:")
                try await desk.tab.waits(for: "document.querySelector('.paths').innerText === 'a.txt'")
                #expect(try desk.playground.read("workspace/a.txt") == "edited meanwhile\n")
                #expect(desk.playground.exists("workspace/old/b.txt"))
                #expect(try await desk.state(of: id) == "previewed")
            }
        }

        @Test("an undo that would lose an edit names it before it is asked for, and is not offered")
        func undoConflict() async throws {
            try await with { desk in
                let run = try await desk.daemon.run("filesystem_write", Approvals.write)
                let audit = try #require(run.json["audit_id"]?.stringValue)
                try desk.playground.write("edited meanwhile\n", to: "workspace/a.txt")
                try await desk.tab.open("/#/runs/\(audit)")
                try await desk.tab.press(.button, "Undo…")
                try await desk.tab.shows("It cannot be undone as things stand: these changed since.")
                #expect(!(try await desk.tab.has(.button, "Undo exactly this")))
                try await desk.tab.press(.button, "Leave it")
                _ = try await desk.tab.find(.button, "Undo…")
            }
        }

        @Test("any call that can be undone is undone from its entry in the record, and so is the undo")
        func record() async throws {
            try await with { desk in
                _ = try await desk.daemon.run("filesystem_write", Approvals.write)
                try await desk.tab.press(.link, "Runs")
                try await desk.tab.press(.option, "filesystem_write")
                try await desk.tab.press(.button, "Undo…")
                try await desk.tab.press(.button, "Undo exactly this")
                try await desk.tab.press(.link, "by this call")
                #expect(try desk.playground.read("workspace/a.txt") == "hello\n")
                try await desk.tab.press(.button, "Undo…")
                try await desk.tab.press(.button, "Undo exactly this")
                try await desk.tab.waits(for: "!find('button', 'Undo exactly this')")
                #expect(try desk.playground.read("workspace/a.txt") == "good day\n")
            }
        }

        @Test("what is discarded cannot be applied any more, and says so in every open page")
        func discard() async throws {
            try await with { desk in
                let id = try await desk.effect("filesystem_write", Approvals.write)
                try await desk.tab.open("/#/effects/\(id)")
                _ = try await desk.tab.find(.button, "Apply exactly this")
                let other = try await desk.secondTab()
                try await other.press(.link, "Effects")
                try await other.press(.option, "filesystem_write")
                try await other.press(.button, "Discard…")
                try await other.press(.button, "Discard it")
                try await other.shows("Discarded")
                try await other.close()
                try await desk.tab.toFront()
                try await desk.tab.shows("Discarded")
                #expect(!(try await desk.tab.has(.button, "Apply exactly this")))
                #expect(try desk.playground.read("workspace/a.txt") == "hello\n")
            }
        }

        @Test(
            "effects of others appear in the list by themselves, with who, how many files and how many of them deleted")
        func list() async throws {
            try await with { desk in
                try await desk.tab.press(.link, "Effects")
                try await desk.tab.shows("There is no effect yet")
                let bot = try await desk.makeToken("agent", "bot")
                let id = try await desk.effect(
                    "apply_patch", ["patch": .string(Self.patch)], token: .some(bot.token))
                try await desk.tab.waits(
                    for:
                        "['bot', '3 files', '1 deleted', 'Waits'].every((word) => find('option', 'apply_patch').innerText.includes(word))"
                )
                _ = try await desk.daemon.send(
                    .DELETE, "/api/v1/execution/effects/\(id)", token: .some(bot.token))
                try await desk.tab.waits(for: "find('option', 'apply_patch').innerText.includes('Discarded')")
            }
        }

        @Test(
            "one that needs an approval waits in the inbox, where its diff is what is approved, and then applies by itself"
        )
        func approval() async throws {
            try await with { desk in
                try await desk.asksPeople()
                let bot = try await desk.makeToken("agent", "bot")
                let id = try await desk.effect(
                    "apply_patch", ["patch": .string(Self.patch)], token: .some(bot.token))
                let agent = try await desk.secondTab(signedInWith: bot.token)
                try await agent.open("/#/effects/\(id)")
                try await agent.press(.button, "Apply exactly this")
                #expect(!(try await agent.has(.button, "Approve exactly this, now")))
                try await agent.press(.button, "Ask for an approval")
                try await agent.shows("It waits for a person's approval")
                #expect(!(try await agent.has(.button, "Apply exactly this")))
                try await desk.tab.toFront()
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.shows("What it would change")
                try await desk.tab.waits(for: "document.querySelector('.file').innerText.includes('old/b.txt')")
                try await desk.tab.shows("good day")
                #expect(try desk.playground.read("workspace/a.txt") == "hello\n")
                try await desk.tab.press(.button, "Approve and run")
                try await desk.tab.shows("Nothing waits for you")
                #expect(try desk.playground.read("workspace/a.txt") == "good day\n")
                try await agent.toFront()
                try await agent.shows("Applied")
                _ = try await agent.find(.button, "Undo…")
                try await agent.close()
            }
        }

        @Test("whoever decides may approve exactly what is shown at once")
        func approveNow() async throws {
            try await with { desk in
                try await desk.asksPeople()
                let id = try await desk.effect("filesystem_write", Approvals.write)
                try await desk.tab.open("/#/effects/\(id)")
                try await desk.tab.press(.button, "Apply exactly this")
                try await desk.tab.press(.button, "Approve exactly this, now")
                try await desk.tab.shows("Applied: 1 file changed.")
                #expect(try desk.playground.read("workspace/a.txt") == "good day\n")
            }
        }

        @Test("a standing grant is edited as limits, which let the next small effect pass and not a larger one")
        func grant() async throws {
            try await with { desk in
                try await desk.asksPeople()
                let bot = try await desk.makeToken("agent", "bot")
                func apply(_ path: String, _ content: String) async throws -> JSONValue {
                    let found = try await desk.preview(
                        "filesystem_write", ["path": .string(path), "content": .string(content)],
                        token: .some(bot.token))
                    let id = try #require(found["effect_id"]?.stringValue, "\(found)")
                    return try await desk.daemon.send(
                        .POST, "/api/v1/execution/effects/\(id)/apply",
                        ["effect_digest": found["effect_digest"] ?? "", "wait_for_approval": true],
                        token: .some(bot.token)
                    ).json
                }
                #expect(try await apply("notes/a.md", "one\n")["status"] == "waiting_approval")
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.press(.button, "Approve with a standing grant…")
                try await desk.tab.waits(for: "find('textbox', 'Paths, one in each line').value === 'notes/**'")
                try await desk.tab.waits(for: "find('textbox', 'Deleted files, at most').value === '0'")
                try await desk.tab.type("none", into: "Changed lines, at most")
                try await desk.tab.press(.button, "Approve and grant")
                try await desk.tab.shows("This must be a whole number.")
                try await desk.tab.type("2", into: "Changed lines, at most")
                try await desk.tab.press(.button, "Approve and grant")
                try await desk.tab.shows("Nothing waits for you")
                #expect(try desk.playground.read("workspace/notes/a.md") == "one\n")
                #expect(try await apply("notes/b.md", "one\ntwo\n")["status"] == "ok")
                #expect(try await apply("notes/c.md", "one\ntwo\nthree\n")["status"] == "waiting_approval")
                try await desk.tab.press(.link, "Grants")
                try await desk.tab.shows("changed lines: 2 at most")
            }
        }

        @Test("a script is seen as what it does, with how that was found and what the program said")
        func script() async throws {
            try await with { desk in
                try await desk.daemon.enable("shell_script")
                try await desk.tab.open("/#/run/shell_script")
                try await desk.tab.paste(
                    "rm old/b.txt; sed s/hello/hi/ a.txt | tee a2.txt; ln -s a2.txt way; mkfifo pipe",
                    into: "script required")
                try await desk.tab.press(.button, "Preview")
                try await desk.tab.shows("What it changes")
                try await desk.tab.shows("1 deleted")
                try await desk.tab.waits(
                    for:
                        "[...document.querySelectorAll('.file > summary')].map((one) => one.innerText.split(/\\s+/).filter(Boolean).slice(0, 2).join()).join(';') === 'old/b.txt,deleted;a2.txt,added;way,link'"
                )
                try await desk.tab.shows("The program ran for real")
                try await desk.tab.shows("Not part of it, and never applied")
                try await desk.tab.shows("Exit status")
                #expect(desk.playground.exists("workspace/old/b.txt") && !desk.playground.exists("workspace/a2.txt"))
                try await desk.tab.press(.button, "Apply exactly this")
                try await desk.tab.press(.button, "Approve exactly this, now")
                try await desk.tab.shows("Applied: 3 files changed.")
                #expect(!desk.playground.exists("workspace/old/b.txt"))
                #expect(try desk.playground.read("workspace/way") == "hi\n")
            }
        }

        @Test("what a rule about effects denies is told with its sentence, and Apply is not offered")
        func denied() async throws {
            let policy = """
                version: 1
                effects:
                  - name: nothing goes
                    deletions: 0
                    beyond: deny
                    reason: "files are deleted by hand here"
                    examples: {match: [{modified: [a.txt], lines: 2}], not_match: [{deleted: [a.txt]}]}

                """
            try await with(prepare: { try $0.write(policy, to: "home/config/policy.yaml") }) { desk in
                let id = try await desk.effect("apply_patch", ["patch": .string(Self.patch)])
                try await desk.tab.open("/#/effects/\(id)")
                try await desk.tab.shows("By the rules, it may not be applied.")
                try await desk.tab.shows("files are deleted by hand here")
                _ = try await desk.tab.find(.button, "Discard…")
                #expect(!(try await desk.tab.has(.button, "Apply exactly this")))
            }
        }

        @Test(
            "viewers and approvers see the diff and no buttons; an agent sees its own effects only",
            arguments: ["viewer", "approver", "agent"])
        func roles(role: String) async throws {
            try await with { desk in
                let id = try await desk.effect("filesystem_write", Approvals.write)
                let other = try await desk.secondTab(signedInWith: try await desk.makeToken(role, "a-\(role)").token)
                try await other.open("/#/effects/\(id)")
                try await other.shows(role == "agent" ? "There is no" : "good day")
                for name in ["Apply exactly this", "Discard…"] { #expect(!(try await other.has(.button, name))) }
                try await other.close()
            }
        }

        @Test("what a preview refuses is said where it was asked for")
        func refused() async throws {
            try await with { desk in
                try await desk.tab.open("/#/run/apply_patch")
                try await desk.tab.paste("no patch", into: "patch required")
                try await desk.tab.press(.button, "Preview")
                try await desk.tab.waits(for: "document.querySelector('.answer .note.bad, [aria-invalid=true]')")
                try await desk.tab.open("/#/run/filesystem_read")
                _ = try await desk.tab.find(.button, "Dry run")
                #expect(!(try await desk.tab.has(.button, "Preview")))
            }
        }

        @Test("needs no mouse: previewed, read, applied and undone with the keys alone")
        func keyboard() async throws {
            try await with { desk in
                try await desk.tab.open("/#/run/filesystem_write")
                try await desk.tab.tabs(to: "path required")
                try await desk.tab.keys("a.")
                // It is drawn anew when the tool changes, and whoever types goes on typing.
                let off = try await desk.daemon.send(
                    .PATCH, "/api/v1/execution/tools/filesystem_write/enabled?enabled=false")
                #expect(off.status == 200)
                try await desk.tab.shows("This tool is off")
                try await desk.daemon.enable("filesystem_write")
                try await desk.tab.hides("This tool is off")
                try await desk.tab.keys("txt")
                try await desk.tab.tabs(to: "content required")
                try await desk.tab.keys("good day")
                try await desk.tab.tabs(to: "Preview")
                try await desk.tab.keys(.enter)
                try await desk.tab.shows("What it changes")
                try await desk.tab.tabs(to: "Apply exactly this")
                try await desk.tab.keys(.enter)
                try await desk.tab.shows("Applied: 1 file changed.")
                try await desk.tab.tabs(to: "Undo…")
                try await desk.tab.keys(.enter)
                try await desk.tab.shows("What undoing it would change")
                try await desk.tab.tabs(to: "Undo exactly this")
                try await desk.tab.keys(.enter)
                try await desk.tab.waits(for: "!find('button', 'Undo exactly this')")
                #expect(try desk.playground.read("workspace/a.txt") == "hello\n")
            }
        }

        @Test("R52: markup and hidden characters in the names and lines of a real effect stay text, also in the inbox")
        func hostile() async throws {
            try await with { desk in
                try await desk.asksPeople()
                let id = try await desk.effect(
                    "filesystem_write",
                    [
                        "path": .string("<b id=bold>bold<\u{202E}gnp.txt"),
                        "content": .string(Hostile.markup + Hostile.bidi),
                    ])
                let effect = try await desk.daemon.send(.GET, "/api/v1/execution/effects/\(id)").json
                _ = try await desk.daemon.send(
                    .POST, "/api/v1/execution/effects/\(id)/apply",
                    ["effect_digest": effect["effect_digest"] ?? "", "wait_for_approval": true])
                for place in ["/#/effects/\(id)", "/#/approvals"] {
                    try await desk.tab.open(place)
                    try await desk.tab.waits(
                        for: "document.querySelector('.file')?.innerText.includes('<b id=bold>bold<\\\\u202egnp.txt')")
                    try await desk.tab.waits(
                        for: "document.querySelector('.file tbody')?.innerText.includes('onerror=')")
                    let found = try await desk.tab.script(
                        """
                        return [window.pwned ?? null, document.getElementById("bold"), document.querySelector("main img"),
                          /[\\u202a-\\u202e\\u2066-\\u2069\\u200b]/.test(document.documentElement.outerHTML)];
                        """)
                    #expect(found == [nil, nil, nil, false], "\(place)")
                }
            }
        }
    }
}
