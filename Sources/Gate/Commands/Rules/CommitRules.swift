/// The rules that let `git_commit` start git, beside those of `policy.yaml`: exactly the words that this tool makes.
///
/// They hold for commands that only that tool can make (``Command/WorkspaceView/committing``), so that the same words in
/// `shell_exec` still meet no rule. An operator's rule about `git commit` or `git add` has its say as well, and the
/// strictest wins.
enum CommitRules {
    /// Empty when they cannot be read, which a test would find: then nothing is committed.
    static let rules = (try? PolicyDecoder.decode(Array(yaml.utf8)).commands) ?? []

    private static let yaml = """
        version: 1
        commands:
          - name: git_commit stages
            run: [git, add]
            flags: ["--all"]
            operands: ["--", "<path>..."]
            verdict: allow
            reason: "git_commit is switched on, and stages the files that the call names"
            examples:
              match: ["git add --all -- a.txt", "git add --all -- -n"]
              not_match: ["git add -f a", "git add --all ../x", "git add --all -- ../x", "git add -p", "git add --chmod=+x a"]
          - name: git_commit
            run: [git, commit]
            flags: ["--quiet", "--cleanup=whitespace", "--message=<text>", "--only"]
            operands: ["--", "<path>..."]
            verdict: allow
            reason: "git_commit is switched on"
            examples:
              match:
                - "git commit --quiet --cleanup=whitespace --message=x"
                - "git commit --quiet --message=-x --only -- a.txt"
              not_match: ["git commit --amend", "git commit -m x", "git commit -F /etc/passwd", "git commit --message=x -S",
                "git commit -a --message=x", "git commit --message=x --author=y"]

        """
}
