import NIOHTTP1
import Testing
import ToolKit

extension Dashboard {
    @Suite("An answer that comes late")
    struct LateAnswers {
        /// Holds back the answers of paths that contain `word`, the first `count` of them, until `release()`.
        private static func hold(_ word: String, _ count: Int, in tab: Tab) async throws {
            try await tab.script(
                """
                const real = window.fetch;
                let left = arguments[1];
                window.held = 0;
                window.settled = 0;
                const released = new Promise((resolve) => { window.release = resolve; });
                window.fetch = async (address, options) => {
                  const response = await real(address, options);
                  if (!String(address).includes(arguments[0]) || left === 0) return response;
                  left -= 1;
                  window.held += 1;
                  await released;
                  // Once the page has had time to do with it whatever it does.
                  setTimeout(() => requestAnimationFrame(() => setTimeout(() => { window.settled += 1; }, 100)), 100);
                  return response;
                };
                """, .string(word), .integer(count))
        }

        private static func release(in tab: Tab) async throws {
            try await tab.script("window.release()")
            try await tab.waits(for: "window.settled === window.held")
        }

        @Test("to somebody who has signed out is not shown to whoever signs in after them")
        func signedOut() async throws {
            try await Desk.with { desk in
                let bot = try await desk.makeToken("agent", "bot").token
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.shows("Nothing waits")
                try await Self.hold("/approvals?", 1, in: desk.tab)
                try await desk.request("filesystem_read", ["path": "operators-own.txt"])
                try await desk.tab.waits(for: "window.held === 1")
                try await desk.tab.press(.button, "Sign out")
                try await desk.signIn(with: bot)
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.shows("Nothing waits")
                try await Self.release(in: desk.tab)
                let text = try await desk.tab.text
                #expect(!text.contains("operators-own.txt") && text.contains("Nothing waits"))
                // The control: what is asked for now is shown.
                try await desk.request("filesystem_read", ["path": "bots-own.txt"], token: .some(bot))
                try await desk.tab.shows("bots-own.txt")
            }
        }

        @Test("about a grant's reach does not stand for a rule that was edited since")
        func reach() async throws {
            try await Desk.with { desk in
                try await desk.asksPeople()
                for path in ["notes/b.txt", "a.txt"] {
                    _ = try await desk.waitingRun("filesystem_write", ["path": .string(path), "content": "x\n"])
                }
                try await desk.tab.press(.link, "Approvals")
                _ = try await desk.tab.find(.button, "Approve with a standing grant…")
                try await Self.hold("/reach", 1, in: desk.tab)
                try await desk.tab.press(.button, "Approve with a standing grant…")
                try await desk.tab.waits(for: "window.held === 1")
                try await desk.tab.choose("begins with", in: "path: how it must fit")
                try await desk.tab.type("nowhere", into: "path: its beginning")
                try await desk.tab.shows("this rule would have let 0 calls pass")
                try await Self.release(in: desk.tab)
                #expect(try await desk.tab.text.contains("this rule would have let 0 calls pass"))
                // The control: the rule as it was first.
                try await desk.tab.choose("is exactly", in: "path: how it must fit")
                try await desk.tab.shows("this rule would have let 1 call pass")
            }
        }
    }
}
