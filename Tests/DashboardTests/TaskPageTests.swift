import Foundation
import NIOHTTP1
import Testing
import ToolKit

extension Desk {
    /// - Returns: Its id.
    @discardableResult
    func makeTask(
        _ goal: String, _ steps: JSONValue, _ more: [String: JSONValue] = [:], token: String?? = .none
    ) async throws -> String {
        let body = more.merging(["goal": .string(goal), "steps": steps]) { own, _ in own }
        let reply = try await daemon.send(.POST, "/api/v1/execution/tasks", .object(body), token: token)
        return try #require(reply.json["task_id"]?.stringValue, "\(reply.json)")
    }

    func task(_ id: String) async throws -> JSONValue {
        try await daemon.send(.GET, "/api/v1/execution/tasks/\(id)").json["task"] ?? .null
    }

    /// From now on what the page would have the browser save is kept in `window.saved`, as name and text.
    func catchesDownloads() async throws {
        try await tab.script(
            """
            HTMLAnchorElement.prototype.click = function () {
              const name = this.download;
              window.lastBlob.text().then((text) => (window.saved = [name, text]));
            };
            URL.createObjectURL = (blob) => { window.lastBlob = blob; return "blob:none"; };
            """)
    }
}

extension Dashboard {
    @Suite("Tasks on the page")
    struct Tasks {
        static let read: JSONValue = ["tool_name": "filesystem_read", "args": ["path": "a.txt"]]
        static let missing: JSONValue = [
            "tool_name": "filesystem_read", "args": ["path": "later.txt"], "description": "what comes later",
        ]

        @Test("a task is made in the form, started, and followed to its end")
        func create() async throws {
            try await Desk.with { desk in
                try await desk.tab.press(.link, "Tasks")
                try await desk.tab.shows("There is no task yet")
                try await desk.tab.press(.button, "New task")
                try await desk.tab.type("see the greeting", into: "Goal")
                try await desk.tab.paste(
                    #"[{"tool_name": "filesystem_read", "args": {"path": "a.txt"}, "description": "the greeting"}, {"tool_name": "system_info"}]"#,
                    into: "Steps (JSON)")
                try await desk.tab.press(.button, "Make the task")
                try await desk.tab.shows("2 of 2 steps done")
                try await desk.tab.shows("Completed")
                try await desk.tab.shows("the greeting")
                try await desk.tab.script("document.querySelector('.timeline summary').click()")
                try await desk.tab.shows("hello")
                try await desk.tab.waits(for: "find('option', 'see the greeting')?.innerText.includes('Completed')")
                try await desk.tab.press(.link, "The entry of step 1 in the record")
                try await desk.tab.shows("Receipt")
            }
        }

        @Test("what is wrong with a new task is said at its field, nothing is made, and what was typed stays")
        func wrong() async throws {
            try await Desk.with { desk in
                try await desk.tab.open("/#/tasks/new")
                try await desk.tab.press(.button, "Make the task")
                try await desk.tab.shows("This is needed.")
                try await desk.tab.type("look", into: "Goal")
                try await desk.tab.paste("{", into: "Steps (JSON)")
                try await desk.tab.press(.button, "Make the task")
                try await desk.tab.shows("This must be a JSON list of steps.")
                try await desk.tab.paste(
                    #"[{"tool_name": "filesystem_raed"}, {"tool_name": "filesystem_read", "args": {"path": 5}}]"#,
                    into: "Steps (JSON)")
                try await desk.tab.press(.button, "Make the task")
                try await desk.tab.shows("steps[0].tool_name")
                try await desk.tab.shows("steps[1].args.path")
                let isMarked = try await desk.tab.script(
                    "return find('textbox', 'Steps (JSON)').getAttribute('aria-invalid')")
                #expect(isMarked == "true")
                try await desk.tab.press(.link, "Layer")
                try await desk.tab.press(.link, "Tasks")
                try await desk.tab.press(.button, "New task")
                #expect(try await desk.tab.script("return find('textbox', 'Goal').value") == "look")
                let made = try await desk.daemon.send(.GET, "/api/v1/execution/tasks")
                #expect(made.json["count"] == 0)
            }
        }

