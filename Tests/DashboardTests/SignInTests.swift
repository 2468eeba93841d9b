import NIOHTTP1
import Testing
import ToolKit

extension Dashboard {
    @Suite("Somebody at the door")
    struct SignIn {
        @Test("R52: sees nothing of the daemon before signing in")
        func nothing() async throws {
            try await Desk.with(isSignedIn: false) { desk in
                try await desk.tab.shows("A token is required.")
                let text = try await desk.tab.text
                #expect(!text.contains("filesystem_read") && !text.contains("Runs"))
                #expect(try await desk.tab.has(.button, "Sign in"))
            }
        }

        @Test("with a right token is in, and the token stays in this tab")
        func token() async throws {
            try await Desk.with { desk in
                try await desk.tab.shows("filesystem_read")
                let stored = try await desk.tab.script(
                    "return [sessionStorage.execution_token, Object.values(localStorage).join(), document.cookie, location.href]"
                )
                #expect(stored == [.string(Desk.token), "", "", .string(desk.daemon.base + "/")])
                try await desk.tab.reload()
                try await desk.tab.shows("filesystem_read")
            }
        }

        @Test("with a wrong token is told so, and nothing is kept")
        func wrong() async throws {
            try await Desk.with(isSignedIn: false) { desk in
                try await desk.tab.type("no-such-token", into: "Token")
                try await desk.tab.press(.button, "Sign in")
                try await desk.tab.shows("The token is not valid.")
                #expect(try await desk.tab.script("return sessionStorage.length") == 0)
                try await desk.tab.type("with a space", into: "Token")
                try await desk.tab.press(.button, "Sign in")
                try await desk.tab.shows("A token has only plain letters, digits and signs.")
            }
        }

        @Test("is sent back to the door by a 401, and the token is forgotten")
        func revoked() async throws {
            try await Desk.with(isSignedIn: false) { desk in
                let (id, token) = try await desk.makeToken("operator", "second")
                try await desk.signIn(with: token)
                try await desk.tab.shows("filesystem_read")
                _ = try await desk.daemon.send(.DELETE, "/api/v1/execution/tokens/\(id)")
                try await desk.tab.shows("The token is not valid.")
                #expect(try await desk.tab.has(.button, "Sign in"))
                #expect(try await desk.tab.script("return sessionStorage.getItem('execution_token')") == .null)
                #expect(!(try await desk.tab.text.contains("filesystem_read")))
            }
        }

        @Test("R50: with the cookie is in after a reload, and no script sees the token")
        func cookie() async throws {
            try await Desk.with(isSignedIn: false) { desk in
                try await desk.tab.type(Desk.token, into: "Token")
                try await desk.tab.press(.checkbox, "Keep me signed in on this browser")
                try await desk.tab.press(.button, "Sign in")
                try await desk.tab.shows("filesystem_read")
                let seen = try await desk.tab.script(
                    "return [document.cookie, ...Object.values(sessionStorage), ...Object.values(localStorage)].join()")
                #expect(seen.stringValue?.contains(Desk.token) == false)
                try await desk.tab.reload()
                try await desk.tab.shows("filesystem_read")
                // What a server on another port of this host would get is not the token, and alone lets nobody in.
                let cookies = try await desk.tab.driver.get("cookie").arrayValue ?? []
                let value = cookies.first { $0["name"] == "daena_execution_token" }?["value"]?.stringValue ?? ""
                #expect(value.hasPrefix("exs_") && cookies.count == 1)
                let stolen = try await desk.daemon.send(
                    .GET, "/api/v1/execution/tools", token: .some(nil),
                    headers: ["Cookie": "daena_execution_token=\(value)"])
                #expect(stolen.status == 401)
                try await desk.tab.press(.button, "Sign out")
                try await desk.tab.shows("Sign in")
                try await desk.tab.reload()
                try await desk.tab.shows("A token is required.")
            }
        }

        @Test("R50: with the cookie is told when the sign-in has ended elsewhere, and can sign in again")
        func cookieEnded() async throws {
            try await Desk.with(isSignedIn: false) { desk in
                let (id, token) = try await desk.makeToken("operator", "second")
                try await desk.tab.type(token, into: "Token")
                try await desk.tab.press(.checkbox, "Keep me signed in on this browser")
                try await desk.tab.press(.button, "Sign in")
                try await desk.tab.shows("filesystem_read")
                _ = try await desk.daemon.send(.DELETE, "/api/v1/execution/tokens/\(id)")
                try await desk.tab.shows("This sign-in has ended")
                #expect(try await desk.tab.script("return localStorage.length") == 0)
                try await desk.signIn()
                try await desk.tab.shows("filesystem_read")
            }
        }

        @Test("needs no mouse: keys sign in, walk the pages and sign out")
        func keyboard() async throws {
            try await Desk.with(isSignedIn: false) { desk in
                try await desk.tab.shows("A token is required.")
                try await desk.tab.tabs(to: "Token")
                try await desk.tab.keys(Desk.token)
                try await desk.tab.keys(.enter)
                try await desk.tab.shows("filesystem_read")
                try await desk.tab.tabs(to: "Runs")
                try await desk.tab.keys(.enter)
                try await desk.tab.waits(for: "document.title.startsWith('Runs')")
                try await desk.tab.tabs(to: "Sign out")
                try await desk.tab.keys(.enter)
                try await desk.tab.shows("A token is required.")
            }
        }

        @Test("who only reads sees no switch, no form and no lockdown")
        func viewer() async throws {
            try await Desk.with(isSignedIn: false) { desk in
                try await desk.signIn(with: desk.makeToken("viewer", "reader").token)
                try await desk.tab.shows("filesystem_read")
                try await desk.tab.shows("read only")
                #expect(try await desk.tab.script("return all('switch').length") == 0)
                #expect(!(try await desk.tab.has(.button, "Lockdown")))
                #expect(try await desk.tab.script("return find('combobox', 'When a person is asked').disabled") == true)
                try await desk.tab.press(.link, "Run a tool")
                try await desk.tab.choose("filesystem_read", in: "Tool")
                try await desk.tab.shows("Your token may not run tools.")
                #expect(!(try await desk.tab.has(.button, "Run it")))
            }
        }

        @Test("needs no token where none was ever made")
        func local() async throws {
            try await Desk.with(token: nil) { desk in
                try await desk.tab.shows("filesystem_read")
                #expect(!(try await desk.tab.has(.button, "Sign out")))
            }
        }
    }
}
