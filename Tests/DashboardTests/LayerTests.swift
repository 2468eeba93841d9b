import NIOHTTP1
import Testing
import ToolKit

extension Dashboard {
    @Suite("The card of the layer")
    struct Layer {
        @Test("a tool switched off here is refused to an agent at once")
        func off() async throws {
            try await Desk.with { desk in
                let agent = try await desk.makeToken("agent", "helper").token
                let read: JSONValue = ["path": "a.txt"]
                #expect(try await desk.daemon.run("filesystem_read", read, token: agent).json["success"] == true)
                try await desk.tab.press(.switch, "filesystem_read")
                try await desk.tab.waits(for: "find('switch', 'filesystem_read').ariaChecked === 'false'")
                #expect(try await desk.daemon.run("filesystem_read", read, token: agent).code == "tool_disabled")
                try await desk.tab.press(.switch, "filesystem_read")
                try await desk.tab.waits(for: "find('switch', 'filesystem_read').ariaChecked === 'true'")
                #expect(try await desk.daemon.run("filesystem_read", read, token: agent).json["success"] == true)
            }
        }

        @Test("a tool of high risk asks before it is switched on, and Escape leaves it off")
        func high() async throws {
            try await Desk.with { desk in
                try await desk.tab.press(.switch, "apply_patch")
                try await desk.tab.shows("It is of high risk.")
                try await desk.tab.keys(.escape)
                try await desk.tab.hides("It is of high risk.")
                let listed = try await desk.daemon.send(.GET, "/api/v1/execution/config").json["config"]
                #expect(listed?["tool_enabled"]?["apply_patch"] == false)
                try await desk.tab.press(.switch, "apply_patch")
                try await desk.tab.press(.button, "Turn it on")
                try await desk.tab.waits(for: "find('switch', 'apply_patch').ariaChecked === 'true'")
            }
        }

        @Test("shows risk, availability and why")
        func facts() async throws {
            try await Desk.with { desk in
                try await desk.tab.shows("Not available: needs Windows")
                let row = "find('switch', 'apply_patch').closest('li').innerText"
                try await desk.tab.waits(for: "\(row).includes('high risk')")
                try await desk.tab.type("eventlog", into: "Find a tool", .searchbox)
                try await desk.tab.hides("apply_patch")
                try await desk.tab.type("nonsense", into: "Find a tool", .searchbox)
                try await desk.tab.shows("No tool fits")
            }
        }

        @Test("a setting out of bounds is refused at its field, a good one holds at once")
        func settings() async throws {
            try await Desk.with { desk in
                try await desk.tab.type("0", into: "Steps of one task, at most")
                try await desk.tab.press(.button, "Save")
                try await desk.tab.shows("This must be a whole number from 1 to 10,000.")
                let focused = try await desk.tab.script(
                    "return [nameOf(document.activeElement), document.activeElement.ariaInvalid]")
                #expect(focused == ["Steps of one task, at most", "true"])
                try await desk.tab.type("75", into: "Steps of one task, at most")
                try await desk.tab.choose("Policy, and calls that are risky", in: "When a person is asked")
                try await desk.tab.press(.button, "Save")
                try await desk.tab.shows("Saved. It holds from the next call on.")
                try await desk.tab.shows("Calls of medium and high risk wait for a person.")
                let config = try await desk.daemon.send(.GET, "/api/v1/execution/config").json["config"]
                #expect(config?["max_steps_per_run"] == 75 && config?["approval_mode"] == "require_approval")
                #expect(try await desk.daemon.run("shell_exec", ["command": "git status"]).status == 403)
            }
        }

        @Test("a change made elsewhere appears, and what is being typed stays")
        func elsewhere() async throws {
            try await Desk.with { desk in
                try await desk.tab.type("60", into: "Steps of one task, at most")
                _ = try await desk.daemon.configure(["max_retries_per_tool": 9, "max_steps_per_run": 40])
                try await desk.tab.waits(for: "find('textbox', 'Tries again after a failure, at most').value === '9'")
                #expect(try await desk.tab.script("return find('textbox', 'Steps of one task, at most').value") == "60")
                try await desk.tab.press(.button, "Discard")
                try await desk.tab.waits(for: "find('textbox', 'Steps of one task, at most').value === '40'")
            }
        }

        @Test("a configuration file that broke under a hand edit is said")
        func broken() async throws {
            try await Desk.with { desk in
                try desk.playground.write("{", to: "home/config/execution_layer_config.json")
                try await desk.tab.shows("The configuration file was edited and cannot be used")
            }
        }

        @Test("a run appears among the last ones by itself, and leads to its entry")
        func lastRuns() async throws {
            try await Desk.with { desk in
                try await desk.tab.shows("Nothing ran yet")
                _ = try await desk.daemon.run("filesystem_read", ["path": "a.txt"], ["agent_id": "seen-here"])
                try await desk.tab.shows("seen-here")
                try await desk.tab.press(.link, "filesystem_read")
                try await desk.tab.shows("Receipt")
            }
        }

        @Test("a daemon that stops answering is said, and what was typed is still there when it is back")
        func lost() async throws {
            try await Desk.with { desk in
                try await desk.tab.type("61", into: "Steps of one task, at most")
                await desk.daemon.kill()
                try await desk.tab.shows("Disconnected, trying again")
                #expect(try await desk.tab.script("return find('textbox', 'Steps of one task, at most').value") == "61")
                let port = desk.daemon.base.split(separator: ":").last.map(String.init) ?? ""
                let again = try await Daemon(in: desk.playground, token: Desk.token, arguments: ["--port", port])
                try await desk.tab.hides("Disconnected, trying again")
                #expect(try await desk.tab.script("return find('textbox', 'Steps of one task, at most').value") == "61")
                await again.stop()
            }
        }
    }
}
