import Foundation
import NIOHTTP1
import Testing
import ToolKit

extension Dashboard {
    @Suite("The look of the pages")
    struct Look {
        struct Place: Sendable, CustomTestStringConvertible {
            let name: String
            let address: String
            let sign: String
            var option: String?
            var button: String?
            var testDescription: String { name }
        }

        static let places = [
            Place(name: "layer", address: "/#/", sign: "filesystem_read"),
            Place(name: "runs", address: "/#/runs", sign: "Search in entries"),
            Place(name: "approvals", address: "/#/approvals", sign: "the greeting was too short"),
            Place(name: "decided", address: "/#/approvals/decided", sign: "denied"),
            Place(name: "grants", address: "/#/approvals/grants", sign: "uses left"),
            Place(name: "effects", address: "/#/effects", sign: "1 deleted"),
            Place(name: "tasks", address: "/#/tasks", sign: "see what is there"),
            Place(name: "new-task", address: "/#/tasks/new", sign: "Make the task"),
            Place(name: "playbooks", address: "/#/playbooks", sign: "check-a-change"),
            Place(name: "import", address: "/#/playbooks/import", sign: "From a file"),
            Place(name: "run", address: "/#/run/shell_exec", sign: "The same call elsewhere"),
        ]

        /// Where something has to be chosen first.
        static let opened = [
            Place(name: "effect", address: "/#/effects", sign: "What it changes", option: "apply_patch"),
            Place(
                name: "undo", address: "/#/runs", sign: "What undoing it would change", option: "effect_apply",
                button: "Undo…"),
            Place(
                name: "effect-request", address: "/#/approvals", sign: "What it would change", option: "effect_apply"),
            Place(name: "detail", address: "/#/runs?text=writer", sign: "Receipt", option: "filesystem_read"),
            Place(
                name: "request", address: "/#/approvals", sign: "In the last 30 days", option: "filesystem_write",
                button: "Approve with a standing grant…"),
            Place(
                name: "task", address: "/#/tasks", sign: "waits for a person's decision", option: "see what is there"),
            Place(name: "failed-task", address: "/#/tasks", sign: "Try step 2 again", option: "read what is missing"),
            Place(
                name: "playbook", address: "/#/playbooks", sign: "Nothing was done", option: "search and read",
                button: "Dry run"),
        ]

        static let axe: String? = {
            let path = FileManager.default.currentDirectoryPath + "/.build/axe/axe_playwright_python/axe.min.js"
            return try? String(contentsOfFile: path, encoding: .utf8)
        }()

        /// A workspace and a record with something of everything.
        private func furnish(_ desk: Desk) async throws {
            _ = try await desk.daemon.run(
                "filesystem_read", ["path": "a.txt"], ["agent_id": "writer", "reason": "to see what is there"])
            _ = try await desk.daemon.run("filesystem_read", ["path": "missing.txt"], ["agent_id": "writer"])
            _ = try await desk.daemon.run("apply_patch", ["patch": "x"], ["agent_id": "reviewer"])
            _ = try await desk.daemon.configure(["max_steps_per_run": 40])
            _ = try await desk.daemon.run(
                "shell_exec", ["command": ["git", "push", "origin", "main"]], ["agent_id": "reviewer"])
            _ = try await desk.daemon.run("system_info", [:], ["dry_run": true])
            let first = try await desk.request(
                "filesystem_read", ["path": "a.txt"], reason: "to check the release notes", agent: "reviewer")
            try await decide(first, ["approved": false, "note": "ask the owner first"], at: desk)
            let second = try await desk.request(
                "git_log", ["limit": 5], reason: "to find who changed it", agent: "writer")
            try await decide(
                second,
                ["approved": true, "grant": ["tool_name": "git_log", "args": ["limit": ["exact": 5]], "uses": 20]],
                at: desk)
            try await desk.request("workspace_search", ["query": "TODO"], reason: "to plan the week", agent: "planner")
            try await desk.asksPeople()
            try await furnishTasks(desk)
            try await furnishEffects(desk)
            _ = try await desk.waitingRun("shell_exec", ["command": "git diff --stat"], ["agent_id": "reviewer"])
            _ = try await desk.waitingRun(
                "filesystem_write", ["path": "a.txt", "content": "good day\nto you all\n"],
                ["agent_id": "writer", "reason": "the greeting was too short"])
        }

