import Testing

@testable import execlayer

@Suite("Text of a stranger on a terminal")
struct TerminalTextTests {
    @Test(
        "R62: shows what would act on the terminal as an escape",
        arguments: [
            ("\u{1B}[31mred", "\\u001b[31mred"), ("a\nb\tc\rd", "a\\nb\\tc\\rd"), ("bell\u{7}", "bell\\u0007"),
            ("\u{9B}2J", "\\u009b2J"), ("\u{7F}", "\\u007f"), ("evil\u{202E}txt.exe", "evil\\u202etxt.exe"),
            ("a\u{2066}b\u{2069}", "a\\u2066b\\u2069"), ("a\u{2028}b", "a\\u2028b"),
            ("zero\u{200B}width", "zero\\u200bwidth"),
            ("\u{FEFF}x", "\\ufeffx"), ("\u{E0041}x", "\\u{e0041}x"), ("\u{0}", "\\u0000"),
        ])
    func escapes(text: String, shown: String) {
        #expect(TerminalText.safe(text) == shown)
    }

    @Test(
        "leaves ordinary text as it is", arguments: ["plain", "naïve", "日本語", "e\u{301}", "emoji 😀", "a \"b\" \\c", ""])
    func leaves(text: String) {
        #expect(TerminalText.safe(text) == text)
    }

    @Test("keeps line feeds and tabs where lines are wanted, and turns CR LF into a line feed")
    func lines() {
        #expect(TerminalText.safeLines("a\r\nb\tc\n") == "a\nb\tc\n")
    }

    @Test("escapes a carriage return that stands alone, for it would overwrite the line")
    func overwriting() {
        #expect(TerminalText.safeLines("rm -rf /\rls\r") == "rm -rf /\\rls\\r")
    }
}

@Suite("A table")
struct TextTableTests {
    @Test("aligns columns, numbers to the right, and leaves no spaces at the end")
    func aligned() {
        var table = TextTable(.init(title: "name"), .init(title: "size", alignment: .right), .init(title: "what"))
        table.add(["a", "5", "first"])
        table.add(["longer", "12345", ""])
        #expect(
            table.text == """
                NAME     SIZE  WHAT
                a           5  first
                longer  12345

                """)
    }

    @Test("counts wide and combining characters as a terminal does")
    func wide() {
        var table = TextTable(.init(title: "name"), .init(title: "n"))
        table.add(["日本", "1"])
        table.add(["e\u{301}", "2"])
        #expect(table.text == "NAME  N\n日本  1\ne\u{301}     2\n")
    }

    @Test("shortens a long cell with an ellipsis")
    func shortens() {
        var table = TextTable(.init(title: "t", limit: 5), .init(title: "n"))
        table.add(["abcdefgh", "1"])
        table.add(["abcde", "2"])
        #expect(table.text == "T      N\nabcd…  1\nabcde  2\n")
    }

    @Test("R62: a cell can neither break the line nor move the cursor")
    func hostile() {
        var table = TextTable(.init(title: "name"), .init(title: "n"))
        table.add(["a\n\u{1B}[2Jb", "1"])
        #expect(table.text == "NAME           N\na\\n\\u001b[2Jb  1\n")
    }
}

@Suite("A time")
struct TimestampTests {
    @Test(
        "is shown as a date in UTC",
        arguments: [
            (0.0, "1970-01-01 00:00:00Z"), (951_782_400.9, "2000-02-29 00:00:00Z"),
            (1_709_251_199, "2024-02-29 23:59:59Z"), (1_772_323_200, "2026-03-01 00:00:00Z"),
            (-1, "1969-12-31 23:59:59Z"), (.infinity, "unknown"), (1e300, "unknown"),
        ])
    func shown(seconds: Double, text: String) {
        #expect(Timestamp.text(seconds) == text)
    }
}
