import Gate
import Testing
import ToolKit

/// What has been done to tools of this kind, as far as the words alone decide it. Each list has its control: the same
/// command without the trick passes.
@Suite("A known way around command rules")
struct KnownBypassTests {
    private let machine: MachineFixture
    private let policy: Policy

    init() throws {
        (machine, policy) = try MachineFixture.shared.get()
    }

    private func expect(_ text: String, blocks tricks: [String]) {
        #expect(policy.verdict(ofText: text) == .allow, "the control \(text)")
        for trick in tricks {
            let verdict = policy.verdict(ofText: trick)
            #expect(verdict == .deny || verdict == nil, "\(trick)")
        }
    }

    @Test("R12: options of git that write, execute or read elsewhere (CVE-2025-68144)")
    func gitOptions() {
        expect(
            "git diff HEAD",
            blocks: [
                "git diff --output=/tmp/x", "git diff --output x", "git diff HEAD --output=x", "git diff --ext-diff",
                "git diff --textconv", "git diff --no-index a b", "git diff -Oorder", "git diff -O order",
                "git log --output=x", "git show --ext-diff", "git grep -Oless x", "git grep --open-files-in-pager=x y",
                "git blame --contents=x a", "git archive --exec=x HEAD", "git ls-remote --upload-pack=x .",
                "git fetch --upload-pack=x", "git clone --config=x y", "git bundle create x HEAD", "git rebase -x id",
                "git bisect run id", "git difftool", "git mergetool", "git filter-branch", "git submodule foreach id",
                "git cat-file --textconv HEAD:a", "git cat-file --filters HEAD:a", "git help -a", "git web--browse x",
                "git update-index --refresh", "git hook run x", "git reflog delete x", "git reflog expire",
                "git status -v", "git for-each-repo --config=x id", "git gc",
                "git daemon",
            ])
    }

    @Test("R24: git's global options from a caller (git -c, --exec-path, -C, alias)")
    func globalOptions() {
        expect(
            "git --no-pager status",
            blocks: [
                "git -c core.fsmonitor=id status", "git -ccore.fsmonitor=id status", "git --config-env=a=B status",
                "git --exec-path=/tmp status", "git --exec-path status", "git -C /etc status", "git -C sub status",
                "git --git-dir=/tmp/x status", "git --git-dir /tmp/x status", "git --work-tree=/ status",
                "git --namespace=x status", "git -p status", "git --paginate log", "git --bare status",
                "git --literal-pathspecs status", "git --attr-source=x status", "git --super-prefix=x status",
                "git --no-pager -c a=b status", "git --html-path", "git my-alias", "git --no-pag status",
            ])
    }

    @Test("R12: abbreviated long options (CVE-2025-66032)")
    func abbreviations() {
        expect(
            "sort --reverse a",
            blocks: [
                "sort --rev a", "sort --compress-prog=sh a", "sort --comp sh a", "sort --out=b a", "git status --porc",
                "git diff --ext", "git fetch --upload-pa=x", "rg --pr=sh x", "grep --regex=x a", "ls --al",
                "sed --in-p s a",
                "wc --files0=x", "tail --foll a", "git log --onelin",
            ])
    }

    @Test("R12: a script behind --, which only ends the flags")
    func scriptBehindDashes() {
        expect(
            "sed -n -- 1p a",
            blocks: [
                "sed -- '1e id' a", "sed -n -- 'w out' a", "sed -- 's/a/id/e' a", "sed -n -- 'r secret'",
                "env sed -- '1e id' a",
            ])
        // Behind a script that stands in front, or in a flag, a word is a file whatever it looks like.
        #expect(policy.verdict(ofText: "sed -n 1p -- 'w out'") == .allow)
        #expect(policy.verdict(ofText: "sed -n -e 1p -- 'w out'") == .allow)
        #expect(policy.verdict(ofText: "grep -n -- -x a") == .allow)
    }

    @Test("R12: a flag that takes a value in one program and stands alone in another")
    func sharedFlags() {
        expect(
            "cut -c 1-3 a",
            blocks: ["cmp -c /etc/shadow a", "readlink -s /etc/shadow", "realpath -s /etc", "pip list -f /etc"])
    }

    @Test("R12: values and clusters in places where they were not listed")
    func clusters() {
        expect(
            "ls -la",
            blocks: [
                "ls -laD", "ls -l=a", "ls --all=x", "sort -rno b a", "sort -ro b", "head -n-x a", "head -nq a",
                "head -n",
                "git log -n", "git log -n --output=x", "grep -A --file=x y", "sed -ni p a", "git status --short=x",
                "rg -nz x", "tail -fn 5 a", "git diff --stat=--output", "git branch -D", "ls -\u{301}a",
                "ls -l\u{212a}",
                "ls --al\u{6c}\u{338}",
            ])
    }

