import Gate
import Testing
import ToolKit

@Suite("A rule about programs that is loaded")
struct RuleLoadingTests {
    private let machine: MachineFixture

    init() throws { machine = try MachineFixture.shared.get().machine }

    private static let whole = rule(
        "run: [git, [status, log]]", "flags: [\"-s\", \"-n <number>\", \"--color=never|auto\", \"--since <text>\"]",
        "operands: [\"<path>...\"]", "verdict: allow", "writes: [.build, /cache]",
        "examples: {match: [\"git status -s\"], not_match: [\"git push\"]}")

    @Test("is in force as it stands")
    func whole() throws {
        let policy = try machine.policy(rules: Self.whole)
        for text in [
            "git status", "git log -s", "git log -n 5", "git log -n5", "git log --since=x", "git log --since x y",
        ] {
            #expect(policy.verdict(ofText: text) == .allow, "\(text)")
        }
        for text in [
            "git", "git log -x", "git log -n x", "git log -n", "git log --color", "git log --color=always",
            "git log --since -x", "git log -- a", "git log --sin=x", "git log -sn5", "ls",
        ] {
            #expect(policy.verdict(ofText: text) == .deny, "\(text)")
        }
        let writes = try policy.judge(text: "git status", in: "sub").pinned?.writes.map(\.description)
        #expect(writes == ["sub/.build", "cache"])
    }

    @Test(
        "R13: is refused when anything is wrong, by line and field",
        arguments: [
            (
                "examples: {match: [\"git status -s\"]", "examples: {match: [\"git status -x\"]",
                "the option -x, which is not listed"
            ),
            ("not_match: [\"git push\"]", "not_match: [\"git log\"]", "the example \"git log\" is matched by it"),
            ("match: [\"git status -s\"]", "match: [\"git status; x\"]", "is no command"),
            ("verdict: allow", "verdict: maybe", "line 7: commands[0].verdict must be allow, ask or deny"),
            ("verdict: allow", "verdicts: allow", "verdict is required"),
            ("run: [git, [status, log]]", "run: git", "run must be a list"),
            ("run: [git, [status, log]]", "run: []", "run must be a list"),
            ("run: [git, [status, log]]", "run: [/usr/bin/git]", "a program's name without a folder"),
            ("run: [git, [status, log]]", "run: [\"-x\"]", "a program's name without a folder"),
            ("run: [git, [status, log]]", "run: [git, []]", "run[1] is empty"),
            ("run: [git, [status, log]]", "run: [git, {a: b}]", "must be a text"),
            ("\"-s\"", "\"s t u\"", "has more than one space"), ("\"-s\"", "\"--\"", "is no flag"),
            ("\"-s\"", "\"-n <digits>\"", "has an unknown value"), ("\"-s\"", "\"-\u{e9}\"", "must be ASCII"),
            ("\"-s\"", "\"-s\", \"-s\"", "is listed twice"), ("\"-s\"", "\"-s\", \"-s <text>\"", "with and without"),
            ("\"<path>...\"", "\"<path>...\", \"<text>\"", "stands behind one that repeats"),
            ("\"<path>...\"", "\"<paths>\"", "is no operand"),
            ("operands: [\"<path>...\"]", "global_flags: [x]", "is no flag"),
            ("writes: [.build, /cache]", "writes: [../x]", "must be a folder below"),
            ("writes: [.build, /cache]", "writes: [.]", "must be a folder below"),
            ("writes: [.build, /cache]", "writes: [\"**/x\"]", "must be a folder below"),
            ("writes: [.build, /cache]", "writes: [.git/hooks]", "below .git"),
            ("writes: [.build, /cache]", "network: true", "commands[0].network is unknown"),
            ("    reason: because\n", "", "reason is required"),
        ])
    func refused(part: String, replacement: String, expected: String) throws {
        let text = Self.whole.replacing(part, with: replacement)
        let reason = problem(of: text, on: machine)
        #expect(reason?.contains(expected) == true, "\(reason ?? "loaded")")
    }

