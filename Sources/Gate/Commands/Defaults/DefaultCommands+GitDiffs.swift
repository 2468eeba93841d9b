extension DefaultCommands {
    /// Reading changes. What a repository could make these execute is switched off when they run, see GitInvocation.
    static let gitDiffs = #"""
          - name: git diff
            run: [git, [diff, diff-tree, diff-index, diff-files]]
            global_flags: [--no-pager]
            flags:
        \#(shared)
              - "--cached"
              - "--staged"
              - "--merge-base"
              - "--exit-code"
              - "--quiet"
              - "--check"
              - "-r"
              - "--root"
              - "--no-commit-id"
            operands: ["<revision>...", "--", "<path>..."]
            verdict: allow
            reason: "reading changes changes nothing"
            examples:
              match:
                - "git diff"
                - "git diff --cached --stat"
                - "git diff HEAD~1 HEAD -- src"
                - "git diff -U5 main...topic"
                - "git diff-tree -r --name-only HEAD"
              not_match:
                - "git diff --output=/tmp/x"
                - "git diff --output x"
                - "git diff --outp=x"
                - "git diff --ext-diff"
                - "git diff --textconv"
                - "git diff --no-index /etc/passwd a"
                - "git diff -O/etc/passwd"
                - "git diff /etc/passwd /etc/shadow"
                - "git diff --cached --ext-dif"

          - name: git log
            run: [git, [log, show, whatchanged]]
            global_flags: [--no-pager]
            flags:
        \#(shared)
        \#(walking)
              - "-L <text>"
              - "--follow"
              - "--graph"
              - "--no-patch"
              - "--decorate"
              - "--decorate=short|full|auto|no"
              - "--no-decorate"
              - "--show-pulls"
              - "--no-walk"
              - "-m"
              - "-c"
              - "--cc"
            operands: ["<revision>...", "--", "<path>..."]
            verdict: allow
            reason: "reading history changes nothing"
            examples:
              match:
                - "git log --oneline -5"
                - "git log -n 20 --graph --all -- src"
                - "git show HEAD:README.md"
                - "git log --format=%H --since=2.days"
                - "git show --stat HEAD"
                - "git --no-pager log"
              not_match:
                - "git log --output=x"
                - "git -p log"
                - "git --paginate log"
                - "git log --ext-diff"
                - "git show --textconv HEAD"
                - "git log --show-signature"
                - "git log -- ../other"

        """#

    /// Shared by everything that prints changes.
    private static let shared = lines(
        "-p", "-u", "-s", "-z", "-w", "-b", "-a", "-R", "--patch", "--raw", "--patch-with-raw", "--minimal",
        "--patience",
        "--histogram", "--diff-algorithm=default|myers|minimal|patience|histogram", "-U <number>", "--unified <number>",
        "--stat", "--stat=<word>", "--numstat", "--shortstat", "--summary", "--patch-with-stat", "--compact-summary",
        "--dirstat", "--name-only", "--name-status", "--color", "--color=always|never|auto", "--no-color",
        "--word-diff", "--word-diff=color|plain|porcelain|none", "--color-words", "--find-renames",
        "--find-renames=<word>", "--no-renames", "--find-copies", "--diff-filter=<word>", "--full-index", "--binary",
        "--text", "--abbrev", "--abbrev=<number>", "--relative", "--no-relative", "--ignore-all-space",
        "--ignore-space-change", "--ignore-space-at-eol", "--ignore-blank-lines", "--ignore-cr-at-eol",
        "--function-context", "--inter-hunk-context=<number>", "--src-prefix=<word>", "--dst-prefix=<word>",
        "--no-prefix", "-S <text>", "-G <text>", "--pickaxe-all", "--pickaxe-regex", "--no-ext-diff", "--no-textconv")

    /// Shared by everything that walks history.
    static let walking = lines(
        "-<number>", "-n <number>", "--max-count <number>", "--skip <number>", "--since <text>", "--after <text>",
        "--until <text>", "--before <text>", "--author <text>", "--committer <text>", "--grep <text>", "--all-match",
        "--invert-grep", "-i", "--regexp-ignore-case", "-E", "-F", "-P", "--extended-regexp", "--fixed-strings",
        "--merges", "--no-merges", "--first-parent", "--all", "--branches", "--tags", "--remotes", "--reverse",
        "--date-order", "--topo-order", "--author-date-order", "--oneline", "--pretty", "--pretty=<text>",
        "--format <text>", "--date <text>", "--abbrev-commit", "--no-abbrev-commit", "--parents", "--children",
        "--left-right", "--cherry-pick", "--cherry-mark", "--cherry", "--boundary", "--simplify-by-decoration",
        "--full-history", "--ancestry-path", "--reflog", "--walk-reflogs", "-g")

    static func lines(_ flags: String...) -> String {
        flags.map { "      - \"\($0)\"" }.joined(separator: "\n")
    }
}
