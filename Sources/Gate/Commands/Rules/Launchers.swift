internal import ToolKit

/// Programs that start other programs, and programs that run what their arguments say. They are judged here, by code,
/// because no list of flags can say what they would start; no rule can let them pass (SECURITY R9, R12).
enum Launchers {
    enum Reading: Sendable, Hashable {
        /// Not one of them.
        case plain
        /// It starts the words from here on, and nothing else.
        case wraps(from: Int)
        /// What it would start cannot be decided.
        case refused(reason: String, remedy: String)
    }

    /// Those whose arguments are simple enough to be read exactly.
    static let transparent: Set<String> = ["env", "nice", "stdbuf", "time", "timeout"]

    static let shells: Set<String> = [
        "ash", "bash", "busybox", "csh", "dash", "elvish", "fish", "ksh", "ksh93", "mksh", "nu", "posh", "powershell",
        "pwsh", "rbash", "rksh", "sash", "sh", "tcsh", "toybox", "yash", "zsh",
    ]

    static let opaque: Set<String> = [
        "at", "batch", "bwrap", "capsh", "chpst", "chroot", "chrt", "command", "cpulimit", "crontab", "dbus-launch",
        "dbus-run-session", "docker", "doas", "eatmydata", "entr", "eval", "exec", "expect", "fakechroot", "fakeroot",
        "faketime", "firejail", "flock", "gdb", "git-shell", "gosu", "inotifywait", "ionice", "kubectl", "ld.so",
        "linux32", "linux64", "lldb", "ltrace", "machinectl", "man", "mosh", "nerdctl", "newgrp", "nohup", "nsenter",
        "numactl", "parallel", "perf", "pkexec", "podman", "prlimit", "proot", "rlwrap", "rsh", "run-parts", "runc",
        "runcon", "runuser", "runsc", "screen", "script", "scp", "setarch", "setpriv", "setsid", "sftp", "sg", "socat",
        "source", "ssh", "ssh-agent", "start-stop-daemon", "strace", "su", "sudo", "systemd-run", "taskset", "tmux",
        "unbuffer", "unshare", "valgrind", "vi", "vim", "watch", "x86_64", "xargs", "xvfb-run",
    ]

    /// Programs that run a text or a file they are given. A rule has to say which.
    static let interpreters: Set<String> = [
        "awk", "bun", "deno", "ed", "emacs", "ex", "gawk", "groovy", "guile", "java", "jshell", "julia", "lua",
        "luajit",
        "mawk", "nawk", "node", "nodejs", "npx", "osascript", "perl", "php", "pypy", "pypy3", "python", "python2",
        "python3", "r", "rscript", "ruby", "scala", "sqlite3", "tclsh", "ts-node", "uvx", "wish",
    ]

    /// Flags behind which an interpreter takes a program text.
    static let textFlags: Set<String> = [
        "-c", "-e", "-E", "-p", "-r", "-R", "--eval", "--print", "--execute", "--command",
    ]

    /// - Parameter name: A file name without a folder.
    static func isInterpreter(_ name: String) -> Bool { holds(interpreters, name) }

    static func isRefused(_ name: String) -> Bool { holds(shells, name) || holds(opaque, name) }

    /// `python3.11` is `python3`, `Bash` on a disk that ignores case is `bash`.
    private static func holds(_ names: Set<String>, _ name: String) -> Bool {
        let folded = name.lowercased()
        if names.contains(folded) { return true }
        let stem = folded.reversed().drop { $0.isNumber || $0 == "." || $0 == "-" }.reversed()
        let text = String(stem)
        return !text.isEmpty && names.contains(text)
    }

    /// - Parameter words: The program's name, then its arguments.
    static func read(_ words: ArraySlice<String>) -> Reading {
        guard let name = words.first else { return .plain }
        if holds(shells, name) {
            return .refused(
                reason: "starts a shell, and what that would do cannot be judged",
                remedy: "send the command itself, without a shell, or use shell_script")
        }
        if holds(opaque, name) {
            return .refused(
                reason: "starts another program in a way that cannot be judged",
                remedy: "send the other program itself; time limits and confinement are the daemon's own work")
        }
        guard transparent.contains(name) else { return .plain }
        return Wrapper.read(name, words)
    }
}