        /// After ``Desk/asksPeople()``.
        private func furnishTasks(_ desk: Desk) async throws {
            let name = "see what is there, and whether the greeting in the first file is still what was agreed upon"
            let waiting = try await desk.makeTask(
                name,
                [
                    Tasks.read, ["tool_name": "filesystem_write", "args": Approvals.write, "description": "greet"],
                    Tasks.read,
                ], ["agent_id": "writer"])
            let failed = try await desk.makeTask(
                "read what is missing", [Tasks.read, Tasks.missing], ["max_retries": 0])
            for id in [waiting, failed] {
                _ = try await desk.daemon.send(.POST, "/api/v1/execution/tasks/\(id)/run")
                _ = try await desk.daemon.send(.POST, "/api/v1/execution/tasks/\(id)/run")
            }
            try await desk.makeTask("plan the week", [Tasks.read])
            let yaml = Playbooks.yaml.replacing("required: true", with: "default: hello")
            let id = try await desk.addPlaybook(yaml)
            _ = try await desk.daemon.send(
                .POST, "/api/v1/execution/playbooks/\(id)/run", ["variables": ["word": "hello"]])
        }

        /// A patch that waits for an approval, and after it one that was applied.
        private func furnishEffects(_ desk: Desk) async throws {
            try desk.playground.write("to go\n", to: "workspace/old/b.txt")
            for (tool, arguments) in [
                ("apply_patch", ["patch": .string(Effects.patch)]),
                ("filesystem_write", ["path": "notes/plan.md", "content": "# This week\n"]),
            ] as [(String, JSONValue)] {
                let found = try await desk.preview(tool, arguments)
                let id = try #require(found["effect_id"]?.stringValue, "\(found)")
                var body: [String: JSONValue] = ["effect_digest": found["effect_digest"] ?? ""]
                if tool == "filesystem_write" {
                    let approved = try await desk.daemon.send(
                        .POST, "/api/v1/execution/approve?tool_name=effect_apply",
                        ["args": .object(body.merging(["effect_id": .string(id)]) { $1 })])
                    body["approval_id"] = approved.json["approval_id"]
                } else {
                    body["wait_for_approval"] = true
                }
                let reply = try await desk.daemon.send(
                    .POST, "/api/v1/execution/effects/\(id)/apply", .object(body))
                #expect(reply.json["success"] == true, "\(reply.json)")
            }
        }

        private func decide(_ id: String, _ verdict: JSONValue, at desk: Desk) async throws {
            let reply = try await desk.daemon.send(.POST, "/api/v1/execution/approvals/\(id)", verdict)
            #expect(reply.status == 200, "\(reply.json)")
        }

        static func check(_ desk: Desk, _ what: String) async throws {
            guard let axe = Self.axe else { return }
            let found = try await desk.tab.driver.post(
                "execute/async",
                [
                    "script": .string(
                        axe + """
                            ;const done = arguments[arguments.length - 1];
                            axe.run(document, { resultTypes: ["violations"] }).then((result) =>
                              done(result.violations.map((one) => one.id + ": " + one.nodes.slice(0, 4).map((node) =>
                                node.target.join(" ") + " (" + (node.any[0]?.message ?? node.failureSummary) + ")").join("; "))));
                            """), "args": [],
                ])
            #expect(found == [], "axe on \(what)")
        }

