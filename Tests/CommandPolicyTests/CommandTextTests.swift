import Foundation
import Testing
import ToolKit

@Suite("A command that comes as one text")
struct CommandTextTests {
    @Test(
        "R9: is split as a POSIX shell splits it",
        arguments: [
            ("git status", ["git", "status"]),
            ("  git\t status  ", ["git", "status"]),
            ("a 'b c' d", ["a", "b c", "d"]),
            ("a \"b c\" d", ["a", "b c", "d"]),
            ("a b\\ c", ["a", "b c"]),
            ("a 'b'\"c\"d", ["a", "bcd"]),
            ("a '' \"\"", ["a", "", ""]),
            ("a '$HOME;`x`|&<>(){}*?[~'", ["a", "$HOME;`x`|&<>(){}*?[~"]),
            ("a \"\\$x \\` \\\" \\\\ \\n '\"", ["a", "$x ` \" \\ \\n '"]),
            ("a \\; \\| \\* \\~", ["a", ";", "|", "*", "~"]),
            ("a b~ c#d x=y !", ["a", "b~", "c#d", "x=y", "!"]),
            ("git commit -m 'one\ntwo'", ["git", "commit", "-m", "one\ntwo"]),
            ("echo \u{e9}\u{4e2d} '\u{a0}'", ["echo", "\u{e9}\u{4e2d}", "\u{a0}"]),
            ("a --grep=']'", ["a", "--grep=]"]),
        ] as [(String, [String])])
    func split(text: String, expected: [String]) throws {
        #expect(try CommandWords(text).words == expected)
    }

    @Test(
        "R9: is refused when a shell would do more than split it, naming character, place and way out",
        arguments: [
            ("ls; id", "';' at 3", "shell_script"), ("ls | id", "'|' at 4", "shell_script"),
            ("ls && id", "'&' at 4", "shell_script"), ("ls > x", "'>' at 4", "shell_script"),
            ("ls < x", "'<' at 4", "shell_script"), ("(ls)", "'(' at 1", "shell_script"),
            ("ls )", "')' at 4", "shell_script"), ("ls\nid", "a line break at 3", "shell_script"),
            ("ls\rid", "a carriage return at 3", "shell_script"), ("ls $HOME", "'$' at 4", "list"),
            ("ls \"$HOME\"", "'$' at 5", "list"), ("ls \"`id`\"", "'`' at 5", "list"),
            ("ls `id`", "'`' at 4", "list"), ("ls $(id)", "'$' at 4", "list"), ("ls {a,b}", "'{' at 4", "list"),
            ("ls *.py", "'*' at 4", "list"), ("ls a?", "'?' at 5", "list"), ("ls [ab]", "'[' at 4", "list"),
            ("ls ~/x", "'~' at 4", "list"), ("ls #x", "a comment at 4", "list"),
            ("A=b ls", "sets an environment variable at 2", "leave"),
            ("ls 'a", "''' at 4 that is not closed", "list"), ("ls \"a", "'\"' at 4 that is not closed", "list"),
            ("ls \\", "ends with a backslash", "list"), ("ls a\\\nb", "a line break after a backslash at 5", "list"),
            ("ls\u{a0}x", "U+00A0 at 3", "list"), ("ls \u{200b}x", "U+200B at 4", "list"),
            ("ls\u{3000}x", "U+3000 at 3", "list"), ("ls \u{202e}x", "U+202E at 4", "list"),
            ("ls \0", "a NUL character at 4", "leave"), ("ls '\0'", "a NUL character at 5", "leave"),
            ("ls \u{1b}[0m", "U+001B at 4", "leave"), ("ls '\u{7f}'", "U+007F at 5", "leave"),
            ("", "is empty", "git status"), ("   ", "is empty", "git status"), ("''", "is empty", "git status"),
        ])
    func refused(text: String, reason: String, remedy: String) throws {
        let error = try #require(throws: CommandWordsError.self) { try CommandWords(text) }
        #expect(error.description.contains(reason))
        #expect(error.remedy.contains(remedy))
    }

    @Test("R9: look-alikes of shell characters are what their bytes are, never what they resemble")
    func lookAlikes() throws {
        // U+037E is canonically equivalent to ';', U+1FEF to '`', U+212A to 'K'.
        let words = try CommandWords("a\u{37e}b \u{1fef} \u{212a}").words
        #expect(words.map { Array($0.utf8) } == ["a\u{37e}b", "\u{1fef}", "\u{212a}"].map { Array($0.utf8) })
        #expect(Array(words[0].utf8).contains(UInt8(ascii: ";")) == false)
    }

    @Test("R13: a limit that is hit is a refusal, and just below it is a command")
    func limits() throws {
        let words = Array(repeating: "a", count: CommandWords.wordLimit)
        #expect(try CommandWords(words.joined(separator: " ")).words.count == CommandWords.wordLimit)
        #expect(throws: CommandWordsError.self) { try CommandWords((words + ["a"]).joined(separator: " ")) }
        #expect(throws: CommandWordsError.self) { try CommandWords(list: words + ["a"]) }
        let long = String(repeating: "a", count: CommandWords.wordSizeLimit)
        #expect(try CommandWords(list: ["a", long]).words.count == 2)
        #expect(throws: CommandWordsError.self) { try CommandWords(list: ["a", long + "a"]) }
        let huge = String(repeating: "a ", count: CommandWords.sizeLimit / 2)
        #expect(throws: CommandWordsError.self) { try CommandWords(huge + "a") }
        #expect(throws: CommandWordsError.self) { try CommandWords(String(repeating: "'", count: 1_000_001)) }
        let chained = (0..<60).map { _ in "ls" }.joined(separator: "; ")
        #expect(throws: CommandWordsError.self) { try CommandWords(chained) }
    }

    @Test("R10: reaches the same words as a list, which is taken literally")
    func list() throws {
        #expect(try CommandWords(.string("git log -S 'a b'")) == CommandWords(.array(["git", "log", "-S", "a b"])))
        #expect(try CommandWords(["ls", "*; $HOME `id` ~", ""]).words == ["ls", "*; $HOME `id` ~", ""])
        let failing: [JSONValue] = [[], [""], ["a", 1], ["a", nil], ["a\0"], ["a", "\u{1b}"], 5, nil, ["a": "b"]]
        for value in failing { #expect(throws: CommandWordsError.self) { try CommandWords(value) } }
    }

    @Test("R9: random texts either are refused or split exactly as sh does")
    func agreesWithShell() throws {
        var dice = SystemRandomNumberGenerator()
        let pieces = [
            "a", "b", " ", "  ", "'", "\"", "\\", "\t", "x y", "'q r'", "\"s t\"", "\\ ", "\\\"", "=", "-n", "~", "#",
            "!",
        ]
        var compared = 0
        for _ in 0..<200 {
            let text =
                "p"
                + (0..<Int.random(in: 1...8, using: &dice)).map { _ in pieces.randomElement(using: &dice) ?? "" }
                .joined()
            guard let words = try? CommandWords(text).words else { continue }
            let shell = try Run.output(["/bin/sh", "-c", "f() { printf '%s\\001' \"$@\"; }; f " + text])
            let expected = shell.split(separator: "\u{1}", omittingEmptySubsequences: false).dropLast().map {
                String($0)
            }
            #expect(words == expected, "\(text)")
            compared += 1
        }
        #expect(compared > 50)
    }
}
