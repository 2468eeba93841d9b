import Gate
import Testing
import ToolKit

@Suite("Rules about effects")
struct EffectRuleTests {
    private static let rule = """
        version: 1
        effects:
          - name: small
            paths: ["src/**"]
            deletions: 0
            files: 2
            lines: 10
            modes: false
            links: false
            verdict: allow
            beyond: ask
            reason: small edits pass
            examples:
              match: [{modified: [src/a.c], lines: 10}]
              not_match: [{deleted: [src/a.c]}]

        """

    private func facts(_ changes: EffectFacts.Change..., tool: String = "shell_exec") -> EffectFacts {
        EffectFacts(toolName: tool, changes: changes)
    }

    private func change(
        _ name: String, _ change: FileEffect.Change = .modified, mode: Bool = false, link: Bool = false,
        lines: Int? = 1
    ) throws -> EffectFacts.Change {
        let path = try #require(EffectPath(Array(name.utf8)))
        return EffectFacts.Change(path, change, changesMode: mode, isLink: link, lines: lines)
    }

    private func judge(_ facts: EffectFacts, yaml: String = rule) throws -> EffectJudgement {
        try Policy(yaml: Array(yaml.utf8)).effects.judge(facts)
    }

    @Test("let pass what stays inside every limit")
    func inside() throws {
        let judgement = try judge(facts(try change("src/a.c", lines: 4), try change("src/b/c.c", .added, lines: 6)))
        #expect(judgement.verdict == .allow && judgement.isLetPass)
        #expect(judgement.matches.first?.rule == "small")
    }

    @Test("see that a folder around a changed file gets other permissions; one that is made for it is told by the file")
    func foldersAround() throws {
        let file = try change("src/sub/a.c")
        let folder = try #require(EffectPath(Array("src".utf8)))
        let rule = Self.rule.replacing("src/**", with: "src/sub/**").replacing("src/a.c", with: "src/sub/a.c")
            .replacing("modes: false", with: "modes: true")
        func judged(_ before: UInt16?) throws -> PathVerdict {
            let facts = EffectFacts(
                toolName: "shell_exec", changes: [file], folders: [FolderEffect(folder, before: before, after: 0o777)])
            return try judge(facts, yaml: rule).verdict
        }
        #expect(try judged(0o755) == .ask)
        #expect(try judged(nil) == .allow)
    }

    @Test("ask about what exceeds one, and name it")
    func beyond() throws {
        let cases: [(EffectFacts, String)] = [
            (facts(try change("README.md")), "changes README.md outside src/**"),
            (facts(try change("src/a.c", .deleted)), "deletes 1 file, and 0 may be"),
            (facts(try change("src/a.c", lines: 11)), "changes 11 lines, and 10 may be"),
            (facts(try change("src/a.c", lines: nil)), "lines cannot be counted"),
            (facts(try change("src/a.c", .mode, mode: true, lines: 0)), "changes the permissions of 1 file"),
            (facts(try change("src/a.c", .symlink, link: true)), "changes 1 link"),
            (facts(try change("src/a"), try change("src/b"), try change("src/c")), "changes 3 files, and 2 may be"),
        ]
        for (effect, words) in cases {
            let judgement = try judge(effect)
            #expect(judgement.verdict == .ask)
            #expect(judgement.sentences.joined().contains(words), "\(words)")
        }
    }

    @Test("R54: never let pass a name that no rule can judge")
    func odd() throws {
        let path = try #require(EffectPath(Array("src/".utf8) + [0xFF]))
        let effect = EffectFacts(toolName: "shell_exec", changes: [.init(path, .added, lines: 1)])
        #expect(try judge(effect).verdict == .ask)
        let anywhere = Self.rule.replacing("    paths: [\"src/**\"]\n", with: "")
        #expect(try judge(effect, yaml: anywhere).verdict == .ask)
        #expect(effect.places.first?.judgedPlace == (try WorkspacePath("src")))
    }

