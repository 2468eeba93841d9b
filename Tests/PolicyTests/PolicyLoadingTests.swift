import Gate
import Testing
import ToolKit

/// One rule with every field but `everything`.
private let wholeRule = yaml(
    "match: [\"*.pem\"]", "except: [\"test.pem\"]", "read: ask", "write: deny", reason,
    "examples: { match: [\"a.pem\"], not_match: [\"test.pem\", \"pem\"] }")

@Suite("A policy file that is loaded")
struct PolicyLoadingTests {
    @Test("is in force as it stands")
    func whole() throws {
        let policy = try Policy(yaml: Array(wholeRule.utf8))
        #expect(try policy.verdict("x/a.pem", .write) == .deny)
        #expect(try policy.verdict("x/a.pem", .read) == .ask)
        #expect(try policy.verdict("x/a.pem", .search) == .ask)
        #expect(try policy.verdict("x/test.pem", .write) == .allow)
        #expect(try policy.verdict("x/a.txt", .write) == .allow)
    }

    @Test(
        "R13: is refused when anything is wrong, with line and field",
        arguments: [
            ("", "line 1: the file is empty"),
            ("- a", "line 1: the file must hold a mapping"),
            ("paths: []", "line 1: version is required"),
            ("version: 2\npaths: []", "line 1: version must be 1"),
            ("version: \"1\"", "line 1: version must be 1"),
            ("version: 1\npath: []", "line 2: path is unknown; did you mean \"paths\"?"),
            ("version: 1\ncommands: {}", "line 2: commands must be a list of rules, not a mapping"),
            ("version: 1\nhosts: {}", "line 2: hosts must be a list of rules, not a mapping"),
            ("version: 1\nversion: 1", "version is given twice"),
            ("version: 1\npaths: {}", "line 2: paths must be a list of rules, not a mapping"),
            ("version: 1\npaths: [text]", "line 2: paths[0] must be a rule, not a text"),
            ("version: 1\npaths:\n\t- a", "line 3, column"),
            ("version: 1\n---\nversion: 1", "line 2"),
            ("version: 1\npaths: !!set {}", "line 2: tags (\"!name\") are not supported"),
            ("version: 1\n? [a]\n: b", "a key must be a text"),
            ("version: 1\n<<: {paths: []}", "line 2: << is unknown"),
            (wholeRule + "    reads: deny\n", "line 10: paths[0].reads is unknown; did you mean \"read\"?"),
            (wholeRule + "    read: deny\n", "read is given twice"),
            (wholeRule.replacing("read: ask", with: "read: maybe"), "line 6: paths[0].read must be allow, ask or deny"),
            (wholeRule.replacing("read: ask", with: "read: [ask]"), "line 6: paths[0].read must be allow, ask or deny"),
            (
                wholeRule.replacing("match: [\"*.pem\"]", with: "match: \"*.pem\""),
                "line 4: paths[0].match must be a list"
            ),
            (wholeRule.replacing("match: [\"*.pem\"]", with: "match: []"), "line 4: paths[0].match is empty"),
            (
                wholeRule.replacing("\"*.pem\"", with: "{a: b}"),
                "line 4: paths[0].match[0] must be a text, not a mapping"
            ),
            (
                wholeRule.replacing("\"*.pem\"", with: "\"a{b}\""),
                "line 4: paths[0].match pattern \"a{b}\" holds braces"
            ),
            (wholeRule.replacing("\"*.pem\"", with: "*.pem"), "a text that starts with '*' must be in quotes"),
            (wholeRule.replacing("- name: rule", with: "- name: [rule]"), "line 3: paths[0].name must be a text"),
            (wholeRule.replacing("- name: rule", with: "- name: \"a:b\""), "line 3: paths[0].name may hold letters"),
            (wholeRule.replacing("    \(reason)\n", with: ""), "line 3: paths[0].reason is required"),
            (wholeRule.replacing("    \(reason)\n", with: "    reason: null\n"), "paths[0].reason must be a text"),
            (yaml("match: [a]", "read: ask", reason), "paths[0].examples is required"),
            (yaml("match: [a]", reason, "examples: {match: [a]}"), "line 3: paths[0] needs read or write"),
            (yaml("match: [a]", "read: ask", reason, "examples: {}"), "paths[0].examples.match is required"),
            (
                yaml("match: [a]", "read: ask", reason, "examples: {match: [a], notmatch: [b]}"),
                "paths[0].examples.notmatch is unknown; did you mean \"not_match\"?"
            ),
        ])
    func refused(text: String, expected: String) throws {
        let reason = try refusal(of: text)
        #expect(reason.contains(expected))
    }

