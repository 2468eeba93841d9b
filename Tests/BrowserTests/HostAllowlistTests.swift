import Testing
import ToolKit

@Suite("Hosts that a call keeps itself to")
struct HostAllowlistTests {
    @Test(
        "hold what they name and nothing else",
        arguments: [
            ("example.org", "http://example.org/", true), ("example.org", "https://example.org:8443/", true),
            ("example.org:8443", "https://example.org/", false), ("*.example.org", "https://a.example.org/", true),
            ("*.example.org", "https://example.org/", false), ("*.example.org", "https://badexample.org/", false),
            ("http://localhost:3000", "http://localhost:3000/a", true), ("127.0.0.1:80", "http://127.0.0.1/", true),
        ])
    func holds(entry: String, url: String, isHeld: Bool) throws {
        #expect(try HostAllowlist([entry]).contains(WebURL(url).endpoint) == isHeld)
    }

    @Test("cannot be read when an entry is no host", arguments: ["", "*", "a b", "user@example.org", "http://"])
    func unreadable(entry: String) {
        #expect(throws: WebURLError.self) { try HostAllowlist([entry]) }
    }
}