        @Test(
            "while the daemon does not answer, what was typed stays, and a page that was never opened can be tried again"
        )
        func lost() async throws {
            try await Desk.with { desk in
                try await desk.tab.open("/#/tasks/new")
                try await desk.tab.type("look again", into: "Goal")
                try await desk.tab.paste(#"[{"tool_name": "system_info"}]"#, into: "Steps (JSON)")
                let port = try #require(desk.daemon.base.split(separator: ":").last.map(String.init))
                await desk.daemon.stop()
                try await desk.tab.press(.button, "Make the task")
                try await desk.tab.shows("The daemon does not answer.")
                try await desk.tab.press(.link, "Playbooks")
                try await desk.tab.shows("This page could not be fetched.")
                let again = try await Daemon(in: desk.playground, token: Desk.token, arguments: ["--port", port])
                try await desk.tab.press(.button, "Try again")
                try await desk.tab.shows("check-a-change")
                try await desk.tab.press(.link, "Tasks")
                try await desk.tab.press(.button, "New task")
                try await desk.tab.press(.button, "Make the task")
                try await desk.tab.shows("1 of 1 step done")
                await again.stop()
            }
        }

        @Test("one step at a time, paused, resumed and cancelled with the buttons of the page")
        func controls() async throws {
            try await Desk.with { desk in
                let id = try await desk.makeTask("three looks", [Self.read, Self.read, Self.read])
                try await desk.tab.open("/#/tasks/\(id)")
                try await desk.tab.shows("Not begun")
                try await desk.tab.press(.button, "Run one step")
                try await desk.tab.shows("Step 1: done.")
                try await desk.tab.shows("1 of 3 steps done")
                try await desk.tab.press(.button, "Pause")
                try await desk.tab.shows("Operator paused it.")
                #expect(!(try await desk.tab.has(.button, "Run one step")))
                try await desk.tab.press(.button, "Resume")
                try await desk.tab.hides("Operator paused it.")
                try await desk.tab.press(.button, "Cancel the task…")
                try await desk.tab.press(.button, "Cancel the task")
                try await desk.tab.shows("Operator cancelled it.")
                #expect(try await desk.task(id)["status"] == "cancelled")
                #expect(!(try await desk.tab.has(.button, "Pause")))
            }
        }

        @Test("a step that failed says why, and is tried again when somebody says so")
        func retry() async throws {
            try await Desk.with { desk in
                let id = try await desk.makeTask("read it", [Self.missing], ["max_retries": 0])
                try await desk.tab.open("/#/tasks/\(id)")
                try await desk.tab.press(.button, "Start")
                try await desk.tab.shows("Failed")
                try await desk.tab.waits(
                    for: "document.querySelector('.timeline .failed')?.innerText.includes('later.txt')")
                try desk.playground.write("now\n", to: "workspace/later.txt")
                try await desk.tab.press(.button, "Try step 1 again")
                try await desk.tab.shows("1 of 1 step done")
                #expect(try await desk.task(id)["status"] == "completed")
            }
        }

        @Test(
            "a step that waits for a person leads to its request, which names the task; approved, it goes on by itself")
        func waiting() async throws {
            try await Desk.with { desk in
                try await desk.asksPeople()
                let id = try await desk.makeTask(
                    "greet", [["tool_name": "filesystem_write", "args": Approvals.write], Self.read])
                try await desk.tab.open("/#/tasks/\(id)")
                try await desk.tab.press(.button, "Start")
                try await desk.tab.shows("Step 1 waits for a person's decision.")
                try await desk.tab.press(.link, "Look at the request")
                try await desk.tab.shows("a step of a task")
                _ = try await desk.tab.find(.link, "step 1 of a task")
                try await desk.tab.press(.button, "Approve and run")
                try await desk.tab.shows("Nothing waits for you")
                try await desk.tab.press(.link, "Tasks")
                try await desk.tab.press(.option, "greet")
                try await desk.tab.shows("2 of 2 steps done")
                #expect(try desk.playground.read("workspace/a.txt") == "good day\n")
            }
        }

        @Test("a plan that crosses a budget says so in words, and no standing grant is offered for it")
        func budget() async throws {
            try await Desk.with { desk in
                try await desk.daemon.enable("filesystem_write")
                let reply = try await desk.daemon.configure(["task_budgets": ["bytes_written": 3]])
                #expect(reply.status == 200, "\(reply.json)")
                let id = try await desk.makeTask("greet", [["tool_name": "filesystem_write", "args": Approvals.write]])
                _ = try await desk.daemon.send(.POST, "/api/v1/execution/tasks/\(id)/start")
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.shows("It would cross a budget")
                try await desk.tab.shows("for this task are used")
                #expect(try await desk.tab.has(.button, "Approve and run"))
                #expect(!(try await desk.tab.has(.button, "Approve with a standing grant…")))
                let asked = try await desk.daemon.send(.GET, "/api/v1/execution/approvals").json["approvals"]
                let item = try #require(asked?.arrayValue?.first?["approval_request_id"]?.stringValue)
                _ = try await desk.daemon.send(.POST, "/api/v1/execution/tasks/\(id)/cancel")
                try await desk.tab.shows("This request no longer waits")
                try await desk.tab.reload()
                try await desk.tab.open("/#/approvals/\(item)")
                try await desk.tab.shows("It was withdrawn")
            }
        }

        @Test("files of steps are saved with the token that no link carries")
        func files() async throws {
            try await Desk.with { desk in
                let id = try await desk.makeTask("look", [Self.read])
                _ = try await desk.daemon.send(.POST, "/api/v1/execution/tasks/\(id)/run")
                try await desk.tab.open("/#/tasks/\(id)")
                try await desk.tab.shows("step-1.json")
                try await desk.catchesDownloads()
                try await desk.tab.press(.button, "Download step-1.json")
                let saved = try await desk.tab.waits(for: "window.saved")
                #expect(saved.arrayValue?.first == "step-1.json")
                #expect(saved.arrayValue?.last?.stringValue?.contains("hello") == true)
            }
        }

        @Test("a viewer sees every task and controls none; an agent sees its own")
        func roles() async throws {
            try await Desk.with { desk in
                let id = try await desk.makeTask("the operator's", [Self.read])
                let agent = try await desk.makeToken("agent", "helper").token
                try await desk.makeTask("the helper's", [Self.read], token: agent)
                let viewer = try await desk.secondTab(signedInWith: try await desk.makeToken("viewer", "guest").token)
                try await viewer.open("/#/tasks/\(id)")
                try await viewer.shows("0 of 1 step done")
                try await viewer.shows("the helper's")
                for name in ["Start", "New task"] { #expect(!(try await viewer.has(.button, name))) }
                try await viewer.close()
                let helper = try await desk.secondTab(signedInWith: agent)
                try await helper.press(.link, "Tasks")
                try await helper.press(.option, "the helper's")
                _ = try await helper.find(.button, "Start")
                #expect(!(try await helper.has(.option, "the operator's")))
                try await helper.close()
            }
        }

        @Test("needs no mouse: arrows walk the list, Enter opens, and Tab reaches the buttons and the steps")
        func keyboard() async throws {
            try await Desk.with { desk in
                let first = try await desk.makeTask("first", [Self.read, Self.read])
                try await desk.makeTask("second", [Self.read])
                try await desk.tab.tabs(to: "Tasks")
                try await desk.tab.keys(.enter)
                try await desk.tab.shows("second")
                try await desk.tab.tabs(to: "Tasks, newest first")
                try await desk.tab.keys(.down, .enter)
                try await desk.tab.waits(for: "document.querySelector('.detail h2')?.innerText === 'first'")
                try await desk.tab.tabs(to: "Run one step")
                try await desk.tab.keys(.enter)
                try await desk.tab.shows("Step 1: done.")
                try await desk.tab.tabs(to: "Arguments and result of step 1")
                try await desk.tab.keys(.enter)
                try await desk.tab.shows("hello")
                // What is open stays open while the task goes on.
                _ = try await desk.daemon.send(.POST, "/api/v1/execution/tasks/\(first)/run")
                try await desk.tab.shows("2 of 2 steps done")
                try await desk.tab.shows("hello")
            }
        }

        @Test("the list is filtered by state, and read on to the very first task")
        func list() async throws {
            try await Desk.with { desk in
                try await desk.makeTask("the oldest of all", [Self.read])
                for number in 1...119 { try await desk.makeTask("task \(number)", [Self.read]) }
                let done = try await desk.makeTask("the one that is done", [Self.read])
                _ = try await desk.daemon.send(.POST, "/api/v1/execution/tasks/\(done)/run")
                _ = try await desk.daemon.send(.POST, "/api/v1/execution/tasks/\(done)/run")
                try await desk.tab.press(.link, "Tasks")
                try await desk.tab.shows("the one that is done")
                // The end of what was read, then the end of all.
                try await desk.tab.waits(
                    for: """
                        (() => { const box = document.querySelector('.listbox'); box.scrollTop = box.scrollHeight;
                          return box.innerText.includes('the oldest of all'); })()
                        """)
                try await desk.tab.choose("Completed", in: "State")
                try await desk.tab.hides("task 119")
                try await desk.tab.shows("the one that is done")
                #expect(
                    try await desk.tab.script("return all('option').filter((e) => e.role === 'option').length") == 1)
            }
        }
    }
}
