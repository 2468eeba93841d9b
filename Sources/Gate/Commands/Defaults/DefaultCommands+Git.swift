extension DefaultCommands {
    /// Reading the state of a repository.
    static let git = #"""
          - name: git status
            run: [git, status]
            global_flags: [--no-pager, --no-optional-locks]
            flags:
              - "-s"
              - "-b"
              - "-z"
              - "--short"
              - "--branch"
              - "--long"
              - "--show-stash"
              - "--porcelain"
              - "--porcelain=v1|v2|1|2"
              - "-uno"
              - "-unormal"
              - "-uall"
              - "--untracked-files"
              - "--untracked-files=no|normal|all"
              - "--ignored"
              - "--ignored=traditional|matching|no"
              - "--ahead-behind"
              - "--no-ahead-behind"
              - "--renames"
              - "--no-renames"
            operands: ["<path>...", "--", "<path>..."]
            verdict: allow
            reason: "reading the state of the repository changes nothing"
            examples:
              match: ["git status", "git status -sb", "git status --porcelain=v2 -- src", "git --no-pager status"]
              not_match:
                - "git -c core.fsmonitor=x status"
                - "git -C /etc status"
                - "git --git-dir=/tmp/x status"
                - "git --exec-path=/tmp status"
                - "git -p status"
                - "git status --porc"
                - "git status ../other"
                # It would print changes through the programs that attributes name.
                - "git status -v"
                - "git status /etc"

          - name: git blame
            run: [git, [blame, annotate]]
            global_flags: [--no-pager]
            flags:
              - "-w"
              - "-e"
              - "-l"
              - "-s"
              - "-p"
              - "-L <text>"
              - "--line-porcelain"
              - "--porcelain"
              - "--root"
              - "--since <text>"
              - "--show-email"
              - "--show-name"
              - "--show-number"
              - "--date <word>"
            operands: ["<revision>...", "--", "<path>..."]
            verdict: allow
            reason: "reading who changed a line changes nothing"
            examples:
              match: ["git blame -L 1,5 README.md", "git blame HEAD~1 -- src/a.c"]
              not_match: ["git blame --contents /etc/passwd README.md", "git blame --textconv a", "git blame -S f a"]

          - name: git rev-parse
            run: [git, rev-parse]
            flags:
              - "--abbrev-ref"
              - "--short"
              - "--short=<number>"
              - "--verify"
              - "-q"
              - "--quiet"
              - "--show-toplevel"
              - "--show-prefix"
              - "--show-cdup"
              - "--git-dir"
              - "--is-inside-work-tree"
              - "--is-inside-git-dir"
              - "--is-bare-repository"
              - "--is-shallow-repository"
              - "--symbolic-full-name"
              - "--all"
              - "--branches"
              - "--tags"
            operands: ["<revision>..."]
            verdict: allow
            reason: "resolving a revision changes nothing"
            examples:
              match: ["git rev-parse HEAD", "git rev-parse --abbrev-ref HEAD", "git rev-parse --show-toplevel"]
              not_match: ["git rev-parse --parseopt", "git rev-parse --resolve-git-dir /tmp", "git rev-parse --sq-quote x"]

          - name: git version
            run: [git, [--version, version]]
            verdict: allow
            reason: "the version of git is no secret"
            examples:
              match: ["git --version"]
              not_match: ["git --version --build-options", "git --exec-path"]

          - name: git never leaves
            run: [git, [push, fetch, pull, clone, remote-http, remote-https, remote-ext, send-pack, fetch-pack,
              upload-pack, receive-pack, daemon, http-backend, credential, credential-store, svn, p4, send-email]]
            verdict: deny
            reason: "repositories are exchanged by a person, with that person's own credentials"
            examples:
              match: ["git push", "git fetch origin --upload-pack=x", "git clone ext::sh", "git pull --rebase"]
              not_match: ["git status", "git log origin/main"]

        """#
}
