import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// A daemon of the test's own and a tab that shows its dashboard.
struct Desk: Sendable {
    let daemon: Daemon
    let playground: Playground
    let tab: Tab

    static let token = "an-operator-token"

    /// Runs `body` at a desk, signed in unless told otherwise. Afterwards nothing may have gone wrong in the page that a
    /// person does not see: no violation of its policy, no error in a script.
    static func with(
        token: String? = Desk.token, isSignedIn: Bool = true,
        in given: Playground? = nil, at location: SourceLocation = #_sourceLocation,
        prepare: (Playground) async throws -> Void = { _ in },
        _ body: (Desk) async throws -> Void
    ) async throws {
        let browser = try #require(Browser.current)
        let playground = try given ?? Playground()
        try playground.write("hello\n", to: "workspace/a.txt")
        try await prepare(playground)
        let daemon = try await Daemon(in: playground, token: token)
        let tab = try await Tab.opened(in: browser, at: daemon.base)
        let desk = Desk(daemon: daemon, playground: playground, tab: tab)
        do {
            try await tab.open()
            if isSignedIn, token != nil { try await desk.signIn() }
            try await body(desk)
            try await desk.finds(nothingWrong: tab, at: location)
        } catch {
            try? await tab.photograph(as: "failed-\(location.line)")
            try? await tab.close()
            await daemon.stop()
            throw error
        }
        try await tab.close()
        await daemon.stop()
    }

    /// As a person does it: paste, press.
    func signIn(with token: String = Desk.token, in other: Tab? = nil) async throws {
        let tab = other ?? tab
        try await tab.type(token, into: "Token")
        try await tab.press(.button, "Sign in")
        _ = try await tab.find(.button, "Sign out")
    }

    /// Another tab of the same browser; it has a session of its own.
    func secondTab(signedInWith token: String = Desk.token) async throws -> Tab {
        let browser = try #require(Browser.current)
        let other = try await Tab.opened(in: browser, at: daemon.base)
        try await other.open()
        try await signIn(with: token, in: other)
        return other
    }

    /// A token of another role, made by the operator.
    func makeToken(_ role: String, _ name: String) async throws -> (id: String, token: String) {
        let reply = try await daemon.send(
            .POST, "/api/v1/execution/tokens", ["role": .string(role), "name": .string(name)])
        return (
            try #require(reply.json["token_id"]?.stringValue), try #require(reply.json["token"]?.stringValue)
        )
    }

    private func finds(nothingWrong tab: Tab, at location: SourceLocation) async throws {
        try await tab.toFront()
        let violations = try await tab.script("return window.violations")
        #expect(violations == [], "R52: the page broke its own policy", sourceLocation: location)
        let faults = try await tab.script("return window.faults")
        #expect(faults == [], "a script of the page failed", sourceLocation: location)
        let entries = try await tab.driver.post("se/log", ["type": "browser"]).arrayValue ?? []
        let complaints = entries.filter { entry in
            let message = entry["message"]?.stringValue ?? ""
            // A refusal that the test asked for, and a daemon that it stopped, are no complaints about the page.
            return entry["level"] == "SEVERE" && !message.contains("Failed to load resource")
                && !message.contains("net::ERR")
        }
        #expect(complaints.isEmpty, "the browser complains", sourceLocation: location)
    }
}
