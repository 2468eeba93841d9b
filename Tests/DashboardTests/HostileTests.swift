import Foundation
import NIOHTTP1
import Testing
import ToolKit

extension Dashboard {
    @Suite("Text of strangers")
    struct Hostile {
        static let markup = "<img src=x onerror=\"window.pwned=1\"><script>window.pwned=1</script><b id=bold>bold</b>"
        static let bidi = "file\u{202E}txt.exe\u{2066}\u{200B}\u{AD}\u{3164}"

        @Test("R52: markup in output, names, reasons and labels stays text, and nothing of it runs")
        func markup() async throws {
            try await Desk.with(prepare: { try $0.write(Self.markup + "\n", to: "workspace/evil.html") }) { desk in
                _ = try await desk.daemon.run(
                    "filesystem_read", ["path": .string(Self.markup)],
                    [
                        "agent_id": .string("<b>agent</b>"), "reason": .string(Self.markup),
                        "department": .string(Self.markup.prefix(100).description),
                    ])
                try await desk.tab.press(.link, "Runs")
                try await desk.tab.press(.option, "filesystem_read")
                try await desk.tab.shows("<b id=bold>bold</b>")
                try await desk.tab.shows("<b>agent</b>")
                try await desk.tab.press(.link, "Run a tool")
                try await desk.tab.choose("filesystem_read", in: "Tool")
                try await desk.tab.type("evil.html", into: "path")
                try await desk.tab.press(.button, "Run it")
                try await desk.tab.shows("<script>window.pwned=1</script>")
                #expect(
                    try await desk.tab.script("return [window.pwned ?? null, document.getElementById('bold')]") == [
                        nil, nil,
                    ])
            }
        }

        @Test("R52: markup and hidden characters in goals, steps and playbooks stay text")
        func tasks() async throws {
            try await Desk.with { desk in
                let evil = Self.markup + Self.bidi
                let step: JSONValue = [
                    "tool_name": "filesystem_read", "args": ["path": .string(Self.markup)],
                    "description": .string(evil),
                ]
                let id = try await desk.makeTask(evil, [step], ["max_retries": 0, "agent_id": .string("<i>x</i>")])
                _ = try await desk.daemon.send(.POST, "/api/v1/execution/tasks/\(id)/run")
                let made = try await desk.daemon.send(
                    .POST, "/api/v1/execution/playbooks",
                    [
                        "name": "<b id=bold>bold</b>", "description": .string(Self.markup), "category": "<i>x</i>",
                        "tags": ["<u>tag</u>"], "variables": ["word": ["description": .string(Self.markup)]],
                        "steps": [["tool_name": "workspace_search", "args": ["query": "{word}"]]],
                    ])
                let playbook = try #require(made.json["playbook_id"]?.stringValue, "\(made.json)")
                try await desk.tab.open("/#/tasks/\(id)")
                try await desk.tab.shows("<b id=bold>bold</b>file\\u202etxt.exe\\u2066\\u200b\\u00ad\\u3164")
                try await desk.tab.script("document.querySelector('.timeline summary').click()")
                try await desk.tab.shows("Arguments")
                try await desk.tab.open("/#/playbooks/\(playbook)")
                try await desk.tab.shows("<u>tag</u>")
                try await desk.tab.press(.button, "Dry run")
                let found = try await desk.tab.script(
                    """
                    return [window.pwned ?? null, document.getElementById('bold'), document.querySelector('main img, main i, main u'),
                      /[\\u202a-\\u202e\\u2066-\\u2069\\u200b]/.test(document.documentElement.outerHTML)];
                    """)
                #expect(found == [nil, nil, nil, false])
            }
        }

        @Test("R52: characters that reorder, hide or imitate are shown as escapes, set apart")
        func bidi() async throws {
            try await Desk.with(prepare: { try $0.write("a\u{202E}b\u{9B}c\u{0}d\u{2028}e\n", to: "workspace/b.txt") })
            { desk in
                _ = try await desk.daemon.run(
                    "workspace_search", ["query": .string(Self.bidi)], ["agent_id": .string(Self.bidi)])
                _ = try await desk.daemon.run("filesystem_read", ["path": .string("\u{202E}" + Self.bidi)])
                try await desk.tab.press(.link, "Runs")
                try await desk.tab.press(.option, "workspace_search")
                try await desk.tab.shows("file\\u202etxt.exe\\u2066\\u200b\\u00ad\\u3164")
                let escapes = try await desk.tab.script("return document.querySelectorAll('.escape').length")
                #expect((escapes.integerValue ?? 0) >= 2)
                let raw = try await desk.tab.script(
                    "return /[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\u0080-\\u009f]/.test(document.documentElement.outerHTML)"
                )
                #expect(raw == false)
            }
        }

