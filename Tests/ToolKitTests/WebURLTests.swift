import Testing
import ToolKit

@Suite("A URL that is to be fetched")
struct WebURLTests {
    private func refusal(_ text: String) -> WebURLError? {
        do {
            _ = try WebURL(text)
            return nil
        } catch {
            return error
        }
    }

    @Test("R38, control: plain URLs pass in their one canonical form")
    func canonical() throws {
        let cases = [
            ("https://example.com", "https://example.com/"), ("HTTP://EXAMPLE.com:80/a?b#c", "http://example.com/a?b"),
            ("https://example.com:8443/x", "https://example.com:8443/x"),
            ("http://localhost:3000", "http://localhost:3000/"),
            ("http://10.0.0.7/a b", "http://10.0.0.7/a%20b"), ("http://[2001:DB8::1]:81/", "http://[2001:db8::1]:81/"),
            ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
            ("https://BÜCHER.example", "https://xn--bcher-kva.example/"),
            ("https://例え.テスト/", "https://xn--r8jz45g.xn--zckzah/"),
            ("https://a.b/c@d", "https://a.b/c@d"), ("https://example.com?q=1", "https://example.com/?q=1"),
        ]
        for (text, canonical) in cases { #expect(try WebURL(text).description == canonical) }
    }

    @Test(
        "R38: every spelling of an address but the canonical one is refused",
        arguments: [
            "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001", "127.0.0.01",
            "127.0.0.256", "127.0.0.1.", "1.2.3", "1.2.3.4.5", "0", "00.0.0.0", "0x", "1.2.3.0x4", "١٢٧.٠.٠.١",
            "１２７.0.0.1",
            "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[::0001]", "[fe80::1%25eth0]",
            "[fe80::1%eth0]",
            "[::127.0.0.1]", "[1::2::3]", "[12345::]", "[::1", "::1", "[]", "[127.0.0.1]", "[2001:db8:0:0:1:0:0:1]",
            "[v1.a]",
        ])
    func addresses(_ host: String) { #expect(refusal("http://\(host)/") != nil) }

    @Test(
        "R38: what two readers understand differently is refused",
        arguments: [
            "ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)", "//example.com/", "http:/example.com",
            "http:example.com", "http://", "http:///x", " http://example.com/", "http://user@example.com/",
            "http://user:pw@example.com/", "http://example.com@127.0.0.1/", "http://example.com\\@127.0.0.1/",
            "http://example.com\\.evil.example/", "http://example.com\0.evil.example/", "http://exa\tmple.com/",
            "http://example.com/\r\nX: y", "http://example.com./", "http://example..com/", "http://.example.com/",
            "http://exa_mple.com/", "http://-a.example/", "http://a-.example/", "http://exa%6dple.com/", "http://a b/",
            "http://example.com:0/", "http://example.com:080/", "http://example.com:65536/", "http://example.com:/",
            "http://example.com:+80/", "http://example.com:8 0/", "http://ｅxample.com/", "http://example。com/",
            "http://ex\u{AD}ample.com/", "http://ex\u{200D}ample.com/", "http://ﬁ.example/",
            "http://e\u{301}x.example/",
            "http://straße\u{2044}.example/", "http://" + String(repeating: "a", count: 64) + ".example/",
            "http://" + Array(repeating: "abcdefgh", count: 30).joined(separator: ".") + "/",
        ])
    func ambiguous(_ text: String) { #expect(refusal(text) != nil) }

    @Test("refusals never repeat the URL")
    func silence() throws {
        let error = try #require(refusal("http://geheim:secret@example.com/"))
        #expect(!error.description.contains("geheim") && !error.description.contains("example"))
    }

    @Test("leads references where a browser would go")
    func references() throws {
        let base = try WebURL("https://example.com/a/b?c=d")
        let cases = [
            ("", "https://example.com/a/b?c=d"), ("#x", "https://example.com/a/b?c=d"),
            ("?e", "https://example.com/a/b?e"),
            ("x", "https://example.com/a/x"), ("./x", "https://example.com/a/x"), ("../x", "https://example.com/x"),
            ("../../../x", "https://example.com/x"), ("/x/./y/../z", "https://example.com/x/z"),
            ("..", "https://example.com/"),
            ("//other.example/x", "https://other.example/x"), ("http://other.example", "http://other.example/"),
            (" \n/x ", "https://example.com/x"), ("/a%2e%2E/b", "https://example.com/a%2e%2E/b"),
            ("/a/%2e%2e/b", "https://example.com/b"), ("x?y=../z", "https://example.com/a/x?y=../z"),
        ]
        for (reference, expected) in cases { #expect(try base.resolving(reference).description == expected) }
        for reference in ["mailto:a@b", "javascript:1", "//user@h/", "/a\\b", "http://[::ffff:1.2.3.4]/"] {
            #expect(throws: WebURLError.self) { try base.resolving(reference) }
        }
    }
}
