import Testing
import ToolKit
import Tools

/// They need no browser: nothing is started before a call is understood.
@Suite("Steps that cannot be understood")
struct StepReadingTests {
    private func failure(_ steps: [JSONValue], _ more: [String: JSONValue] = [:]) throws -> ToolFailure? {
        let given = more.merging(["url": "http://127.0.0.1:9/", "steps": .array(steps)]) { first, _ in first }
        let canonical = try BrowserAutomation.Arguments.schema.canonical(given, roots: [])
        let arguments = try ArgumentDecoder.decode(BrowserAutomation.Arguments.self, from: canonical)
        do {
            _ = try BrowserAutomation().access(for: arguments)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "are refused by number, with what is wrong",
        arguments: [
            ["action": "jump"], ["selector": "a"], "click", ["action": "click"],
            ["action": "click", "selector": "a", "selctor": "b"], ["action": "wait", "ms": 900_000],
            ["action": "press", "key": "NoKey"], ["action": "navigate", "url": "file:///etc/passwd"],
            ["action": "extract", "selector": "a", "what": "attribute"], ["action": "assert_title", "value": "x"],
        ] as [JSONValue])
    func refused(step: JSONValue) throws {
        guard case .object = step else { return }
        let failure = try failure([["action": "click", "selector": "b"], step])
        #expect(failure?.code == "invalid_step")
        #expect(failure?.message.hasPrefix("step 2: ") == true)
    }

    @Test("a call with a window, and one whose allowlist leaves its own page out, are refused")
    func arguments() throws {
        #expect(try failure([], ["headless": false])?.code == "invalid_arguments")
        #expect(try failure([], ["allowlist": ["example.org"]])?.code == "policy_blocked")
        #expect(try failure([], ["allowlist": ["not a host"]])?.code == "invalid_allowlist")
        #expect(try failure([], ["allowlist": ["127.0.0.1"]]) == nil)
    }

    @Test("what steps navigate to is part of what the call is judged by")
    func endpoints() throws {
        let canonical = try BrowserAutomation.Arguments.schema.canonical(
            [
                "url": "http://a.example/",
                "steps": [["action": "navigate", "url": "https://b.example/x"], ["action": "navigate", "url": "/y"]],
            ], roots: [])
        let arguments = try ArgumentDecoder.decode(BrowserAutomation.Arguments.self, from: canonical)
        let endpoints = try BrowserAutomation().access(for: arguments).endpoints
        #expect(endpoints.map(\.description) == ["http://a.example", "https://b.example"])
    }
}
