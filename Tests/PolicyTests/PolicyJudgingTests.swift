import Gate
import Testing
import ToolKit

@Suite("A policy that is asked")
struct PolicyJudgingTests {
    private let policy: Policy

    init() throws {
        let text = """
            version: 1
            paths:
              - {name: logs, match: [logs], read: allow, write: ask, reason: "logs are kept", examples: {match: [logs/a]}}
              - {name: old logs, match: ["logs/old"], write: deny, reason: "done", examples: {match: [logs/old/a]}}
              - {name: secrets, match: [".env"], except: ["demo/.env"], read: ask, write: deny, reason: "secret",
                 examples: {match: [.env]}}
            """
        policy = try Policy(yaml: Array(text.utf8), masked: [try WorkspacePath("home/config")])
    }

    @Test("lets the strictest rule win, whatever the order")
    func strictest() throws {
        #expect(try policy.verdict("logs/a", .write) == .ask)
        #expect(try policy.verdict("logs/old/a", .write) == .deny)
        #expect(try policy.verdict("logs/old/a", .read) == .allow)
        let judgement = policy.judge(.write(try WorkspacePath("logs/a"), try WorkspacePath("logs/old/b")))
        #expect(judgement.verdict == .deny)
        #expect(judgement.matches.map(\.rule) == ["old logs", "logs", "logs"])
        #expect(judgement.matches.map(\.verdict) == [.deny, .ask, .ask])
    }

    @Test("allows what no rule speaks of, and calls that touch nothing")
    func silence() throws {
        #expect(policy.judge(.write(try WorkspacePath("src/a"))) == policy.judge(.nothing))
        #expect(policy.judge(.nothing).verdict == .allow)
        #expect(policy.judge(.observe(.system)).verdict == .allow)
        #expect(policy.judge(.search(.root)).verdict == .allow)
    }

    @Test(
        "protects a name in any case, also on a disk that tells cases apart", arguments: [".ENV", "a/.Env", ".eNv/x"])
    func cases(path: String) throws {
        #expect(try policy.verdict(path, .write) == .deny)
        #expect(try policy.verdict(path, .read) == .ask)
    }

    @Test(
        "R5: never lets .git be written, whatever the file says",
        arguments: [
            ".git/config", "sub/.git/hooks/pre-commit", ".GIT/config", ".git", "a/.git./x", "git~1/config",
            ".g\u{200C}it/config",
        ])
    func controlFiles(path: String) throws {
        let text = yaml(
            "match: [\".git\", \".GIT*\", \"git~1\"]", "write: allow", "read: allow", reason,
            "examples: {match: [.git/config]}")
        let policy = try Policy(yaml: Array(text.utf8))
        #expect(try policy.verdict(path, .write) == .deny)
        #expect(try policy.verdict(path, .read) == .allow)
        #expect(try policy.verdict(".gitignore", .write) == .allow)
    }

    @Test(
        "R65: keeps the daemon's home out of reach when it lies inside the workspace",
        arguments: [
            "home/config", "home/config/policy.yaml", "HOME/Config/x",
        ])
    func masked(path: String) throws {
        for use in [Access.PathUse.read, .write, .search] { #expect(try policy.verdict(path, use) == .deny) }
        #expect(try policy.verdict("home/other", .write) == .allow)
    }

    @Test("explains: the rule, the pattern, why, and what would let it pass")
    func explain() throws {
        let denied = policy.explain(try WorkspacePath("app/.env"), .write)
        #expect(denied.verdict == .deny)
        #expect(
            denied.lines == [
                "write app/.env: deny", "  deny by \"secrets\" (pattern .env): secret",
                "  to let it pass: narrow the rule \"secrets\" in policy.yaml, or list the path under its except",
            ])
        let asked = policy.explain(try WorkspacePath("app/.env"), .read)
        #expect(asked.remedy == "have a person approve the call")
        let excepted = policy.explain(try WorkspacePath("demo/.env"), .write)
        #expect(excepted.verdict == .allow)
        #expect(excepted.exceptions == ["the rule \"secrets\" does not apply: its exception demo/.env matches"])
        #expect(excepted.remedy == nil)
        let builtIn = policy.explain(try WorkspacePath(".git/config"), .write)
        #expect(builtIn.remedy == "nothing; the rule is built in and no file can weaken it")
        #expect(builtIn.json["matches"]?.arrayValue?.first?["rule"] == "built-in: control files")
    }

    @Test("says in one sentence what a rule did")
    func sentence() throws {
        let match = try #require(policy.judge(.read(try WorkspacePath(".env"))).matches.first)
        #expect(match.sentence == "reading .env needs an approval by the rule \"secrets\": secret")
    }

    @Test("has a version that changes with its text")
    func version() throws {
        let one = try Policy(yaml: Array("version: 1".utf8))
        let same = try Policy(yaml: Array("version: 1".utf8))
        let other = try Policy(yaml: Array("version: 1 ".utf8))
        #expect(one.version == same.version)
        #expect(one.version != other.version)
        #expect(one.version.count == 64)
    }
}
