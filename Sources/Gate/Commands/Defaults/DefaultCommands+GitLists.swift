extension DefaultCommands {
    /// Listing what a repository holds.
    static let gitLists = #"""
          - name: git ls-files
            run: [git, [ls-files, ls-tree]]
            flags: ["-c", "-d", "-m", "-o", "-s", "-u", "-z", "-r", "-t", "-l", "-v", "--cached", "--deleted", "--modified",
              "--others", "--stage", "--unmerged", "--exclude-standard", "--full-name", "--name-only", "--long",
              "--error-unmatch", "--directory", "--deduplicate", "--eol", "--abbrev", "--full-tree"]
            operands: ["<revision>...", "--", "<path>..."]
            verdict: allow
            reason: "listing tracked files changes nothing"
            examples:
              match: ["git ls-files", "git ls-files -co --exclude-standard", "git ls-tree -r HEAD"]
              not_match: ["git ls-files -X /etc/passwd", "git ls-files --exclude-from=x", "git ls-files ../x"]

          - name: git rev-list
            run: [git, [rev-list, shortlog]]
            flags:
        \#(walking)
              - "--count"
              - "-s"
              - "--summary"
              - "--numbered"
              - "--email"
              - "--objects"
            operands: ["<revision>...", "--", "<path>..."]
            verdict: allow
            reason: "counting commits changes nothing"
            examples:
              match: ["git rev-list --count HEAD", "git shortlog -s HEAD"]
              not_match: ["git rev-list --stdin", "git rev-list --use-bitmap-index --test-bitmap HEAD"]

          - name: git cat-file
            run: [git, cat-file, ["-t", "-s", "-e", "-p", commit, tree, blob, tag]]
            operands: ["<revision>"]
            verdict: allow
            reason: "reading an object changes nothing"
            examples:
              match: ["git cat-file -p HEAD", "git cat-file blob HEAD:README.md"]
              not_match: ["git cat-file --textconv HEAD:a", "git cat-file --filters HEAD:a", "git cat-file --batch"]

          - name: git refs
            run: [git, [show-ref, for-each-ref, merge-base, describe, name-rev]]
            flags: ["--heads", "--tags", "--all", "--always", "--long", "--contains", "--is-ancestor", "--fork-point",
              "--exact-match", "--first-parent", "--dereference", "--verify", "--name-only", "-d", "-q", "--quiet",
              "--abbrev=<number>", "--match <word>", "--exclude <word>", "--count=<number>", "--sort=<word>",
              "--format <text>", "--points-at <revision>", "--merged <revision>", "--no-merged <revision>"]
            operands: ["<revision>..."]
            verdict: allow
            reason: "reading references changes nothing"
            examples:
              match: ["git describe --tags --always", "git merge-base main HEAD", "git for-each-ref --sort=refname"]
              not_match: ["git describe --dirty=x", "git show-ref --exclude-existing", "git for-each-ref --shell"]

          - name: git branch list
            run: [git, branch]
            flags: ["-a", "-r", "-v", "--all", "--remotes", "--verbose", "--show-current", "--no-color", "--color=never",
              "--contains <revision>", "--no-contains <revision>", "--merged <revision>", "--no-merged <revision>",
              "--points-at <revision>", "--sort=<word>", "--format <text>", "--no-column"]
            verdict: allow
            reason: "listing branches changes nothing"
            examples:
              match: ["git branch", "git branch -avv", "git branch --show-current", "git branch --contains HEAD"]
              not_match: ["git branch topic", "git branch -D main", "git branch -d x", "git branch -m a b",
                "git branch --edit-description", "git branch -u origin/main"]

          - name: git lists
            run: [git, [branch, tag], ["--list", "-l"]]
            flags: ["-a", "-r", "-v", "-n", "--all", "--remotes", "--sort=<word>", "--format <text>",
              "--contains <revision>", "--merged <revision>", "--points-at <revision>"]
            operands: ["<word>..."]
            verdict: allow
            reason: "listing branches and tags changes nothing"
            examples:
              match: ["git branch --list 'feature/*'", "git tag -l 'v1.*' --sort=version:refname"]
              not_match: ["git tag v1", "git tag -d v1", "git branch --list -D main", "git tag -l -s x"]

          - name: git reflog
            run: [git, reflog]
            flags: ["-<number>", "-n <number>", "--all", "--oneline", "--date=<word>"]
            verdict: allow
            reason: "reading the reflog changes nothing"
            examples:
              match: ["git reflog", "git reflog -5"]
              not_match: ["git reflog expire", "git reflog delete HEAD@{1}", "git reflog expire --all --expire=now"]

          - name: git stashes and worktrees
            run: [git, [stash, worktree], list]
            flags: ["--porcelain", "--oneline"]
            verdict: allow
            reason: "listing changes nothing"
            examples:
              match: ["git stash list", "git worktree list --porcelain"]
              not_match: ["git stash", "git stash drop", "git stash show -p", "git worktree add x"]

          - name: git remotes
            run: [git, remote]
            flags: ["-v", "--verbose"]
            verdict: allow
            reason: "listing remotes changes nothing"
            examples:
              match: ["git remote", "git remote -v"]
              not_match: ["git remote add x y", "git remote show origin", "git remote update", "git remote prune x"]

          - name: git grep
            run: [git, grep]
            flags: ["-n", "-i", "-w", "-l", "-L", "-c", "-E", "-F", "-P", "-G", "-v", "-h", "-H", "-I", "-z", "-o", "-p", "-W",
              "-q", "-A <number>", "-B <number>", "-C <number>", "-e <text>", "--line-number", "--ignore-case",
              "--word-regexp", "--files-with-matches", "--name-only", "--count", "--extended-regexp", "--fixed-strings",
              "--perl-regexp", "--invert-match", "--heading", "--break", "--cached", "--untracked", "--show-function",
              "--function-context", "--max-depth <number>", "--no-color", "--color=never", "--and", "--or", "--not",
              "--all-match", "--only-matching", "--no-textconv"]
            first_unless: ["-e"]
            operands: ["<text>", "<revision>...", "--", "<path>..."]
            verdict: allow
            reason: "searching changes nothing"
            examples:
              match: ["git grep -n TODO", "git grep -e foo HEAD -- src"]
              not_match: ["git grep -O x", "git grep --open-files-in-pager=sh x", "git grep -f /etc/passwd",
                "git grep --no-index x", "git grep --textconv x", "git grep x -- /etc"]

        """#
}
