import Testing
import ToolKit

@Suite("A repository's configuration with secrets in it")
struct GitConfigRedactionTests {
    private func clean(_ text: String) -> String? {
        GitConfigRedaction.withoutSecrets(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "R26: loses them and nothing else",
        arguments: [
            ("url = https://me:geheim@example.org/a.git\n", "url = https://***@example.org/a.git\n"),
            ("\turl = \"https://me:geheim@example.org/a.git\"\n", "\turl = \"https://***@example.org/a.git\"\n"),
            (
                "url = https://ghp_abcdefghijklmnopqrstuvwxyz0123456789@github.com/a/b\n",
                "url = https://***@github.com/a/b\n"
            ),
            ("url = https://me:ge\\\nheim@example.org/a\n[core]\n", "url = https://***@example.org/a\n[core]\n"),
            ("url = https://me:\"geheim\"@example.org/a\n", "url = https://***@example.org/a\n"),
            ("[url \"https://x:geheim@example.org/\"]\n", "[url \"https://***@example.org/\"]\n"),
            ("url = https://a:b@c@example.org/\r\n", "url = https://***@example.org/\n"),
        ])
    func secrets(text: String, expected: String) {
        #expect(clean(text) == expected)
    }

    @Test("R26: loses authorization headers and tokens")
    func headers() {
        let text = clean("[http]\n\textraheader = AUTHORIZATION: basic bWU6Z2VoZWlt\n[user]\n\tname = me\n")
        #expect(text?.contains("bWU6") == false)
        #expect(text?.contains("name = me") == true)
    }

    @Test(
        "is left alone without any",
        arguments: [
            "[remote \"origin\"]\n\turl = https://example.org/a.git\n", "url = git@example.org:a/b.git\n",
            "url = ssh://git@example.org/a\n", "url = https://me@example.org/a\n", "",
            "url = https://example.org/@scope/a:b@c\n",
        ])
    func harmless(text: String) { #expect(clean(text) == nil) }
}
