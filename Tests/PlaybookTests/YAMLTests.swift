internal import Gate
internal import Testing
internal import ToolKit

@Suite("A playbook as YAML")
struct YAMLTests {
    private func problems(_ yaml: String) throws -> [String] {
        let tools = try Sample.tools()
        do throws(ArgumentProblems) {
            _ = try PlaybookDefinition(yaml: yaml, checkedBy: tools)
            return []
        } catch {
            return error.problems.map { "\($0.field) \($0.reason)" }
        }
    }

    @Test("is read as a person writes it, with plain numbers and booleans as such and every other word as a text")
    func handwritten() throws {
        let yaml = """
            # what it is for
            name: look around
            category: yes
            tags: [a, "no"]
            steps:
              - tool_name: workspace_search
                args: {query: 2024-01-01, max_matches: 5}
              - tool_name: git_diff
                args:
                  staged: true
                  cwd: "007"
              - tool_name: shell_exec
                args:
                  command: [git, log, "-1e3"]
              - tool_name: filesystem_write
                args:
                  path: notes.md
                  content: |
                    # {title}
                    text

            """
        let read = try PlaybookDefinition(yaml: yaml, checkedBy: Sample.tools())
        #expect(read.name == "look around" && read.category == "yes" && read.tags == ["a", "no"])
        #expect(read.steps[0].arguments == ["query": "2024-01-01", "max_matches": 5])
        #expect(read.steps[1].arguments == ["staged": true, "cwd": "007"])
        #expect(read.steps[2].arguments == ["command": ["git", "log", "-1e3"]])
        #expect(read.steps[3].arguments["content"] == "# {title}\ntext\n")
        #expect(Array(read.variables.keys) == ["title"])
    }

    @Test(
        "is refused with the line when it could be read in two ways, or is a bomb",
        arguments: [
            ("", "yaml line 1: the file is empty; a playbook needs a name and steps"),
            ("name: &a one\nsteps: [*a]", "yaml line 1: anchors"),
            ("name: one\nsteps: [*a]", "yaml line 2"),
            ("name: one\nname: two", "yaml line 1: name is given twice"),
            ("name: !!python/object one", "yaml line 1: tags"),
            ("name: one\n---\nname: two", "yaml line 2"),
            (
                "name: one\nsteps: " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
                "yaml line 2"
            ),
            ("name: [one", "yaml line"),
            ("name: one\nsteps:\n  - tool_name: git_statuz", "steps[0].tool_name is unknown"),
        ])
    func refused(_ yaml: String, _ problem: String) throws {
        let problems = try problems(yaml)
        #expect(problems.first?.hasPrefix(problem) == true, "\(problems)")
    }

    @Test("is refused when it is larger than any that could be kept")
    func large() throws {
        #expect(try problems(String(repeating: "a", count: 300_000)) == ["yaml is larger than 256 KiB"])
    }

    /// Texts that some reader of YAML takes for something else.
    private static let awkward = [
        "yes", "no", "on", "off", "y", "true", "false", "null", "~", "", "1e3", "0x1F", "012", "1_000", ".inf", "-",
        "---", "...", "?", ": ", "a: b", "a #b", "# a", "'", "\"", "\\", "\\n", " leading", "trailing ", "\t", "\n",
        "two\nlines\n", "a\r\nb", "é", "日本語", "🙂", "a\u{301}", "&anchor", "a &b c&d", "*alias", "!tag", "%x", "@x",
        "`x",
        "{", "}", "[", "]", ",", "{x", "2024-01-01", "12:30:45", "=", "<<", "|", ">", "\u{7F}", "\u{85}", "\u{2028}",
        "a\u{FEFF}", "\u{202E}", "\u{E000}", "\u{10FFFF}", "\u{1}", "\u{1B}[31m", "{{a}}", "a\u{0}b",
        String(repeating: "long ", count: 100),
    ]

    private func roundTrip(_ definition: PlaybookDefinition) throws {
        let again = try PlaybookDefinition(yaml: definition.yaml, checkedBy: nil)
        #expect(again == definition, "\(definition.yaml)")
    }

    @Test("that was exported is imported as the same, with every awkward text in every place", arguments: awkward)
    func awkwardTexts(_ text: String) throws {
        let value = JSONValue.string(text)
        var definition = PlaybookDefinition(
            name: "one", description: text.contains("\u{0}") ? "" : text,
            steps: [
                .init(
                    toolName: "t", arguments: ["a": value, "b": [value, ["k": value]]],
                    description: text.contains("\u{0}") ? "" : text, expect: ["text": value])
            ])
        if text.utf8.count <= 64, !text.isEmpty {
            definition.steps[0].arguments[text] = value
            definition.steps[0].arguments["nested"] = .object([text: value])
        }
        try roundTrip(definition)
    }

    @Test("that was exported is imported as the same, whatever it holds", arguments: 0..<200)
    func random(_ seed: Int) throws {
        var dice = Dice(seed: UInt64(seed))
        let steps = (0..<dice.below(4) + 1).map { _ in
            PlaybookDefinition.Step(
                toolName: "tool", arguments: dice.members(depth: 3), description: dice.pick(["", "a", "b: c"]),
                retriesOnFailure: dice.below(2) == 0, maxRetries: dice.below(101),
                expect: dice.below(2) == 0 ? nil : .object(dice.members(depth: 1)))
        }
        var definition = PlaybookDefinition(
            name: "one \(seed)", description: dice.text(), category: dice.pick(["general", "on", "1"]),
            tags: ["yes", "1"], steps: steps)
        definition.description = definition.description.replacing("\0", with: "")
        try roundTrip(definition)
    }

    private struct Dice {
        var state: UInt64

        init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

        mutating func below(_ limit: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(limit))
        }

        mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

        mutating func text() -> String {
            if below(2) == 0 { return pick(YAMLTests.awkward) }
            return String((0..<below(12)).map { _ in pick(Array("ab{}&*:#'\"\\\n é-!?,[]|>%@ ")) })
        }

        mutating func members(depth: Int) -> [String: JSONValue] {
            var members: [String: JSONValue] = [:]
            for _ in 0..<below(4) { members["k" + String(text().prefix(8))] = value(depth: depth) }
            return members
        }

        mutating func value(depth: Int) -> JSONValue {
            switch below(depth > 0 ? 8 : 6) {
            case 0: .null
            case 1: .bool(below(2) == 0)
            case 2: .integer(pick([0, -1, 42, .max, .min]))
            case 3: .number(pick([0.5, -0.0, 1e300, 5.0, 1e-9]))
            case 6: .array((0..<below(4)).map { _ in value(depth: depth - 1) })
            case 7: .object(members(depth: depth - 1))
            default: .string(text())
            }
        }
    }
}
