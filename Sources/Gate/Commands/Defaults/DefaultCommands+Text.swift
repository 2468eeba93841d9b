extension DefaultCommands {
    /// Reading files.
    static let text = #"""
          - name: list files
            run: [ls]
            flags: ["-a", "-A", "-l", "-h", "-1", "-R", "-r", "-t", "-S", "-d", "-F", "-i", "-n", "-s", "-p", "-L", "-C", "-x",
              "-B", "-G", "-g", "-o", "-q", "-Q", "-X", "-c", "-u", "-k", "-m", "--all", "--almost-all", "--human-readable",
              "--recursive", "--reverse", "--directory", "--inode", "--size", "--classify", "--full-time", "--no-group",
              "--color=never|auto|always", "--sort=none|size|time|version|extension", "--time-style=iso|long-iso|full-iso",
              "--group-directories-first", "--si", "--numeric-uid-gid", "--dereference"]
            operands: ["<path>...", "--", "<path>..."]
            verdict: allow
            reason: "listing files changes nothing"
            examples:
              match: ["ls", "ls -la src", "ls -- -odd"]
              not_match: ["ls /etc", "ls ../..", "ls --hyperlink", "ls --colo=never", "ls $HOME", "ls -la; rm x"]

          - name: print files
            run: [[cat, nl, tac]]
            flags: ["-n", "-b", "-s", "-A", "-E", "-T", "-v", "-e", "-t", "--number", "--number-nonblank", "--show-all",
              "--squeeze-blank", "--show-ends", "--show-tabs"]
            operands: ["<path>...", "--", "<path>..."]
            verdict: allow
            reason: "printing files changes nothing"
            examples:
              match: ["cat README.md", "cat -n src/a.c", "cat 'a file.txt'"]
              not_match: ["cat /etc/passwd", "cat ../secret", "cat -", "cat ~/.ssh/id_rsa", "cat a > b"]

          - name: count
            run: [wc]
            flags: ["-l", "-w", "-c", "-m", "-L", "--lines", "--words", "--bytes", "--chars", "--max-line-length"]
            operands: ["<path>...", "--", "<path>..."]
            verdict: allow
            reason: "counting changes nothing"
            examples:
              match: ["wc -l README.md"]
              not_match: ["wc --files0-from=/etc/passwd", "wc --files0=x", "wc -l /etc/passwd"]

          - name: head and tail
            run: [[head, tail]]
            flags: ["-<number>", "-n <count>", "-c <count>", "-q", "-v", "-z", "--lines <count>", "--bytes <count>",
              "--quiet", "--silent", "--verbose"]
            operands: ["<path>...", "--", "<path>..."]
            verdict: allow
            reason: "printing the start or end of a file changes nothing"
            examples:
              match: ["head -n 5 a", "head -5 a", "tail -n +10 a", "head -n -3 a", "head -c 1K a"]
              not_match: ["tail -f log", "tail --follow=name log", "tail --pid=1 -f a", "head --lin 5 a", "head -n x a"]

          - name: a program that waits
            run: [tail, "-f"]
            verdict: allow
            reason: "it follows nothing until it is ended: what a lockdown drill starts"
            examples:
              match: ["tail -f"]
              not_match: ["tail -f log", "tail -f /etc/passwd", "tail -F"]

          - name: facts about files
            run: [stat]
            flags: ["-c <text>", "-f", "-t", "-L", "--format <text>", "--printf <text>", "--terse", "--dereference"]
            operands: ["<path>...", "--", "<path>..."]
            verdict: allow
            reason: "looking at a file changes nothing"
            examples:
              match: ["stat README.md", "stat -c %s README.md"]
              not_match: ["stat /etc/x", "stat --cached=never a"]

          - name: kinds of files
            run: [file]
            flags: ["-b", "-i", "-h", "-L", "-k", "--brief", "--mime", "--mime-type", "--mime-encoding", "--dereference"]
            operands: ["<path>...", "--", "<path>..."]
            verdict: allow
            reason: "looking at a file changes nothing"
            examples:
              match: ["file -b a"]
              not_match: ["file -m /tmp/magic a", "file -C", "file -f list", "file -z a", "file -s a", "file --files-from=x"]

          - name: names of files
            run: [[readlink, realpath]]
            flags: ["-f", "-e", "-m", "-n", "-z", "-s", "-q", "--canonicalize", "--no-symlinks", "--relative-to <path>"]
            operands: ["<path>...", "--", "<path>..."]
            verdict: allow
            reason: "resolving a name changes nothing"
            examples:
              match: ["readlink -f a", "realpath --relative-to=src a", "realpath -s a"]
              not_match: ["readlink /proc/1/exe", "realpath /etc", "realpath -s /etc"]

          - name: parts of names
            run: [[basename, dirname]]
            flags: ["-a", "-z", "-s <word>", "--multiple", "--suffix=<word>", "--zero"]
            operands: ["<word>...", "--", "<text>..."]
            verdict: allow
            reason: "cutting a name looks at no file"
            examples:
              match: ["basename src/a.c", "basename -s .c src/a.c", "basename /usr/lib/x.so .so", "dirname -- -odd/a"]
              not_match: ["basename --suf=.c a"]

          - name: sizes
            run: [du]
            flags: ["-h", "-s", "-a", "-k", "-b", "-m", "-c", "-d <number>", "--human-readable", "--summarize", "--all",
              "--apparent-size", "--max-depth <number>", "--total"]
            operands: ["<path>...", "--", "<path>..."]
            verdict: allow
            reason: "measuring files changes nothing"
            examples:
              match: ["du -sh src", "du -d 1"]
              not_match: ["du --files0-from=x", "du /etc", "du -X list"]

          - name: sums
            run: [[sha256sum, sha1sum, sha512sum, md5sum, cksum]]
            flags: ["-b", "-t", "-z", "--binary", "--text", "--tag", "--zero"]
            operands: ["<path>...", "--", "<path>..."]
            verdict: allow
            reason: "summing files up changes nothing"
            examples:
              match: ["sha256sum a"]
              not_match: ["sha256sum --check sums", "sha256sum -c sums", "cksum -a sha256 a"]

        """#
}
