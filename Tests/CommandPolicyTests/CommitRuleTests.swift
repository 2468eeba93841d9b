import Gate
import Testing
import ToolKit

@Suite("The words of git_commit")
struct CommitRuleTests {
    private func judge(_ words: [String], _ view: Command.WorkspaceView) throws -> CommandJudgement {
        let command = Command(try CommandWords(list: words), view: view)
        return try MachineFixture.shared.get().policy.explain(command).command
    }

    private static let allowed = [
        ["git", "add", "--all", "--", "a.txt", "-n", "."],
        ["git", "commit", "--quiet", "--cleanup=whitespace", "--message=--amend"],
        ["git", "commit", "--quiet", "--cleanup=whitespace", "--message=x\ny", "--only", "--", "a b", "--all"],
    ]

    @Test("pass for the tool and for nobody else", arguments: allowed)
    func onlyForTheTool(words: [String]) throws {
        #expect(try judge(words, .committing).verdict == .allow)
        for view in [Command.WorkspaceView.asRuled, .readOnly, .hidden, .writable([.root])] {
            #expect(try judge(words, view).verdict == .deny)
        }
    }

    @Test(
        "R12: are exactly these",
        arguments: [
            ["git", "commit", "--amend", "--message=x"], ["git", "commit", "-m", "x"],
            ["git", "commit", "--message", "x"],
            ["git", "commit", "--message=x", "--author=a <b>"], ["git", "commit", "--message=x", "-S"],
            ["git", "commit", "--message=x", "--template=x"], ["git", "commit", "--message=x", "--no-verif"],
            ["git", "commit", "--message=x", "a.txt"], ["git", "commit", "--message=x", "--", "../a"],
            ["git", "commit", "--message=x", "--", "/etc/passwd"], ["git", "-c", "a=b", "commit", "--message=x"],
            ["git", "commit", "--file=/etc/passwd"], ["git", "add", "--force", "--", "a"],
            ["git", "add", "--all", "a"],
            ["git", "add", "--all", "--pathspec-from-file=x"], ["git", "push"], ["git", "rm", "--", "a"],
            ["sh", "-c", "git commit"], ["git", "update-ref", "HEAD", "x"],
        ])
    func nothingElse(words: [String]) throws {
        #expect(try judge(words, .committing).verdict == .deny)
    }

    @Test("need git, whichever rules a policy has")
    func withoutRules() throws {
        let policy = try MachineFixture.shared.get().machine.policy("version: 1\ncommands: []\n")
        let command = Command(try CommandWords(list: Self.allowed[0]), view: .committing)
        #expect(policy.explain(command).command.pinned != nil)
    }
}