    @Test("R12: safe programs with options that execute or write (CVE-2025-66032, GHSA-796m-2973-wc5q)")
    func safePrograms() {
        expect(
            "find src -name x",
            blocks: [
                "find . -exec id '{}' ';'", "find . -execdir id ';'", "find . -ok id ';'", "find . -okdir id ';'",
                "find . -delete", "find . -fprint x", "find . -fprint0 x", "find . -fprintf x y", "find . -fls x",
                "find -files0-from x", "sort --compress-program=sh a", "sort -T /x a", "sort -o x a", "sort a -o x",
                "sed -i s/a/b/ a", "sed -n 'w x' a", "sed 1e a", "sed s/a/b/e a", "sed -f x a", "sed --file x a",
                "rg --pre=sh x", "rg --pre sh x", "rg --pre-glob=x y", "rg --hostname-bin=x y", "rg --search-zip x",
                "rg -z x", "grep -f /etc/passwd a", "man --html=x ls", "file -m x a", "uniq a b", "diff --to-file=x a",
                "python -m json.tool a b", "tail -f a", "wc --files0-from=x", "tree -o x", "awk 'BEGIN{system(1)}'",
            ])
    }

    @Test("R2: paths that leave the workspace")
    func paths() {
        expect(
            "cat src/../README.md",
            blocks: [
                "cat /etc/passwd", "cat ../x", "cat src/../../x", "cat '~/x'", "cat file:///etc/passwd",
                "cat -- /etc/passwd",
                "git diff -- ../x", "git status /etc", "ls /", "find / -name x", "grep -r x /etc",
                "grep -e x /etc/passwd",
                "rg --files /etc", "stat /proc/1/environ", "sed -n 1p /etc/passwd", "diff a /etc/passwd", "cat -",
            ])
        #expect(policy.verdict(ofText: "cat \(machine.workspace)/README.md") == .allow)
        #expect(policy.verdict(ofText: "cat \(machine.workspace)-evil/README.md") == .deny)
    }

    @Test(
        "R2: a protected file by what is stored of it",
        arguments: ["HEAD:.env", "HEAD^:a/.env", ":.env", ":0:.env", ":1:a/.env", "HEAD^{/fix: a}:.env", "main~2:.env"])
    func storedFile(object: String) {
        #expect(policy.verdict(ofText: "git show '\(object)'") == .ask)
        // The control: another file, and a message that is searched for.
        let other = object.replacing(".env", with: "a.txt")
        #expect(policy.verdict(ofText: "git show '\(other)'") == .allow)
        #expect(policy.verdict(ofText: "git show ':/see .env'") == .allow)
    }

    @Test("R9: chains, substitutions and what \"echo\" smuggles (CVE-2025-54795, CVE-2026-28463)")
    func shellSyntax() {
        expect(
            "git log --grep='a; b | c && $(d) `e`'",
            blocks: [
                "git status; id", "git status && id", "git status | sh", "git status || id", "git status & id",
                "git log --grep=\"$(id)\"", "git log --grep=`id`", "git log > x", "ls $IFS", "ls ${x@P}", "ls *",
                "echo \"\\\"; id; echo \\\"\"", "git status\nid", "export A=b", "typeset -x A=b", "A=b git status",
                "PAGER=id git log", ". ./x", "source x", "eval id", "exec id", "command id",
            ])
    }

    @Test("R17: python and pip beyond what is listed")
    func python() {
        expect(
            "python -m json.tool a.json",
            blocks: [
                "python -m timeit x", "python -m pdb a", "python -m runpy a", "python -m pip install .",
                "python -m http.server", "python -c x", "python -cx", "python a.py", "python -", "python -m",
                "python -mpytest",
                "python -X importtime -m json.tool a", "python -W error -m json.tool a", "python3.11 -c x", "python -i",
                "python -m json", "python -m site", "python -m venv x", "python -m zipfile -e a b",
                "python -im json.tool",
            ])
    }

    @Test("R18: pip's options that reach elsewhere")
    func pip() {
        expect(
            "pip list --format=json",
            blocks: [
                "pip list --log x", "pip list --log=x", "pip --python /tmp/p list", "pip list --cache-dir=x",
                "pip list --path /etc", "pip list -i http://x", "pip list --index-url http://x",
                "pip list --extra-index-url=x",
                "pip list --proxy=x", "pip install x", "pip download x", "pip wheel x", "pip config set a b",
                "pip debug",
                "pip -v install x", "pip show --cert=x a", "pip inspect --path x",
            ])
    }

    @Test("R13: an approval text and what runs are one value: nothing is trimmed or folded (CVE-2026-32065)")
    func spelling() throws {
        for words in [
            ["git ", "status"], [" git", "status"], ["git", "status "], ["GIT", "status"], ["git", " status"],
        ] {
            #expect(try policy.judge(words: words).verdict == .deny)
        }
        let one = Command(try CommandWords(list: ["git", "status"]))
        let other = Command(try CommandWords(list: ["git", "status", ""]))
        #expect(one.digest != other.digest)
        #expect(one.digest == Command(try CommandWords("git  status")).digest)
        let set = Command(try CommandWords("git status"), environment: ["GIT_EXTERNAL_DIFF": "x"])
        #expect(set.digest != one.digest)
    }
}
