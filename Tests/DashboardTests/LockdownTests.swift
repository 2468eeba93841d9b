import NIOHTTP1
import Testing
import ToolKit

extension Dashboard {
    @Suite("The lockdown")
    struct LockdownSwitch {
        private func isActive(_ desk: Desk) async throws -> Bool {
            try await desk.daemon.send(.GET, "/api/v1/execution/lockdown").json["active"] == true
        }

        @Test("cannot be hit by accident: it takes a word, and Enter or Escape alone do nothing")
        func accident() async throws {
            try await Desk.with { desk in
                try await desk.tab.press(.button, "Lockdown")
                try await desk.tab.shows("Stop everything?")
                try await desk.tab.keys(.enter)
                #expect(try await desk.tab.script("return find('button', 'Start the lockdown').disabled") == true)
                try await desk.tab.type("stopp", into: "Type stop to go on")
                try await desk.tab.keys(.enter)
                #expect(!(try await isActive(desk)))
                try await desk.tab.keys(.escape)
                try await desk.tab.hides("Stop everything?")
                #expect(!(try await isActive(desk)))
            }
        }

        @Test("stops agents, is seen in every tab on every page, and an operator ends it")
        func whole() async throws {
            try await Desk.with { desk in
                let other = try await desk.secondTab()
                try await other.press(.link, "Runs")
                try await desk.tab.toFront()
                try await desk.tab.press(.button, "Lockdown")
                try await desk.tab.type("a leak", into: "Why")
                try await desk.tab.type("STOP", into: "Type stop to go on")
                try await desk.tab.press(.button, "Start the lockdown")
                try await desk.tab.shows("Lockdown. Nothing runs")
                try await desk.tab.shows("A leak.")
                #expect(try await desk.daemon.run("system_info").status == 423)
                try await other.toFront()
                try await other.shows("Lockdown. Nothing runs")
                #expect(try await other.script("return document.title").stringValue?.contains("Lockdown") == true)
                try await other.press(.button, "Resume")
                try await other.press(.button, "End the lockdown")
                try await other.hides("Lockdown. Nothing runs")
                #expect(try await desk.daemon.run("system_info").json["success"] == true)
                try await other.close()
                try await desk.tab.toFront()
                try await desk.tab.hides("Lockdown. Nothing runs")
            }
        }

        @Test("an approver may start it and not end it")
        func approver() async throws {
            try await Desk.with(isSignedIn: false) { desk in
                try await desk.signIn(with: desk.makeToken("approver", "guard").token)
                try await desk.tab.press(.button, "Lockdown")
                try await desk.tab.type("stop", into: "Type stop to go on")
                try await desk.tab.keys(.enter)
                try await desk.tab.shows("An operator can end it.")
                #expect(!(try await desk.tab.has(.button, "Resume")))
            }
        }

        @Test("needs no mouse")
        func keyboard() async throws {
            try await Desk.with { desk in
                try await desk.tab.tabs(to: "Lockdown")
                try await desk.tab.keys(.enter)
                try await desk.tab.shows("Stop everything?")
                try await desk.tab.tabs(to: "Type stop to go on")
                try await desk.tab.keys("stop")
                try await desk.tab.keys(.enter)
                try await desk.tab.shows("Lockdown. Nothing runs")
                try await desk.tab.tabs(to: "Resume")
                try await desk.tab.keys(.enter)
                try await desk.tab.tabs(to: "End the lockdown")
                try await desk.tab.keys(.enter)
                try await desk.tab.hides("Lockdown. Nothing runs")
            }
        }
    }
}