    @Test("count folders that hold none of the files as places, and those that do not")
    func folders() throws {
        let made = try #require(EffectPath(Array("src".utf8)))
        let empty = try #require(EffectPath(Array("empty".utf8)))
        let changes = [try change("src/new.c", .added)]
        let within = EffectFacts(
            toolName: "t", changes: changes, folders: [FolderEffect(made, before: nil, after: 0o755)])
        let beside = EffectFacts(
            toolName: "t", changes: changes, folders: [FolderEffect(empty, before: nil, after: 0o755)])
        #expect(try judge(within).verdict == .allow)
        #expect(try judge(beside).verdict == .ask)
        let opened = EffectFacts(
            toolName: "t", changes: changes, folders: [FolderEffect(made, before: 0o755, after: 0o777)])
        #expect(try judge(opened).verdict == .ask)
    }

    @Test("speak of effects of the tools that they name only")
    func tools() throws {
        let yaml = Self.rule.replacing("    deletions: 0\n", with: "    deletions: 0\n    tools: [apply_patch]\n")
        #expect(try judge(facts(try change("src/a.c"), tool: "apply_patch"), yaml: yaml).verdict == .allow)
        let other = try judge(facts(try change("src/a.c", .deleted)), yaml: yaml)
        // Nobody's limits are exceeded: it is only asked about because nothing lets it pass.
        #expect(other.verdict == .ask && other.matches.first?.rule == nil)
    }

    @Test("where none has an opinion, what a run could have done passes, and nothing else", arguments: [true, false])
    func unruled(isInside: Bool) throws {
        let effect = EffectFacts(
            toolName: "run_tests", changes: [try change(isInside ? "build/x/a.o" : "buildings/a.o")],
            basis: .folders([try WorkspacePath("build")]))
        let judgement = try judge(effect, yaml: "version: 1\n")
        #expect(judgement.verdict == (isInside ? .allow : .ask))
        #expect(!judgement.isLetPass)
    }

    @Test(
        "R13: are refused when anything is wrong, with line and field",
        arguments: [
            (
                rule.replacing("deletions: 0", with: "deletions: -1"),
                "line 5: effects[0].deletions must be a whole number"
            ),
            (rule.replacing("lines: 10\n    modes", with: "lines: ten\n    modes"), "line 7: effects[0].lines must be"),
            (rule.replacing("modes: false", with: "modes: no"), "line 8: effects[0].modes must be true or false"),
            (
                rule.replacing("verdict: allow", with: "verdict: yes"),
                "line 10: effects[0].verdict must be allow, ask or deny"
            ),
            (rule.replacing("beyond: ask", with: "beyond: allow"), "line 11: effects[0].beyond must be ask or deny"),
            (rule.replacing("deletions: 0", with: "deletion: 0"), "effects[0].deletion is unknown; did you mean"),
            (rule.replacing("src/**\"]", with: "src/{a}\"]"), "line 4: effects[0].paths pattern"),
            (rule.replacing("lines: 10}", with: "lines: 11}"), "the example exceeds its limits: it changes 11 lines"),
            (rule.replacing("{deleted: [src/a.c]}", with: "{added: [src/a.c]}"), "the example stays inside them"),
            (rule.replacing("{deleted: [src/a.c]}", with: "{gone: [src/a.c]}"), "gone is unknown"),
            (rule.replacing("{deleted: [src/a.c]}", with: "{lines: 3}"), "names no file"),
            (
                "version: 1\neffects:\n  - {name: a, verdict: allow, reason: b, examples: {match: [{added: [x]}]}}",
                "has no limits"
            ),
            (
                "version: 1\neffects:\n  - {name: a, files: 3, reason: b, examples: {match: [{added: [x]}]}}",
                "needs verdict or beyond"
            ),
        ])
    func refused(yaml: String, problem: String) throws {
        let found = #expect(throws: FileProblem.self) { try Policy(yaml: Array(yaml.utf8)) }
        #expect(found?.description.contains(problem) == true, "\(found?.description ?? "")")
        _ = try Policy(yaml: Array(Self.rule.utf8))
    }
}
