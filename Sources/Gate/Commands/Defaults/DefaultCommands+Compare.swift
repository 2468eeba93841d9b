extension DefaultCommands {
    /// Sorting, cutting and comparing files.
    static let compare = #"""
          - name: sort
            run: [sort]
            flags: ["-n", "-r", "-u", "-f", "-b", "-c", "-d", "-i", "-s", "-h", "-V", "-g", "-M", "-z", "-k <word>", "-t <text>",
              "--numeric-sort", "--reverse", "--unique", "--version-sort", "--human-numeric-sort", "--ignore-case",
              "--stable", "--check", "--field-separator=<text>", "--key <word>", "--zero-terminated"]
            operands: ["<path>...", "--", "<path>..."]
            verdict: allow
            reason: "sorting prints to the output only"
            examples:
              match: ["sort -rn a", "sort -t , -k 2 a.csv", "sort -k2,2n a"]
              not_match: ["sort -o b a", "sort a -o b", "sort -ob a", "sort --output=b a", "sort --compress-program=sh a",
                "sort --compress-prog sh a", "sort -T /tmp a", "sort --files0-from=x", "sort --temporary-directory=x a",
                "sort -S 1G a", "sort --random-source=/etc/passwd -R a", "sort --parallel=64 a"]

          - name: uniq
            run: [uniq]
            flags: ["-c", "-d", "-u", "-i", "-D", "-z", "--count", "--repeated", "--unique", "--ignore-case"]
            # A second operand would be written.
            operands: ["<path>"]
            verdict: allow
            reason: "printing unique lines changes nothing"
            examples:
              match: ["uniq -c a"]
              not_match: ["uniq a b", "uniq a -- b"]

          - name: cut
            run: [cut]
            flags: ["-d <text>", "-f <word>", "-c <word>", "-b <word>", "-s", "-z", "--delimiter=<text>", "--fields=<word>",
              "--characters=<word>", "--bytes=<word>", "--complement", "--only-delimited", "--output-delimiter=<text>"]
            operands: ["<path>...", "--", "<path>..."]
            verdict: allow
            reason: "printing parts of files changes nothing"
            examples:
              match: ["cut -d : -f 1 a", "cut -c 1-5 a"]
              not_match: ["cut -f 1 /etc/passwd"]

          # Each by itself: what takes a value in one of them stands alone in another.
          - name: comm
            run: [comm]
            flags: ["-1", "-2", "-3", "-z", "--output-delimiter=<text>", "--total"]
            operands: ["<path>", "<path>", "--", "<path>", "<path>"]
            verdict: allow
            reason: "comparing prints to the output only"
            examples:
              match: ["comm -12 a b"]
              not_match: ["comm a /etc/shadow"]

          - name: cmp
            run: [cmp]
            flags: ["-b", "-l", "-s", "-n <number>", "--print-bytes", "--verbose", "--silent", "--quiet"]
            operands: ["<path>", "<path>", "--", "<path>", "<path>"]
            verdict: allow
            reason: "comparing prints to the output only"
            examples:
              match: ["cmp -s a b"]
              not_match: ["cmp a /etc/shadow", "cmp -c /etc/shadow a"]

          - name: diff
            run: [diff]
            flags: ["-u", "-r", "-q", "-w", "-b", "-B", "-i", "-N", "-a", "-s", "-y", "-p", "-c", "-U <number>", "--brief", "--unified",
              "--unified=<number>", "--recursive", "--ignore-all-space", "--ignore-space-change", "--ignore-blank-lines",
              "--ignore-case", "--new-file", "--text", "--side-by-side", "--report-identical-files", "--color=never",
              "--show-c-function", "--exclude=<word>", "--width=<number>", "--strip-trailing-cr"]
            operands: ["<path>", "<path>", "--", "<path>", "<path>"]
            verdict: allow
            reason: "comparing prints to the output only"
            examples:
              match: ["diff -u a b", "diff -rq src other"]
              not_match: ["diff /etc/passwd a", "diff --from-file=/etc/passwd a", "diff --to-file=x a", "diff -X list a b"]

          - name: print some lines
            run: [sed]
            flags: ["-n", "-E", "-r", "-s", "-u", "-z", "-e <sed>", "--quiet", "--silent", "--regexp-extended", "--separate",
              "--expression <sed>", "--null-data", "--sandbox", "--debug"]
            first_unless: ["-e", "--expression"]
            operands: ["<sed>", "<path>...", "--", "<path>..."]
            verdict: allow
            reason: "such a script prints to the output only"
            examples:
              match: ["sed -n 1,20p a", "sed -n '/start/,/end/p' a", "sed 's/a/b/g' a", "sed -n -e 5p -e 7p a", "sed '5q' a",
                "sed -n -e 1p -- -odd", "sed -n 1p -- -odd", "sed -n -- 1p a"]
              not_match: ["sed -i s/a/b/ a", "sed -n 'w out' a", "sed '1e id' a", "sed 's/a/id/e' a", "sed 's/a/b/w out' a",
                "sed -n 'r /etc/passwd' a", "sed --in-place=.bak s/a/b/ a", "sed -f script a", "sed -n 1p /etc/passwd",
                "sed -ni p a", "sed -n '/x/{p;w out' a", "sed -ne p a", "sed --file=x a",
                "sed -- '1e id' a", "sed -n -- 'w out' a"]

        """#
}