    @Test("R13: names everything that is wrong, in the order of the lines")
    func everything() throws {
        let reason = try refusal(of: "version: 3\npaths:\n  - name: x\nhost: []")
        let lines = reason.split(separator: "; line ").count
        #expect(lines >= 4)
        #expect(reason.hasPrefix("line 1: version must be 1"))
    }

    @Test("R13: is refused when one of its own examples fails, by the rule's name")
    func examples() throws {
        let fails = wholeRule.replacing("match: [\"a.pem\"]", with: "match: [\"a.pem\", \"a.txt\"]")
        #expect(try refusal(of: fails) == "line 9: rule \"rule\": the example \"a.txt\" is not matched by it")
        let hits = wholeRule.replacing("\"pem\"]", with: "\"b.pem\"]")
        #expect(try refusal(of: hits) == "line 9: rule \"rule\": the example \"b.pem\" is matched by it")
        let outside = wholeRule.replacing("\"pem\"]", with: "\"../b\"]")
        #expect(try refusal(of: outside).contains("is no path in the workspace"))
    }

    @Test("R13: may not swallow everything by a slip", arguments: ["**", "*", "/", "**/*"])
    func overBroad(pattern: String) throws {
        let lines = ["match: [\"\(pattern)\"]", "write: deny", reason, "examples: {match: [a/b]}"]
        #expect(try refusal(of: yaml(lines[0], lines[1], lines[2], lines[3])).contains("matches everything"))
        let meant = yaml(lines[0], lines[1], lines[2], lines[3], "everything: true")
        let policy = try Policy(yaml: Array(meant.utf8))
        #expect(try policy.verdict("any/where", .write) == .deny)
        #expect(try policy.verdict("any/where", .read) == .allow)
    }

    @Test("R13: may not be a rule that never applies, or say everything for nothing")
    func pointless() throws {
        let excepted = yaml("match: [a]", "except: [\"**\"]", "read: ask", reason, "examples: {match: [a]}")
        #expect(try refusal(of: excepted).contains("the rule would never apply"))
        let idle = yaml("match: [a]", "everything: true", "read: ask", reason, "examples: {match: [a]}")
        #expect(try refusal(of: idle).contains("no pattern of the rule matches everything"))
    }

    @Test("R13: two rules of one name are refused")
    func sameName() throws {
        let rule = wholeRule.replacing("version: 1\npaths:\n", with: "")
        #expect(try refusal(of: wholeRule + rule).contains("is the name of an earlier rule"))
    }

    @Test(
        "R13: an anchor is refused wherever it hides, and what only looks like one in a word passes",
        arguments: [
            "version: 1\npaths: &a []", "version: &a 1", "version: 1\npaths: [&a x, *a]", "&a version: 1",
            "version: 1\npaths: !!seq &a []", "version: 1\npaths:\n  - {name: \"x\"&a }",
        ])
    func anchors(text: String) throws {
        #expect(try refusal(of: text).contains("anchors"))
        let plain = wholeRule.replacing("because", with: "R&D and A & B")
        #expect(throws: Never.self) { try Policy(yaml: Array(plain.utf8)) }
    }

    @Test("R13: a bomb of aliases, of keys, of depth or of size is refused in no time")
    func bombs() throws {
        var laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n"
        for (name, inner) in zip("bcdefghij", "abcdefghi") {
            laughs +=
                "\(name): &\(name) [*\(inner), *\(inner), *\(inner), *\(inner), *\(inner), *\(inner), *\(inner)]\n"
        }
        laughs += "? *j\n: 1\n"
        let clock = ContinuousClock()
        let elapsed = try clock.measure { () throws -> Void in
            #expect(try refusal(of: laughs).contains("anchors"))
            #expect(try refusal(of: String(repeating: "[", count: 200_000)).contains("line 1"))
            #expect(try refusal(of: String(repeating: "? ", count: 100_000)).contains("line 1"))
            #expect(
                try refusal(of: String(repeating: "[", count: 20) + String(repeating: "]", count: 20)).contains("16"))
            #expect(try refusal(of: String(repeating: "# x\n", count: 70_000)).contains("larger than 256 KiB"))
            let keys = (0..<20_000).map { "k\($0): 1\n" }.joined()
            #expect(try refusal(of: keys).contains("is unknown"))
        }
        print("YAML bombs: \(elapsed)")
        #expect(elapsed < .seconds(30))
    }

    @Test("R13: is refused when it is not UTF-8 or holds NUL")
    func bytes() {
        #expect(throws: FileProblem.self) { try Policy(yaml: Array("version: 1\n# ".utf8) + [0xFF]) }
        #expect(throws: FileProblem.self) { try Policy(yaml: Array("version: 1\n# \u{0}".utf8)) }
    }
}
