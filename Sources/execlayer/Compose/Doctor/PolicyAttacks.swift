internal import Foundation
internal import Gate
internal import ToolKit
internal import Tools

/// Spellings of a command that the policy in force denies, and arguments that no tool takes. Nothing is started.
struct PolicyAttacks {
    let policy: Policy

    func findings() async -> [DoctorFinding] {
        [
            await .attempt("wrapper chains", wrappers),
            await .attempt("shell syntax", shellSyntax),
            await .attempt("caller's environment", environment),
        ]
    }

    /// What wraps a program is judged by what it would start, however deep.
    private func wrappers() async throws -> DoctorFinding {
        guard let inner = Self.unwanted.first(where: { verdict($0) == .deny }) else {
            return DoctorFinding(
                "wrapper chains", .note, "not tried: the policy denies none of \(Self.list(Self.unwanted))")
        }
        let spellings = Self.wrappings.map { $0 + inner } + [["/bin/sh", "-c", inner.joined(separator: " ")]]
        let breaches = spellings.filter { verdict($0) != .deny }.map {
            "\($0.joined(separator: " ")) is not denied, and \(inner[0]) alone is"
        }
        return .attack(
            "wrapper chains", breaches: breaches,
            held: "\(inner[0]) stays denied behind env, nice, timeout, xargs, busybox, sh -c and "
                + "\(spellings.count - 6) more",
            fix: "remove the rule of policy.yaml that allows it; execlayer policy check names it")
    }

    /// R9: a command is words; what a shell would do with more is refused.
    private func shellSyntax() async throws -> DoctorFinding {
        guard (try? CommandWords("cat 'a file.txt'"))?.words == ["cat", "a file.txt"] else {
            throw Undecided("a plain command is not taken either")
        }
        let texts = [
            "cat a; rm b", "cat a && rm b", "cat a | rm", "cat $(rm b)", "cat `rm b`", "cat a > b", "cat a\nrm b",
            "cat <(rm b)", "cat ${b}", "(rm b)", "cat a & rm b", "cat 'a", "cat a\0b",
        ]
        let breaches = texts.filter { (try? CommandWords($0)) != nil }.map { "\(JSONWriter.quoted($0)) is taken" }
        return .attack("shell syntax", breaches: breaches, held: "\(texts.count) kinds of shell syntax are refused")
    }

    /// R16, R34: no way for LD_PRELOAD and its like.
    private func environment() async throws -> DoctorFinding {
        let allowed = [["ls"], ["cat", "notes.txt"], ["git", "status"]]
        var breaches: [String] = []
        if let program = allowed.first(where: { verdict($0) == .allow }) {
            for words in [
                ["LD_PRELOAD=/tmp/x.so"] + program, ["env", "LD_PRELOAD=/tmp/x.so"] + program,
                ["env", "-i", "PATH=/tmp"] + program, ["env", "-S", program.joined(separator: " ")],
            ] where verdict(words) != .deny {
                breaches.append("\(words.joined(separator: " ")) is not denied")
            }
        }
        let catalog = try ToolCatalog(builtInTools())
        let schema = try catalog.require("shell_exec").schema
        guard (try? schema.canonical(["command": "ls"], roots: [])) != nil else {
            throw Undecided("a plain command is no argument either")
        }
        for name in ["env", "environment", "stdin", "executable", "shell", "preexec"] {
            let arguments: [String: JSONValue] = ["command": "ls", name: ["LD_PRELOAD": "/tmp/x.so"]]
            if (try? schema.canonical(arguments, roots: [])) != nil { breaches.append("shell_exec takes \(name)") }
        }
        return .attack(
            "caller's environment", breaches: breaches,
            held: "LD_PRELOAD and other variables of a caller reach no program")
    }

    private func verdict(_ words: [String]) -> PathVerdict {
        // Words that are no command at all are refused before any rule.
        guard let command = try? CommandWords(list: words) else { return .deny }
        return policy.explain(Command(command)).verdict
    }

    private static let unwanted = [
        ["rm", "-rf", "notes"], ["dd", "of=notes"], ["git", "push"], ["curl", "http://192.0.2.1"],
        ["chmod", "777", "."],
    ]

    private static let wrappings: [[String]] = [
        ["env"], ["nice", "-n", "5"], ["timeout", "5"], ["xargs"], ["busybox"], ["nohup"], ["setsid"], ["time", "-p"],
        ["stdbuf", "-oL"], ["sudo"], ["doas"], ["su", "-c"], ["unshare", "-r"], ["chroot", "/"], ["flock", "x"],
        ["strace"], ["ionice"], ["taskset", "1"], ["script", "-c"], ["watch"], ["parallel"], ["find", ".", "-exec"],
        ["env", "nice", "timeout", "5"], ["timeout", "5", "env", "nice", "-n", "1", "env"], ["/usr/bin/env"],
        ["bash", "-c"], ["python3", "-c"], ["perl", "-e"], ["awk"], ["make", "-f"],
    ]

    private static func list(_ commands: [[String]]) -> String {
        commands.map { $0[0] }.joined(separator: ", ")
    }
}
