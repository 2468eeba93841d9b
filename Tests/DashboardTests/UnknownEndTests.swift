import Foundation
import NIOHTTP1
import Testing
import ToolKit

extension Dashboard {
    @Suite(
        "A run of which nobody knows how it ended, on the page",
        .enabled(if: Sandboxing.isPossible, Sandboxing.reason))
    struct UnknownEnd {
        /// A daemon was killed in the middle of an approved program that may not be repeated.
        private func leave(_ playground: Playground) async throws {
            try playground.write(
                "test:\n\t@mkdir -p build; echo ran >> build/log; if [ ! -e again ]; then sleep 600; fi\n",
                to: "workspace/Makefile")
            let daemon = try await Daemon(in: playground, token: Desk.token)
            #expect(try await daemon.configure(["approval_mode": "require_approval"]).status == 200)
            let waiting = try await daemon.run(
                "shell_exec", ["command": ["make", "test"], "timeout_sec": 600],
                ["wait_for_approval": true, "reason": "to see the tests"])
            let id = try #require(waiting.json["approval_request_id"]?.stringValue)
            async let decided = daemon.send(
                .POST, "/api/v1/execution/approvals/\(id)", ["approved": true])
            while !playground.isBeingWritten("log") { try await Task.sleep(for: .milliseconds(20)) }
            await daemon.kill()
            _ = try? await decided
            try playground.write("", to: "workspace/again")
        }

        @Test(
            "is shown with what is known, and takes one of three answers and no approval",
            arguments: [
                ("It happened", "Kept: it happened.", "happened", "said to have happened", 0),
                ("Run it again", "It was run again.", "retry", "run again", 1),
                ("Give it up", "Given up. It does not run again.", "abandon", "given up", 0),
            ])
        func answer(_ press: String, _ says: String, _ word: String, _ later: String, _ runs: Int) async throws {
            try await Desk.with(prepare: leave) { desk in
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.shows("nobody knows how it ended")
                try await desk.tab.shows("It may have done all of what it was to do, a part, or nothing.")
                try await desk.tab.shows("never: it waits as long as it takes")
                _ = try await desk.tab.find(.link, "Its entry in the record")
                for name in ["Approve and run", "Deny", "Approve with a standing grant…"] {
                    #expect(!(try await desk.tab.has(.button, name)), "\(name)")
                }
                let waiting = try await desk.daemon.send(.GET, "/api/v1/execution/approvals").json["approvals"]
                let id = try #require(waiting?.arrayValue?.first?["approval_request_id"]?.stringValue)
                try await desk.tab.type("I looked", into: "Note")
                // By keyboard, as one who has no mouse.
                try await desk.tab.tabs(to: press)
                try await desk.tab.keys(.enter)
                try await desk.tab.shows(says)
                try await desk.tab.shows("Nothing waits for you")
                #expect(try await desk.item(id)["resolution"] == .string(word))
                #expect(try await desk.item(id)["note"] == "I looked")
                // The program that was killed had written to its layer only.
                let log = (try? desk.playground.read("workspace/build/log")) ?? ""
                #expect(log == String(repeating: "ran\n", count: runs))
                try await desk.tab.open("/#/approvals/\(id)")
                try await desk.tab.reload()
                try await desk.tab.shows("It was \(later)")
            }
        }

        @Test("looks well at every width in both themes", arguments: ["light", "dark"])
        func look(theme: String) async throws {
            try await Desk.with(prepare: leave) { desk in
                for (wide, high) in [(360, 780), (1280, 900), (2560, 1440)] {
                    try await desk.tab.looks(wide: wide, high: high, theme: theme, isStill: true)
                    let asked = try await desk.daemon.send(.GET, "/api/v1/execution/approvals").json["approvals"]
                    let id = asked?.arrayValue?.first?["approval_request_id"]?.stringValue ?? ""
                    try await desk.tab.open("/#/approvals/\(id)")
                    try await desk.tab.shows("Give it up")
                    try await Look.check(desk, "a run of unknown end, \(theme), \(wide)")
                    #expect(try await Look.overhang(desk) == 0, "at \(wide)")
                    try await desk.tab.photograph(as: "unknown-end-\(theme)-\(wide)")
                }
            }
        }
    }
}