        @Test("R52: names are isolated, so that right-to-left letters reorder nothing beside them")
        func isolated() async throws {
            try await Desk.with { desk in
                _ = try await desk.daemon.run(
                    "system_info", [:], ["agent_id": "\u{5D0}\u{5D1}\u{5D2}", "reason": "\u{5D0} 1 2"])
                try await desk.tab.press(.link, "Runs")
                try await desk.tab.press(.option, "system_info")
                try await desk.tab.shows("\u{5D0}\u{5D1}\u{5D2}")
                let isIsolated = try await desk.tab.script(
                    """
                    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                    const loose = [];
                    while (walker.nextNode()) {
                      const node = walker.currentNode;
                      if (/[\\u0590-\\u05ff]/.test(node.data) && !node.parentElement.closest("bdi")) loose.push(node.data);
                    }
                    return loose;
                    """)
                #expect(isIsolated == [])
            }
        }

        /// Shows `text` with the page's own viewer, and answers what `look` says of its element.
        private func view(_ text: String, kind: String, look: String, at desk: Desk) async throws -> JSONValue {
            try await desk.tab.waits(for: "find('heading', 'Execution Layer')")
            return try await desk.tab.driver.post(
                "execute/async",
                [
                    "script": .string(
                        """
                        const [expression, kind, done] = arguments;
                        const folder = document.querySelector("script[type=module]").src.replace(/[^/]*$/, "");
                        import(folder + "viewer.js").then(({ viewer }) => {
                          const text = (\(text));
                          const begun = performance.now();
                          const element = viewer(text, { label: "Shown", kind });
                          document.querySelector("main").replaceChildren(element);
                          const pane = element.querySelector(".viewer");
                          requestAnimationFrame(() => requestAnimationFrame(() => {
                            const took = performance.now() - begun;
                            done((\(look))(pane, took));
                          }));
                        }, (error) => done(String(error)));
                        """), "args": ["", .string(kind)],
                ])
        }

        @Test("ANSI colours are shown in our own palette, everything else of a terminal's language as what it is")
        func ansi() async throws {
            try await Desk.with { desk in
                let text =
                    #""\x1b[31mred\x1b[0m \x1b[8mhidden\x1b[0m \x1b[2J\x1b]0;title\x07 \x1b[38;2;255;255;255mwhite\x1b[0m \x1b[1;4mbold\x1b[m\rover""#
                let seen = try await view(
                    text, kind: "output",
                    look: """
                        (pane) => [pane.innerText, pane.querySelector(".ansi-1")?.textContent ?? null,
                          getComputedStyle(pane.querySelector(".ansi-7")).color === getComputedStyle(pane).color,
                          pane.querySelector(".ansi-bold.ansi-underline")?.textContent ?? null]
                        """, at: desk)
                #expect(
                    seen == [.string("red hidden \\e[2J\\e]0;title\\u0007 white bold\\rover"), "red", true, "bold"])
            }
        }

        @Test("a line of 10 MB is shown in pieces with few elements, quickly, and scrolls to its end")
        func long() async throws {
            try await Desk.with { desk in
                let seen = try await view(
                    #""<b>" + "x".repeat(10_000_000) + "END""#, kind: "output",
                    look: """
                        (pane, took) => {
                          const first = pane.querySelectorAll(".line").length;
                          pane.scrollTop = pane.scrollHeight;
                          pane.dispatchEvent(new Event("scroll"));
                          return [first < 80, took < 3000, pane.scrollHeight < 7_000_000];
                        }
                        """, at: desk)
                #expect(seen == [true, true, true])
                try await desk.tab.waits(for: "document.querySelector('.viewer').innerText.includes('END')")
            }
        }

        @Test("a million lines scroll to the last one")
        func lines() async throws {
            try await Desk.with { desk in
                let seen = try await view(
                    #"Array.from({ length: 1_000_000 }, (_, n) => "line " + n).join("\n")"#, kind: "text",
                    look:
                        "(pane) => { pane.scrollTop = pane.scrollHeight; return pane.querySelectorAll('.line').length < 80; }",
                    at: desk)
                #expect(seen == true)
                try await desk.tab.waits(for: "document.querySelector('.viewer').innerText.includes('line 999999')")
            }
        }
    }
}
