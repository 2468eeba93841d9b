import Foundation
import NIOHTTP1
import Testing
import ToolKit

extension Dashboard {
    @Suite("Somebody who let the page notify them")
    struct Notifications {
        /// Notes down every notification that the page makes; they are the browser's own all the same.
        private static let recorder = """
            window.notes = [];
            window.Notification = class extends Notification {
              constructor(title, options) {
                super(title, options);
                window.notes.push({ title, body: options.body, tag: options.tag, isHidden: document.hidden });
              }
            };
            """

        /// Runs `body` with the page signed in, allowed to notify, and its list read.
        private static func with(
            isAllowed: Bool = true, at location: SourceLocation = #_sourceLocation, _ body: (Desk) async throws -> Void
        ) async throws {
            try await Desk.with(isSignedIn: false, at: location) { desk in
                let driver = desk.tab.driver
                try await driver.chromium(
                    "Browser.setPermission",
                    [
                        "permission": ["name": "notifications"], "setting": isAllowed ? "granted" : "denied",
                        "origin": .string(desk.daemon.base),
                    ])
                try await driver.chromium("Page.addScriptToEvaluateOnNewDocument", ["source": .string(recorder)])
                try await desk.tab.reload()
                try await desk.signIn()
                try await desk.tab.shows("filesystem_read")
                #expect(
                    try await desk.tab.script("return Notification.permission")
                        == .string(isAllowed ? "granted" : "denied"))
                try await body(desk)
                try await driver.chromium("Browser.resetPermissions")
            }
        }

        /// Runs `body` while another tab is in front, then comes back.
        private func away(from desk: Desk, _ body: (Tab) async throws -> Void) async throws {
            let other = try await Tab.opened(in: try #require(Browser.current), at: desk.daemon.base)
            try await other.toFront()
            try await body(other)
            try await other.close()
            try await desk.tab.toFront()
        }

        /// Waits, from another tab, until the page behind it says in its title that so many wait.
        private func titleSays(_ count: Int, behind other: Tab) async throws {
            let clock = ContinuousClock()
            let deadline = clock.now + .seconds(30)
            while clock.now < deadline {
                let targets = try await other.driver.chromium("Target.getTargets")["targetInfos"]?.arrayValue ?? []
                if targets.contains(where: { $0["title"]?.stringValue?.hasPrefix("(\(count)) ") == true }) { return }
            }
            Issue.record("the page in the background does not say that \(count) wait")
        }

        private func notes(_ desk: Desk) async throws -> [JSONValue] {
            try await desk.tab.script("return window.notes").arrayValue ?? []
        }

        @Test("is told once of what comes while they look elsewhere, and is led there")
        func hidden() async throws {
            try await Self.with { desk in
                var item = ""
                try await away(from: desk) { other in
                    item = try await desk.request("filesystem_read", ["path": "a.txt"], reason: "to look")
                    try await titleSays(1, behind: other)
                    // Something happens that is no news about it.
                    _ = try await desk.daemon.run("filesystem_read", ["path": "a.txt"])
                    try await desk.request("filesystem_read", ["path": "b.txt"])
                    try await titleSays(2, behind: other)
                }
                let notes = try await notes(desk)
                #expect(notes.count == 2)
                #expect(notes.first?["title"] == "Approval needed" && notes.first?["tag"] == .string(item))
                #expect(notes.allSatisfy { $0["isHidden"] == true })
            }
        }

        @Test("is not told of what comes while they look at the page")
        func visible() async throws {
            try await Self.with { desk in
                try await desk.request("filesystem_read", ["path": "a.txt"])
                try await desk.tab.waits(for: "document.title.startsWith('(1) ')")
                #expect(try await desk.tab.script("return document.hidden") == false)
                #expect(try await notes(desk).isEmpty)
            }
        }

        @Test("is not told of what waited before, nor of what comes into the list because something else is decided")
        func seen() async throws {
            try await Self.with { desk in
                var newest = ""
                for number in 0..<102 {
                    newest = try await desk.request("filesystem_read", ["path": .string("\(number).txt")])
                }
                try await desk.tab.reload()
                try await desk.tab.waits(for: "document.title.startsWith('(102) ')")
                try await away(from: desk) { other in
                    let decided = try await desk.daemon.send(
                        .POST, "/api/v1/execution/approvals/\(newest)", ["approved": false])
                    #expect(decided.status == 200)
                    try await titleSays(101, behind: other)
                    // The control: what is new is told.
                    try await desk.request("filesystem_read", ["path": "new.txt"])
                    try await titleSays(102, behind: other)
                }
                #expect(try await notes(desk).count == 1)
            }
        }

        @Test("R37: is told the tool and who asks, and nothing of arguments or reasons, however long")
        func words() async throws {
            try await Self.with { desk in
                let name = String(repeating: "n", count: 64)
                let (_, token) = try await desk.makeToken("agent", name)
                let secret = "ghp_" + String(repeating: "a1B2", count: 9)
                try await away(from: desk) { other in
                    try await desk.request(
                        "filesystem_read", ["path": .string("keys/\(secret)")], reason: "\(secret) \u{202E}<b>",
                        token: .some(token))
                    try await titleSays(1, behind: other)
                }
                let notes = try await notes(desk)
                #expect(notes.map { $0["body"] } == [.string("filesystem_read for \(name)")])
                #expect(notes.first?["title"] == "Approval needed")
            }
        }

        @Test("and took that back is told nothing")
        func denied() async throws {
            try await Self.with(isAllowed: false) { desk in
                try await away(from: desk) { other in
                    try await desk.request("filesystem_read", ["path": "a.txt"])
                    try await titleSays(1, behind: other)
                }
                #expect(try await notes(desk).isEmpty)
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.shows("a.txt")
                #expect(!(try await desk.tab.has(.button, "Notify me")))
            }
        }
    }
}
