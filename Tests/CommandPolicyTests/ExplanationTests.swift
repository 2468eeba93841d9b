import Gate
import Testing
import ToolKit

@Suite("An explanation of a command's verdict")
struct ExplanationTests {
    private let machine: MachineFixture
    private let policy: Policy

    init() throws { (machine, policy) = try MachineFixture.shared.get() }

    @Test("names the rule that lets it pass and what would be started")
    func allowed() throws {
        let judgement = try policy.judge(text: "git status -s")
        #expect(judgement.lines[0] == "run git status -s: allow")
        #expect(judgement.lines[1].contains("allow by \"git status\" (git)"))
        #expect(judgement.lines[2] == "  starts \(machine.root)/bin/git --no-pager status --ignore-submodules=dirty -s")
        #expect(judgement.json["verdict"] == "allow")
        #expect(judgement.json["remedy"] == .null)
        #expect(judgement.json["starts"]?["argv"]?.arrayValue?.count == 5)
    }

    @Test(
        "names the nearest rule, what it does not let through, and the way out",
        arguments: [
            ("git push", "repositories are exchanged by a person"),
            ("git diff --output=x", "the option --output, which is not listed"),
            ("git -c a=b status", "an option before the subcommand"),
            ("git status --porc", "abbreviations are not understood"),
            ("sed -i s/a/b/ a", "the option -i, which is not listed"),
            ("cat /etc/passwd", "a path inside the workspace"),
            ("sed -n 'w x' a", "a script that only prints"), ("head -n x a", "gives -n a value that must be a number"),
            ("git status --color=x", "--color"), ("rm x", "a program that no rule speaks of"),
            ("sudo ls", "in a way that cannot be judged"), ("bash -c ls", "starts a shell"),
            ("uniq a b", "more operands than the rule lists"), ("./x", "by a path that no rule pins"),
        ])
    func denied(text: String, expected: String) throws {
        let judgement = try policy.judge(text: text)
        let denial = try #require(judgement.denial)
        #expect(denial.message.contains(expected), "\(denial.message)")
        #expect(!denial.remedy.isEmpty)
        #expect(judgement.lines.last?.contains(denial.remedy) == true)
        #expect(judgement.json["verdict"] == "deny")
        #expect(judgement.json["starts"] == .null)
    }

    @Test("a refusal holds no value of the command")
    func secrets() throws {
        for text in [
            "grep --password=hunter2 a b", "cat /hunter2", "git log --since -hunter2", "head -n hunter2 a", "hunter2 x",
        ] {
            let denial = try #require(try policy.judge(text: text).denial)
            #expect(!denial.message.contains("hunter2"), "\(denial.message)")
            #expect(!denial.remedy.contains("hunter2"))
        }
    }

    @Test("includes the rules about the places that the command names")
    func places() throws {
        let explanation = policy.explain(Command(try CommandWords("cat README.md .env")))
        #expect(explanation.verdict == .ask)
        #expect(explanation.command.verdict == .allow)
        #expect(explanation.places.map(\.path.description) == [".env"])
        #expect(explanation.lines.last == "together: ask")
        #expect(explanation.json["verdict"] == "ask")
        #expect(policy.explain(Command(try CommandWords("cat README.md"))).verdict == .allow)
        let call = policy.judge(.run(Command(try CommandWords("cat .env"))))
        #expect(call.sentences.count == 2)
    }

    @Test("shows words so that nothing in them passes for something else")
    func quoting() throws {
        let judgement = try policy.judge(words: ["rm", "a b", "", "x\ny", "\u{202e}x"])
        #expect(judgement.lines[0].hasPrefix("run rm \"a b\" \"\" \"x\\ny\" "))
        #expect(!judgement.lines[0].unicodeScalars.contains("\n"))
        #expect(judgement.lines.count >= 3)
    }

    @Test("a program that is missing says so, apart from any rule")
    func missing() throws {
        let own = try machine.policy(rules: rule("run: [absent]", "verdict: allow", "examples: {match: [absent]}"))
        let judgement = try own.judge(text: "absent")
        #expect(judgement.isMissingProgram)
        #expect(judgement.denial?.message.contains("not installed") == true)
        #expect(try !own.judge(text: "git").isMissingProgram)
    }

    @Test("of a whole call names path rules before commands")
    func wholeCall() throws {
        let allowed = policy.judge(.run(Command(try CommandWords("ls"))))
        #expect(allowed.denial == nil)
        #expect(allowed.commands.first?.pinned != nil)
        #expect(policy.judge(.run(Command(try CommandWords("rm x")))).denial?.message.contains("no rule") == true)
        let both = Access(
            places: [.init(try WorkspacePath(".git/config"), .write)], commands: [Command(try CommandWords("ls"))])
        #expect(policy.judge(both).denial?.message.contains(".git") == true)
    }
}
