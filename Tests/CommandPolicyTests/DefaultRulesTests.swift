import Gate
import Testing
import ToolKit

@Suite("The default rules about programs")
struct DefaultRulesTests {
    private let machine: MachineFixture
    private let policy: Policy

    init() throws {
        (machine, policy) = try MachineFixture.shared.get()
    }

    @Test(
        "let the ordinary work of agents pass",
        arguments: [
            "git status", "git status -sb --porcelain=v1", "git diff --cached --stat", "git diff HEAD~1 -- src/a.swift",
            "git log --oneline -10", "git log -n 5 --format='%h %s'", "git --no-pager log -3", "git show HEAD",
            "git branch --list", "git branch -a", "git rev-parse --abbrev-ref HEAD", "git ls-files",
            "git blame a.swift",
            "git --version", "pip list", "pip show flask", "pip --version", "python -m json.tool a.json",
            "python3 -m pytest -q tests", "python -m unittest", "pytest -x", "ls -la", "ls", "cat README.md",
            "wc -l a b", "head -n 5 a", "head -20 a", "tail -n 5 a", "stat a", "rg -n foo src", "grep -rn foo src",
            "find . -name '*.swift' -type f", "sed -n 1,20p a", "sed -n '/a/,/b/p' a", "sort -u a", "diff -u a b",
            "swift build", "swift test --filter x", "npm test", "npm run build", "cargo test --release",
            "go test ./...", "make test", "node --test", "timeout 10 git status", "nice -n 5 swift build",
            "python3 --version",
        ])
    func passes(text: String) throws {
        let judgement = try policy.judge(text: text)
        #expect(judgement.verdict == .allow, "\(judgement.lines)")
        #expect(judgement.pinned != nil)
    }

    @Test(
        "deny what is not listed, and say what would let it pass",
        arguments: [
            "rm -rf .", "mv a b", "cp a b", "touch a", "curl http://example.org", "wget x", "ping example.org",
            "dig x.example.org", "nc -l 1", "ssh host", "git push", "git commit -m x", "git checkout main", "git reset",
            "git clean -fd", "git config core.pager x", "git init /tmp/x", "git add ../../.kube/config", "git stash",
            "pip install x", "npm install", "npx x", "python a.py", "python", "python -i", "node", "make deploy",
            "swift run", "cargo run", "go run x.go", "chmod +x a", "dd if=/dev/zero of=x", "tee x", "ed x", "vi x",
            "man --html=sh ls", "man ls", "tar xf a", "zip -r a b", "unknown", "Git status", "GIT status",
        ])
    func denied(text: String) throws {
        let judgement = try policy.judge(text: text)
        #expect(judgement.verdict == .deny)
        #expect(judgement.pinned == nil)
        #expect(try !#require(judgement.remedy).isEmpty)
        #expect(judgement.lines.count >= 3)
    }

    @Test("R5: add build folders to what may be written, below the folder the command starts in")
    func writes() throws {
        #expect(try policy.judge(text: "swift build", in: "app").pinned?.writes.map(\.description) == ["app/.build"])
        #expect(try policy.judge(text: "git status").pinned?.writes == [])
        for (text, folder) in [
            ("pytest", ".pytest_cache"), ("python -m pytest", ".hypothesis"), ("npm test", "coverage"),
            ("npm run build", "node_modules/.vite"), ("cargo test", "target"), ("make test", "build"),
        ] {
            let writes = try policy.judge(text: text).pinned?.writes.map(\.description) ?? []
            #expect(writes.contains(folder), "\(text)")
            #expect(!writes.contains { [".", "src", "node_modules", ".venv"].contains($0) }, "\(text)")
        }
        let words = try CommandWords("swift build")
        let readOnly = policy.commands.judge(Command(words, view: .readOnly))
        #expect(readOnly.pinned?.writes == [])
        #expect(Access.run(Command(words)).canChange)
        #expect(!Access.run(Command(words, view: .readOnly)).canChange)
    }

    @Test("ask the rules about places for every path that a command names")
    func places() throws {
        for text in [
            "cat .env", "grep -n x .env", "git show HEAD:.env", "sed -n 1p certs/server.pem", "cat app/../.env",
        ] {
            let judgement = policy.judge(Access.run(Command(try CommandWords(text))))
            #expect(judgement.verdict == .ask, "\(text)")
        }
        #expect(policy.verdict(ofText: "cat .env.example") == .allow)
    }

    @Test("are loaded as they stand in the file that a new home is given")
    func wholeFile() throws {
        let without = try machine.policy("version: 1")
        let elapsed = try ContinuousClock().measure { _ = try machine.policy(DefaultPolicy.yaml) }
        print("default policy: \(DefaultPolicy.yaml.utf8.count) bytes, loaded in \(elapsed)")
        #expect(without.commands.rules.map(\.name) == policy.commands.rules.map(\.name))
        #expect(policy.commands.rules.count > 30)
        let none = try machine.policy("version: 1\ncommands: []")
        #expect(none.verdict(ofText: "ls") == .deny)
        // Within a sandbox the system belongs to somebody else, and its programs are not trusted.
        guard MachineFixture.owner("/usr/bin") == 0 else { return }
        let real = try Policy(yaml: Array(DefaultPolicy.yaml.utf8))
        #expect(real.verdict(ofText: "cat README.md") == .allow)
    }

    @Test("R13: judge the longest commands in little time, and ordinary ones at hardly any cost")
    func speed() throws {
        let clock = ContinuousClock()
        let status = Command(try CommandWords("git log --oneline -5 -- src/a.swift"))
        let ordinary = clock.measure { for _ in 0..<200 { _ = policy.commands.judge(status) } } / 200
        let long: [[String]] = [
            ["cat"] + Array(repeating: "a/b", count: 4_000), ["find"] + Array(repeating: "(", count: 4_000),
            ["sed", "-n", String(repeating: "s/[a]/b/;", count: 14_000), "a"], Array(repeating: "nice", count: 4_000),
            ["ls", "-" + String(repeating: "l", count: 130_000)],
            ["git", "log"] + Array(repeating: "--grep=x", count: 4_000),
        ]
        let longest = try clock.measure {
            for words in long { _ = policy.commands.judge(Command(try CommandWords(list: words))) }
        }
        print("judging: \(ordinary) a command, \(longest) for the longest")
        #expect(ordinary < .milliseconds(50))
        #expect(longest < .seconds(20))
    }
}
