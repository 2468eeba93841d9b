import Gate
import Testing
import ToolKit

@Suite("A path pattern")
struct PathPatternTests {
    @Test(
        "matches",
        arguments: [
            (".env", ".env"), (".env", "a/b/.env"), (".env", ".env/inside"), ("/.env", ".env"),
            ("*.pem", "a.pem"), ("*.pem", "deep/er/a.pem"), ("*.pem", ".pem"), ("*.pem", "A.PEM"),
            ("id_*", "id_rsa"), ("**/.env", ".env"), ("**/.env", "x/y/.env"), (".ssh/**", ".ssh/id"),
            (".ssh/**", ".ssh"), (".ssh/", "home/.ssh/known_hosts"), ("src/*/test", "src/a/test/deep/x"),
            ("src/**/test", "src/test"), ("src/**/test", "src/a/b/test"), ("a/**/b/**/c", "a/x/b/y/b/c"),
            ("**/a/b", "x/a/a/b"), ("file?.txt", "file1.txt"), ("file?.txt", "fileé.txt"),
            ("[abc].txt", "b.txt"), ("[a-c].txt", "B.txt"), ("[A-C].txt", "b.txt"), ("[!a-c].txt", "d.txt"),
            ("[^a-c].txt", "d.txt"), ("[]].txt", "].txt"), ("[a-].txt", "-.txt"), ("\\*.txt", "*.txt"),
            ("*a*b*c*", "xxaxxbxxcxx"), ("a*a*a", "aaa"), ("*.tar.gz", "x.y.tar.gz"),
            ("Straße", "STRASSE"), ("É.txt", "e\u{301}.txt"), ("a/b", "A/B/c"), ("ſecret", "SECRET"),
        ])
    func matches(text: String, path: String) throws {
        #expect(try PathPattern(text).matches(try WorkspacePath(path)))
    }

    @Test(
        "does not match",
        arguments: [
            (".env", ".env.example"), (".env", "a.env"), ("/.env", "a/.env"), ("*.pem", "a.pem.txt"),
            ("*.pem", "pem"), ("id_*", "xid_rsa"), ("src/*/test", "src/test"), ("src/*/test", "src/a/b/test"),
            ("src/**/test", "src/a/tests"), ("a/b", "x/a/b"), ("a/b", "a"), ("file?.txt", "file.txt"),
            ("file?.txt", "file12.txt"), ("[abc].txt", "d.txt"), ("[!a-c].txt", "B.txt"), ("\\*.txt", "a.txt"),
            ("*", "."), ("a*a*a", "aa"), ("*.tar.gz", "x.gz"), ("a/**/b/**/c", "a/b/x"), ("a.b", "axb"),
        ])
    func doesNotMatch(text: String, path: String) throws {
        #expect(try !PathPattern(text).matches(try WorkspacePath(path)))
    }

    @Test(
        "that is not understood is refused, never guessed",
        arguments: [
            "", "a//b", "../x", "a/./b", "!x", "~/x", "a**b", "***", "{a,b}", "[ab", "[]", "[z-a]", "a\\", "a\u{0}b",
            "a\nb", String(repeating: "a", count: 1_025),
        ])
    func refused(text: String) {
        #expect(throws: PathPatternError.self) { try PathPattern(text) }
    }

    @Test(
        "is over-broad when no name in it insists on a character",
        arguments: [
            "*", "**", "/", "/**", "**/*", "*/*", "?*", "**/?*/**", "[!x]*", "/*",
        ])
    func overBroad(text: String) throws {
        #expect(try PathPattern(text).isOverBroad)
    }

    @Test("is not over-broad otherwise", arguments: ["*.pem", "a", "**/.*", "src/**", "[a-c]*"])
    func narrow(text: String) throws {
        #expect(try !PathPattern(text).isOverBroad)
    }

    @Test("made to be slow takes no time worth speaking of")
    func hostile() throws {
        let names = try PathPattern(String(repeating: "*a", count: 500) + "b")
        let folders = try PathPattern(String(repeating: "**/a/*/", count: 140) + "b")
        let longName = try WorkspacePath(
            Array(repeating: String(repeating: "a", count: 255), count: 15).joined(separator: "/"))
        let longPath = try WorkspacePath(Array(repeating: "a", count: 2_047).joined(separator: "/"))
        let elapsed = ContinuousClock().measure {
            #expect(!names.matches(longName))
            #expect(!folders.matches(longPath))
        }
        print("hostile patterns: \(elapsed)")
        #expect(elapsed < .seconds(5))
    }
}
