import Testing

@testable import execlayer

@Suite("What a daemon says once it answers")
struct WelcomeTests {
    private func text(_ tokens: Welcome.Tokens) -> String {
        Welcome.text(base: "http://127.0.0.1:8000", workspace: "/w", home: "/h", tokens: tokens)
    }

    private func call(_ tokens: Welcome.Tokens) throws -> Substring {
        try #require(text(tokens).split(separator: "\n").first { $0.contains("curl") })
    }

    @Test("shows a call without a token where none is configured")
    func none() throws {
        #expect(!(try call(.none)).contains("Token"))
        #expect(text(.none).contains("none configured"))
    }

    @Test("shows a call with EXECUTION_TOKEN where the daemon was given it")
    func variable() throws {
        #expect(try call(.variable).contains("$EXECUTION_TOKEN"))
    }

    @Test("shows a call that asks for a token where only created ones pass")
    func created() throws {
        let call = try call(.created)
        #expect(!call.contains("EXECUTION_TOKEN") && call.contains("read -r TOKEN") && call.contains("$TOKEN"))
        #expect(text(.created).contains("execlayer token create"))
    }
}