    @Test("R13: needs examples, and open flags need open operands")
    func incomplete() {
        #expect(problem(of: rule("run: [ls]", "verdict: allow"), on: machine)?.contains("examples is required") == true)
        let half = rule("run: [ls]", "flags: any", "verdict: allow", "examples: {match: [ls]}")
        #expect(problem(of: half, on: machine)?.contains("operands must be any") == true)
        #expect(problem(of: Self.whole + Self.whole, on: machine)?.contains("the name of an earlier rule") == true)
    }

    @Test("R12: without flags and operands lets none pass when it allows, and covers all when it denies")
    func defaults() throws {
        let allow = try machine.policy(rules: rule("run: [ls]", "verdict: allow", "examples: {match: [ls]}"))
        #expect(allow.verdict(ofText: "ls") == .allow)
        #expect(allow.verdict(ofText: "ls -l") == .deny)
        #expect(allow.verdict(ofText: "ls a") == .deny)
        let deny = try machine.policy(
            rules: rule("run: [ls]", "flags: any", "operands: any", "verdict: allow", "examples: {match: [ls -l a]}")
                + rule("run: [ls, secret]", "verdict: deny", "examples: {match: [ls secret -l x]}")
                .replacing("name: rule", with: "name: other"))
        #expect(deny.verdict(ofText: "ls -l") == .allow)
        #expect(deny.verdict(ofText: "ls secret -l") == .deny)
    }

    @Test("the strictest that matches wins, in any order")
    func strictest() throws {
        let verdicts = ["allow", "ask", "deny"]
        let rules = verdicts.map { verdict in
            rule("run: [ls]", "verdict: \(verdict)", "examples: {match: [ls]}").replacing(
                "name: rule", with: "name: \(verdict)")
        }
        #expect(try machine.policy(rules: rules[0] + rules[1]).judge(text: "ls").verdict == .ask)
        #expect(try machine.policy(rules: rules[1] + rules[0]).judge(text: "ls").pinned != nil)
        let all = try machine.policy(rules: rules[2] + rules[0] + rules[1]).judge(text: "ls")
        #expect(all.verdict == .deny)
        #expect(all.matches.map(\.rule.name) == ["deny", "ask", "allow"])
        #expect(all.pinned == nil)
    }

    @Test(
        "R13: a toolchain that is too broad, or that sets what decides about code, is refused",
        arguments: [
            ("/", "must be the absolute path"), ("/home/me", "must be the absolute path"), ("/usr", "must be the"),
            ("x", "must be the absolute path"), ("/opt/../etc", "must be the"), ("/etc/x", "must be the"),
            ("/proc/self/root", "must be the"), ("/opt/x, environment: {LD_PRELOAD: x}", "LD_PRELOAD is a variable"),
            ("/opt/x, environment: {PATH: x}", "PATH is a variable"),
            ("/opt/x, environment: {lower: x}", "is a variable"),
            ("/opt/x, environment: {GIT_SSH: x}", "GIT_SSH is a variable"),
            ("/opt/x, folders: x", "folders is unknown"),
        ])
    func toolchains(folder: String, expected: String) throws {
        let form = "version: 1\ntoolchains:\n  - {name: a, programs: [bin/x], folder: FOLDER}"
        let reason = try #require(throws: FileProblem.self) {
            try machine.policy(form.replacing("FOLDER", with: folder))
        }.reason
        #expect(reason.contains(expected), "\(reason)")
        let good = form.replacing("FOLDER", with: "/opt/x, environment: {CARGO_HOME: /opt/x}")
        #expect(try machine.policy(good).commands.programs.toolchains.map(\.folder) == ["/opt/x"])
        let bad = good.replacing("bin/x", with: "../x")
        #expect(throws: FileProblem.self) { try machine.policy(bad) }
    }
}
