extension DefaultCommands {
    /// Searching in files.
    static let search = #"""
          - name: grep
            run: [[grep, egrep, fgrep]]
            flags: ["-r", "-R", "-n", "-i", "-l", "-L", "-c", "-v", "-w", "-x", "-E", "-F", "-P", "-G", "-o", "-h", "-H", "-s", "-q", "-a",
              "-I", "-z", "-b", "-A <number>", "-B <number>", "-C <number>", "-m <number>", "-e <text>", "--recursive",
              "--line-number", "--ignore-case", "--files-with-matches", "--files-without-match", "--count",
              "--invert-match", "--word-regexp", "--line-regexp", "--extended-regexp", "--fixed-strings", "--perl-regexp",
              "--only-matching", "--no-filename", "--with-filename", "--no-messages", "--quiet", "--text", "--null",
              "--include=<text>", "--exclude=<text>", "--exclude-dir=<text>", "--max-count <number>", "--context <number>",
              "--after-context <number>", "--before-context <number>", "--regexp <text>", "--color=never|auto|always",
              "--binary-files=text|binary|without-match", "--line-buffered"]
            first_unless: ["-e", "--regexp"]
            operands: ["<text>", "<path>...", "--", "<path>..."]
            verdict: allow
            reason: "searching changes nothing"
            examples:
              match: ["grep -rn TODO src", "grep -e foo -e bar a", "grep --include='*.py' -r import .", "grep -A3 x a",
                "grep -n /users/me src/a.js"]
              not_match: ["grep -f /etc/passwd a", "grep --file=x a", "grep root /etc/passwd", "grep -e root /etc/passwd",
                "grep --exclude-from=/etc/passwd x a", "grep -rn x ..", "grep --regex=x a", "grep -e -x a"]

          - name: ripgrep
            run: [rg]
            flags: ["-n", "-N", "-i", "-S", "-s", "-l", "-c", "-v", "-w", "-x", "-F", "-P", "-U", "-o", "-u", "-a", "-q", "-p", "-H", "-I",
              "-A <number>", "-B <number>", "-C <number>", "-m <number>", "-e <text>", "-g <text>", "-t <word>",
              "-T <word>", "-M <number>", "-r <text>", "-d <number>", "-j <number>", "--files", "--hidden",
              "--no-ignore", "--no-ignore-vcs", "--line-number", "--no-line-number", "--ignore-case", "--smart-case",
              "--case-sensitive", "--files-with-matches", "--files-without-match", "--count", "--count-matches",
              "--invert-match", "--word-regexp", "--line-regexp", "--fixed-strings", "--pcre2", "--multiline",
              "--only-matching", "--json", "--vimgrep", "--no-heading", "--heading", "--stats", "--trim", "--text",
              "--no-filename", "--with-filename", "--column", "--glob <text>", "--iglob <text>", "--type <word>",
              "--type-not <word>", "--type-list", "--max-count <number>", "--max-depth <number>", "--max-columns <number>",
              "--max-filesize <count>", "--context <number>", "--after-context <number>", "--before-context <number>",
              "--regexp <text>", "--replace <text>", "--sort=none|path|modified|accessed|created",
              "--color=never|auto|always|ansi", "--no-config", "--no-messages", "--null", "--passthru", "--version"]
            first_unless: ["-e", "--regexp", "--files", "--type-list"]
            operands: ["<text>", "<path>...", "--", "<path>..."]
            verdict: allow
            reason: "searching changes nothing"
            examples:
              match: ["rg TODO", "rg -n 'fn main' src", "rg --files src", "rg -g '*.py' import", "rg --json x src"]
              not_match: ["rg --pre sh x", "rg --pre=sh x", "rg --pre-glob '*' x", "rg -z x", "rg --search-zip x",
                "rg --hostname-bin=sh x", "rg -f /etc/passwd", "rg root /etc/passwd", "rg --files /etc", "rg --ignore-file x y",
                "rg -nz x", "rg --follow x"]

        """#

    static let find = #"""
          - name: find files
            run: [find]
            flags: ["-H", "-P", "(", ")", "!", "-a", "-o", "-not", "-and", "-or", "-name <text>", "-iname <text>",
              "-path <text>", "-ipath <text>", "-wholename <text>", "-regex <text>", "-iregex <text>",
              "-regextype <word>", "-type <word>", "-xtype <word>", "-size <count>", "-empty", "-mtime <count>",
              "-mmin <count>", "-atime <count>", "-amin <count>", "-ctime <count>", "-cmin <count>", "-newer <path>",
              "-perm <word>", "-user <word>", "-group <word>", "-links <count>", "-inum <count>", "-executable",
              "-readable", "-writable", "-maxdepth <number>", "-mindepth <number>", "-depth", "-xdev", "-mount",
              "-prune", "-print", "-print0", "-printf <text>", "-ls", "-quit", "-true", "-false", "-daystart"]
            operands: ["<path>..."]
            verdict: allow
            reason: "looking for files changes nothing"
            examples:
              match: ["find . -name '*.py'", "find src -type f -size +10k -mtime -7", "find . -maxdepth 2 -not -path './.git/*'",
                "find . '(' -name a -o -name b ')' -print"]
              not_match: ["find . -exec id ';'", "find . -execdir id ';'", "find . -ok id ';'", "find . -okdir id ';'",
                "find . -delete", "find . -fprint out", "find . -fprintf out x", "find . -fls out", "find . -fprint0 out",
                "find -files0-from x", "find / -name x", "find .. -name x", "find -L .", "find . -name a -exec id '{}' +",
                "find . -newer /etc/passwd", "find . -- -exec id"]

        """#
}
