import Foundation
import NIOHTTP1
import Testing
import ToolKit

extension Desk {
    /// - Returns: Its id.
    @discardableResult
    func addPlaybook(_ yaml: String) async throws -> String {
        let reply = try await daemon.send(.POST, "/api/v1/execution/playbooks", ["yaml": .string(yaml)])
        return try #require(reply.json["playbook_id"]?.stringValue, "\(reply.json)")
    }
}

extension Dashboard {
    @Suite("Playbooks on the page")
    struct Playbooks {
        static let yaml = """
            name: search and read
            category: overview
            tags: [search]
            description: finds a word and reads a file
            variables:
              word: {type: string, description: what to look for, required: true}
              file: {type: string, default: a.txt}
              matches: {type: integer, default: 5}
            steps:
              - tool_name: workspace_search
                args: {query: "{word}", max_matches: "{matches}"}
                description: look for it
              - tool_name: filesystem_read
                args: {path: "{file}"}

            """

        @Test("text is imported, its variables are a form, a dry run shows the plan of every step, and a run is a task")
        func run() async throws {
            try await Desk.with { desk in
                try await desk.tab.press(.link, "Playbooks")
                try await desk.tab.shows("check-a-change")
                try await desk.tab.press(.button, "Import YAML")
                try await desk.tab.paste(Self.yaml, into: "YAML")
                try await desk.tab.press(.button, "Import")
                try await desk.tab.shows("finds a word and reads a file")
                try await desk.tab.shows("It has never run.")
                try await desk.tab.type("hello", into: "word required")
                try await desk.tab.press(.button, "Dry run")
                try await desk.tab.shows("Nothing was done. This is what would happen.")
                #expect(try await desk.daemon.send(.GET, "/api/v1/execution/tasks").json["count"] == 0)
                try await desk.tab.press(.button, "Run it")
                try await desk.tab.shows("Every step is done.")
                try await desk.tab.shows("2 of 2 steps ran.")
                try await desk.tab.shows("1: 1 worked, 0 failed")
                try await desk.tab.press(.link, "Its task")
                try await desk.tab.shows("2 of 2 steps done")
                try await desk.tab.press(.link, "a playbook")
                try await desk.tab.shows("finds a word and reads a file")
            }
        }

        @Test("a value that is missing or of another type is said at its field, and nothing runs")
        func wrong() async throws {
            try await Desk.with { desk in
                let id = try await desk.addPlaybook(Self.yaml)
                try await desk.tab.open("/#/playbooks/\(id)")
                try await desk.tab.press(.button, "Run it")
                try await desk.tab.shows("steps[0].args.query")
                try await desk.tab.type("x", into: "word required")
                try await desk.tab.type("many", into: "matches")
                try await desk.tab.press(.button, "Run it")
                try await desk.tab.shows("This must be a whole number")
                try await desk.tab.type("100000000", into: "matches")
                try await desk.tab.press(.button, "Run it")
                try await desk.tab.shows("steps[0].args.max_matches")
                #expect(try await desk.daemon.send(.GET, "/api/v1/execution/tasks").json["count"] == 0)
            }
        }

        @Test("a step that fails or waits is said where it stopped, with the way to its task")
        func stopped() async throws {
            try await Desk.with { desk in
                try await desk.asksPeople()
                let id = try await desk.addPlaybook(
                    """
                    name: greet
                    variables:
                      text: {type: string, required: true}
                    steps:
                      - tool_name: filesystem_write
                        args: {path: a.txt, content: "{text}"}

                    """)
                try await desk.tab.open("/#/playbooks/\(id)")
                try await desk.tab.type("good day", into: "text required")
                try await desk.tab.press(.button, "Run it")
                try await desk.tab.shows("A step waits for a person.")
                try await desk.tab.press(.link, "The request that waits")
                try await desk.tab.press(.button, "Approve and run")
                try await desk.tab.shows("Nothing waits for you")
                #expect(try desk.playground.read("workspace/a.txt") == "good day")
            }
        }

        @Test("text that is no playbook is refused with its line or field, and stays to be mended")
        func refused() async throws {
            try await Desk.with { desk in
                try await desk.tab.open("/#/playbooks/import")
                try await desk.tab.paste("name: x\nsteps:\n  - tool_name: filesystem_raed\n", into: "YAML")
                try await desk.tab.press(.button, "Import")
                try await desk.tab.shows("steps[0].tool_name")
                try await desk.tab.paste("a: &x 1\nb: *x\n", into: "YAML")
                try await desk.tab.press(.button, "Import")
                try await desk.tab.shows("line 1")
                #expect(try await desk.tab.script("return find('textbox', 'YAML').value.length") == 14)
            }
        }

        @Test("an export is saved as it is imported; an operator deletes what is not built in, after a question")
        func keep() async throws {
            try await Desk.with { desk in
                let id = try await desk.addPlaybook(Self.yaml)
                try await desk.tab.open("/#/playbooks/\(id)")
                _ = try await desk.tab.find(.button, "Export as YAML")
                try await desk.catchesDownloads()
                try await desk.tab.press(.button, "Export as YAML")
                let saved = try await desk.tab.waits(for: "window.saved").arrayValue ?? []
                #expect(saved.first == "search-and-read.yaml")
                try await desk.tab.press(.button, "Delete…")
                try await desk.tab.press(.button, "Delete")
                try await desk.tab.hides("search and read")
                try await desk.addPlaybook(try #require(saved.last?.stringValue))
                try await desk.tab.press(.option, "check-a-change")
                _ = try await desk.tab.find(.button, "Export as YAML")
                #expect(!(try await desk.tab.has(.button, "Delete…")))
            }
        }

        @Test("who may not make playbooks is offered neither import nor delete, and a viewer no run")
        func roles() async throws {
            try await Desk.with { desk in
                let id = try await desk.addPlaybook(Self.yaml)
                for (role, mayRun) in [("agent", true), ("viewer", false)] {
                    let other = try await desk.secondTab(
                        signedInWith: try await desk.makeToken(role, "a-\(role)").token)
                    try await other.open("/#/playbooks/\(id)")
                    _ = try await other.find(.button, "Export as YAML")
                    #expect(try await other.has(.button, "Dry run") == mayRun)
                    for name in ["Import", "Delete…"] { #expect(!(try await other.has(.button, name))) }
                    try await other.close()
                }
            }
        }
    }
}
