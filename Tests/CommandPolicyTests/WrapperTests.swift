import Gate
import Testing
import ToolKit

@Suite("A command that starts another program")
struct WrapperTests {
    private let machine: MachineFixture
    private let policy: Policy

    init() throws {
        (machine, policy) = try MachineFixture.shared.get()
    }

    @Test(
        "R12: is judged by what it starts, when its arguments can be read exactly",
        arguments: [
            "timeout 5 git status", "timeout -k 2 -s KILL 5s git status", "timeout --signal=TERM 1.5m git status",
            "timeout --preserve-status 5 git status", "nice git status", "nice -n 5 git status", "nice -n5 git status",
            "nice --adjustment=5 git status", "stdbuf -oL git status", "stdbuf -o0 -eL git status", "time git status",
            "time -p git status", "env git status", "timeout 5 nice -n 3 env git status",
        ])
    func transparent(text: String) throws {
        #expect(try policy.judge(text: text).verdict == .allow)
        for inner in ["git push", "rm x", "sh -c id", "python -c 1", "sudo git status"] {
            let wrapped = text.replacing("git status", with: inner)
            #expect(try policy.judge(text: wrapped).verdict == .deny, "\(wrapped)")
        }
    }

    @Test(
        "R12: is denied when what it starts cannot be decided",
        arguments: [
            "env -S 'git status'", "env -S git status", "env -i git status", "env A=b git status",
            "env -u A git status",
            "env --split-string='git status'", "env -C / git status", "env", "env --", "env -- git status",
            "nice -n x git status", "nice -5 git status", "nice --adj=5 git status", "timeout git status", "timeout 5",
            "timeout --foreground 5 git status", "timeout -s KILL;id 5 git status", "timeout 5x git status",
            "timeout -- 5 git status", "stdbuf git status", "stdbuf -oX git status", "stdbuf --output=L git status",
            "time -o x git status", "time -f x git status", "xargs git status", "sudo git status", "doas git status",
            "su -c 'git status'", "busybox ls", "busybox sh", "nohup git status", "setsid git status", "chroot . ls",
            "unshare ls", "watch ls", "parallel ls", "script -c ls", "ssh host ls", "docker run x", "podman run x",
            "ionice ls", "flock x ls", "strace ls", "ltrace ls", "gdb ls", "tmux new ls", "screen ls", "at now",
            "systemd-run ls", "nsenter ls", "bwrap ls", "taskset 1 ls", "setpriv ls", "runuser ls", "pkexec ls",
            "expect -c x", "vim -c x", "sh -c ls", "bash -lc ls", "/bin/zsh -lc ls", "dash x", "zsh", "fish -c ls",
            "ksh x", "pwsh -c x", "bash5.2 -c ls", "perl -e 1", "ruby -e 1", "node -e 1", "lua -e 1", "php -r 1",
            "awk 'BEGIN{}'", "gawk x", "tclsh x", "deno eval x", "bun x", "npx x", "uvx x", "command ls", "exec ls",
            "./configure", "tools/run", "../x", "/tmp/x",
        ])
    func undecidable(text: String) throws {
        guard let words = try? CommandWords(text) else { return }
        let judgement = policy.commands.judge(Command(words))
        #expect(judgement.verdict == .deny)
        #expect(judgement.pinned == nil)
    }

    @Test("R13: nested too deeply is denied")
    func nesting() throws {
        let few = String(repeating: "nice ", count: 8) + "git status"
        let many = String(repeating: "nice ", count: 9) + "git status"
        #expect(try policy.judge(text: few).verdict == .allow)
        #expect(try policy.judge(text: many).verdict == .deny)
    }

    @Test("R10: starts pinned programs all the way down, with the caller's arguments between them")
    func pinned() throws {
        let pinned = try #require(try policy.judge(text: "timeout -k 2 5 nice -n 3 git log -3 'a b'").pinned)
        let bin = machine.root + "/bin/"
        #expect(
            pinned.argv == [bin + "timeout", "-k", "2", "5", bin + "nice", "-n", "3", bin + "git", "log", "-3", "a b"])
        #expect(pinned.program == "git")
        #expect(pinned.arguments == ["log", "-3", "a b"])
        #expect(pinned.wrapping.count == 7)
    }

    @Test("a rule that denies or asks for the wrapper itself counts")
    func wrapperRule() throws {
        let own = try machine.policy(
            rules: rule("run: [git, status]", "verdict: allow", "examples: {match: [git status]}")
                + rule("run: [timeout]", "verdict: deny", "examples: {match: [timeout 5 git status]}")
                .replacing("name: rule", with: "name: no timeouts"))
        #expect(try own.judge(text: "git status").verdict == .allow)
        #expect(try own.judge(text: "timeout 5 git status").verdict == .deny)
        #expect(try own.judge(text: "nice git status").verdict == .allow)
    }

    @Test(
        "R9: cannot be let through by a rule of a file",
        arguments: [
            ("run: [sh]", "which starts other programs"), ("run: [bash, build.sh]", "which starts other programs"),
            ("run: [sudo, ls]", "which starts other programs"), ("run: [env]", "which starts other programs"),
            ("run: [timeout]", "which starts other programs"), ("run: [[git, xargs], status]", "which starts other"),
            ("run: [Bash]", "which starts other programs"), ("run: [bash5.2]", "which starts other programs"),
            ("run: [python3, \"-c\"]", "must say what"), ("run: [node, \"-e\"]", "must say what"),
            ("run: [python3.11, \"-c\"]", "must say what"), ("run: [node, \"--test\"]", "must say what"),
            ("run: [python3, \"-Bc\"]", "must say what"), ("run: [python3]", "must say what"),
        ])
    func notByRule(run: String, expected: String) {
        let text = rule(run, "flags: any", "operands: any", "verdict: allow", "examples: {match: [x]}")
        #expect(problem(of: text, on: machine)?.contains(expected) == true)
    }
}
