import Testing

@testable import execlayer

@Suite("The address of a daemon")
struct DaemonAddressTests {
    @Test(
        "is a scheme, a host and a port",
        arguments: [
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"), ("HTTP://LocalHost:1/", "http://localhost:1"),
            ("https://a-b.example", "https://a-b.example:443"), ("http://x", "http://x:80"),
            ("http://[::1]:9", "http://[::1]:9"),
        ])
    func accepted(text: String, address: String) throws {
        #expect(try DaemonAddress(text).description == address)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "127.0.0.1:8000", "ftp://x", "file:///etc/passwd", "http://", "http://:80", "http://u:p@h",
            "http://h/path",
            "http://h?q", "http://h#f", "http://h:0", "http://h:65536", "http://h:+1", "http://h:", "http://::1",
            "http://[::1",
            "http://[]:1", "http://[::1]x", "http://a b", "http://a\r\nb", "http://h\\x", "http://é",
        ])
    func refused(text: String) {
        #expect(throws: ClientFailure.self) { try DaemonAddress(text) }
    }

    @Test(
        "knows what stays on this machine",
        arguments: [
            ("http://localhost", true), ("http://a.localhost", true), ("http://127.9.9.9", true),
            ("http://[::1]", true),
            ("http://127.0.0.1.evil.example", false), ("http://127.evil.example.x", false), ("http://10.0.0.1", false),
            ("http://localhost.example", false), ("http://0.0.0.0", false),
        ])
    func loopback(text: String, isLoopback: Bool) throws {
        #expect(try DaemonAddress(text).isLoopback == isLoopback)
    }
}

@Suite("A request's target")
struct DaemonRequestTests {
    @Test("encodes what would be read as a step, a query or a line end")
    func encoded() {
        let request = DaemonRequest.api(.get, "audit", "../a?b#c%\r\n", query: [("q", "a&b=c d")])
        #expect(request.target == "/api/v1/execution/audit/..%2Fa%3Fb%23c%25%0D%0A?q=a%26b%3Dc%20d")
    }

    @Test("has no dot segment")
    func dots() {
        #expect(DaemonRequest.api(.delete, "tokens", "..").target == "/api/v1/execution/tokens/%2E%2E")
    }
}