        /// Pixels of the page beyond the right edge of the window.
        static func overhang(_ desk: Desk) async throws -> JSONValue {
            try await desk.tab.script(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        }

        @Test(
            "every page at three widths in both themes: photographed, without anything hanging over",
            arguments: ["light", "dark"])
        func photographs(theme: String) async throws {
            try await Desk.with { desk in
                try await furnish(desk)
                for (wide, high) in [(360, 780), (1280, 900), (2560, 1440)] {
                    try await desk.tab.looks(wide: wide, high: high, theme: theme)
                    for place in Self.places + Self.opened {
                        try await desk.tab.open(place.address)
                        if let option = place.option { try await desk.tab.press(.option, option) }
                        if let button = place.button { try await desk.tab.press(.button, button) }
                        try await desk.tab.shows(place.sign.isEmpty ? "Execution Layer" : place.sign)
                        try await desk.tab.waits(for: "!document.querySelector('.loading')")
                        try await desk.tab.script("document.querySelector('.grant')?.scrollIntoView()")
                        #expect(try await Self.overhang(desk) == 0, "\(place.name) at \(wide)")
                        try await desk.tab.photograph(as: "\(place.name)-\(theme)-\(wide)")
                    }
                }
            }
        }

        @Test("the door and the lockdown, photographed", arguments: ["light", "dark"])
        func others(theme: String) async throws {
            try await Desk.with(isSignedIn: false) { desk in
                for (wide, high) in [(360, 780), (1280, 900), (2560, 1440)] {
                    try await desk.tab.looks(wide: wide, high: high, theme: theme)
                    try await desk.tab.shows("A token is required.")
                    try await desk.tab.photograph(as: "sign-in-\(theme)-\(wide)")
                }
                try await Self.check(desk, "the door, \(theme)")
                try await desk.signIn()
                for (wide, high) in [(2560, 1440), (1280, 900), (360, 780)] {
                    try await desk.tab.looks(wide: wide, high: high, theme: theme)
                    try await desk.tab.press(.button, "Lockdown")
                    try await desk.tab.shows("Stop everything?")
                    try await desk.tab.photograph(as: "lockdown-question-\(theme)-\(wide)")
                    if wide == 1280 { try await Self.check(desk, "the question, \(theme)") }
                    try await desk.tab.keys(.escape)
                }
                _ = try await desk.daemon.send(
                    .POST, "/api/v1/execution/lockdown", ["active": true, "reason": "a key was leaked"])
                try await desk.tab.shows("Nothing runs")
                for (wide, high) in [(360, 780), (1280, 900), (2560, 1440)] {
                    try await desk.tab.looks(wide: wide, high: high, theme: theme)
                    try await desk.tab.photograph(as: "lockdown-\(theme)-\(wide)")
                }
                try await Self.check(desk, "the lockdown, \(theme)")
            }
        }

        @Test(
            "axe finds no violation on any page",
            .enabled(if: axe != nil, "needs axe.min.js, which ./test fetches from PyPI"),
            arguments: ["light", "dark"])
        func accessible(theme: String) async throws {
            try await Desk.with { desk in
                try await furnish(desk)
                try await desk.tab.looks(wide: 1280, high: 900, theme: theme, isStill: true)
                for place in Self.places {
                    try await desk.tab.open(place.address)
                    try await desk.tab.shows(place.sign)
                    try await desk.tab.waits(for: "!document.querySelector('.loading')")
                    try await Self.check(desk, "\(place.name), \(theme)")
                }
                for place in Self.opened {
                    try await desk.tab.open(place.address)
                    if let option = place.option { try await desk.tab.press(.option, option) }
                    if let button = place.button { try await desk.tab.press(.button, button) }
                    try await desk.tab.shows(place.sign)
                    try await desk.tab.waits(for: "!text().includes('Checking in this browser')")
                    try await Self.check(desk, "\(place.name), \(theme)")
                }
                try await desk.tab.open("/#/run/filesystem_read")
                try await desk.tab.type("a.txt", into: "path")
                try await desk.tab.press(.button, "Run it")
                try await desk.tab.shows("It ran")
                try await Self.check(desk, "an answer, \(theme)")
            }
        }

        @Test("the theme can be chosen and stays chosen")
        func theme() async throws {
            try await Desk.with { desk in
                try await desk.tab.press(.button, "Colours: as the system")
                try await desk.tab.press(.button, "Colours: light")
                _ = try await desk.tab.find(.button, "Colours: dark")
                let ground = "getComputedStyle(document.documentElement).backgroundColor"
                #expect(try await desk.tab.script("return \(ground)") == "rgb(13, 17, 23)")
                try await desk.tab.reload()
                try await desk.tab.shows("filesystem_read")
                #expect(try await desk.tab.script("return \(ground)") == "rgb(13, 17, 23)")
            }
        }

        @Test("nothing moves for those who asked for that")
        func still() async throws {
            try await Desk.with { desk in
                try await desk.tab.looks(wide: 1280, high: 900, isStill: true)
                let moving = try await desk.tab.script(
                    """
                    return [...document.querySelectorAll("*")].filter((one) => {
                      const style = getComputedStyle(one);
                      return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
                    }).length
                    """)
                #expect(moving == 0)
            }
        }

        @Test(
            "whichever page is opened weighs less than 150 KB, all together less than 220 KB, and nobody but the daemon is asked",
            arguments: [
                (["Layer"], 150_000), (["Approvals"], 150_000), (["Effects"], 150_000), (["Tasks"], 150_000),
                (["Playbooks"], 150_000), (["Runs"], 150_000),
                (["Approvals", "Effects", "Tasks", "Playbooks", "Runs"], 220_000),
            ])
        func weight(of pages: [String], limit: Int) async throws {
            try await Desk.with { desk in
                for page in pages {
                    try await desk.tab.press(.link, page)
                    _ = try await desk.tab.find(.heading, page == "Layer" ? "Execution Layer" : page)
                }
                let seen = try await desk.tab.script(
                    """
                    const files = performance.getEntriesByType("resource").filter((one) => one.name.includes("/dashboard/"));
                    const page = performance.getEntriesByType("navigation")[0];
                    const others = performance.getEntriesByType("resource").filter((one) => !one.name.startsWith(location.origin));
                    return [files.reduce((sum, one) => sum + one.decodedBodySize, page.decodedBodySize), files.length, others.length];
                    """)
                let weight = seen.arrayValue?.compactMap(\.integerValue) ?? []
                print("the page weighs \(weight) (bytes, files, addresses elsewhere)")
                try #require(weight.count == 3)
                #expect((1..<limit).contains(weight[0]))
                #expect(weight[1] > 10)
                #expect(weight[2] == 0)
            }
        }
    }
}
