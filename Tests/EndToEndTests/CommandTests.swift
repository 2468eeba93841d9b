import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// The real daemon, real bubblewrap, real git.
@Suite("An agent that runs programs", .enabled(if: Sandboxing.isPossible, Sandboxing.reason), .timeLimit(.minutes(5)))
struct CommandTests {
    private func withDaemon(_ body: (Playground, Daemon) async throws -> Void) async throws {
        let playground = try Playground()
        _ = try await Repository(in: playground)
        let daemon = try await Daemon(in: playground)
        try await body(playground, daemon)
        await daemon.stop()
    }

    @Test("reads a repository with the git tools and their older names")
    func git() async throws {
        try await withDaemon { playground, daemon in
            try playground.write("one\ntwo\n", to: "workspace/a.txt")
            for name in ["git_status", "repo_git_status"] {
                let status = try await daemon.run(name)
                #expect(status.json["result"]?["stdout"] == "## main\n M a.txt\n")
                #expect(status.json["result"]?["returncode"] == 0)
                #expect(status.json["confinement"] == "sandbox")
            }
            let diff = try await daemon.run("git_diff", ["paths": ["a.txt"]])
            #expect(diff.json["result"]?["stdout"]?.stringValue?.contains("+two") == true)
            let log = try await daemon.run("git_log", ["limit": 1])
            #expect(log.json["result"]?["stdout"]?.stringValue?.contains("first") == true)
        }
    }

    @Test("R25: /tools says how programs are confined, for the tools that start some")
    func confinement() async throws {
        try await withDaemon { _, daemon in
            let listed = try await daemon.send(.GET, "/api/v1/execution/tools").json
            let tools = listed.arrayValue ?? listed["tools"]?.arrayValue ?? []
            let levels = Dictionary(
                uniqueKeysWithValues: tools.compactMap { tool in
                    tool["name"]?.stringValue.map { ($0, tool["confinement"]) }
                })
            #expect(levels["shell_exec"] == "sandbox")
            #expect(levels["repo_git_status"] == "sandbox")
            #expect(levels["filesystem_read"] == .some(nil))
        }
    }

    @Test("gets the exit code of a program that fails as data")
    func failing() async throws {
        try await withDaemon { _, daemon in
            let reply = try await daemon.run("shell_exec", ["command": ["ls", "missing"]])
            #expect(reply.json["status"] == "ok")
            #expect(reply.json["result"]?["returncode"] == 2)
            #expect(reply.json["result"]?["stderr"]?.stringValue?.contains("missing") == true)
        }
    }

    @Test("sends a text or a list, and both are the same command")
    func spellings() async throws {
        try await withDaemon { _, daemon in
            for command: JSONValue in ["cat 'a.txt'", ["cat", "a.txt"]] {
                let reply = try await daemon.run("shell_exec", ["cmd": command])
                #expect(reply.json["result"]?["stdout"] == "one\n")
            }
        }
    }

    @Test(
        "R9: shell syntax is refused by name, and nothing runs",
        arguments: ["cat a.txt; touch x", "cat a.txt > x", "cat $(ls)", "cat `ls`", "cat a.txt | tee x", "cat 'a.txt"])
    func shellSyntax(command: String) async throws {
        try await withDaemon { playground, daemon in
            let reply = try await daemon.run("shell_exec", ["command": .string(command)])
            #expect(reply.code == "invalid_command")
            #expect(reply.json["remedy"]?.stringValue?.isEmpty == false)
            #expect(!playground.exists("workspace/x"))
        }
    }

    @Test("R13: a program that no rule lists is denied, one that a rule lists runs")
    func unlisted() async throws {
        try await withDaemon { _, daemon in
            let denied = try await daemon.run("shell_exec", ["command": ["python3", "a.py"]])
            #expect(denied.code == "policy_blocked")
            let allowed = try await daemon.run("shell_exec", ["command": ["wc", "-l", "a.txt"]])
            #expect(allowed.json["result"]?["stdout"] == "1 a.txt\n")
        }
    }

    @Test("cannot write to the workspace through a program that only reads")
    func readOnly() async throws {
        try await withDaemon { playground, daemon in
            try playground.write("b\na\n", to: "workspace/list.txt")
            let reply = try await daemon.run("shell_exec", ["command": ["sort", "list.txt"]])
            #expect(reply.json["result"]?["stdout"] == "a\nb\n")
            let denied = try await daemon.run("shell_exec", ["command": ["sort", "-o", "list.txt", "list.txt"]])
            #expect(denied.json["success"] == false)
            #expect(try playground.read("workspace/list.txt") == "b\na\n")
        }
    }

    @Test("a secret file is empty for every program, and other files are not")
    func secrets() async throws {
        try await withDaemon { playground, daemon in
            try playground.write("PASSWORD=rosebud\n", to: "workspace/app/.env")
            try playground.write("rosebud in the open\n", to: "workspace/app/notes.txt")
            let reply = try await daemon.run("shell_exec", ["command": ["grep", "-r", "rosebud", "."]])
            let found = reply.json["result"]?["stdout"]?.stringValue ?? ""
            #expect(found.contains("notes.txt"))
            #expect(!found.contains("PASSWORD"))
        }
    }

    /// Lets the programs of two tests pass: one that takes its time, and one that shows its environment.
    private static let policy = """
        version: 1
        commands:
          - name: sleep
            run: [sleep]
            operands: ["<word>"]
            verdict: allow
            reason: "a test waits"
            examples: {match: ["sleep 1"], not_match: ["sleep --help"]}
          - name: printenv
            run: [printenv]
            operands: []
            verdict: allow
            reason: "a test looks"
            examples: {match: ["printenv"], not_match: ["printenv -0"]}

        """

    @Test("the time limit ends it and names itself")
    func timeLimit() async throws {
        let playground = try Playground()
        try playground.write(Self.policy, to: "home/config/policy.yaml")
        let daemon = try await Daemon(in: playground)
        let start = ContinuousClock.now
        let reply = try await daemon.run("shell_exec", ["command": ["sleep", "60"], "timeout_sec": 1])
        #expect(reply.code == "timeout")
        #expect(reply.json["result"]?["stdout"] == "")
        #expect(reply.json["confinement"] == "sandbox")
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(try await daemon.logs("limit=1").first?["status"] == "timeout")
        await daemon.stop()
    }

    @Test("a daemon that is killed takes its programs with it")
    func killed() async throws {
        let playground = try Playground()
        try playground.write(Self.policy, to: "home/config/policy.yaml")
        let daemon = try await Daemon(in: playground)
        // A length that nobody else sleeps for.
        let seconds = "6\(Int.random(in: 100_000...999_999))"
        async let reply = daemon.run("shell_exec", ["command": ["sleep", .string(seconds)], "timeout_sec": 600])
        while !Self.isRunning(seconds) { await Task.yield() }
        await daemon.kill()
        _ = try? await reply
        let start = ContinuousClock.now
        while Self.isRunning(seconds), ContinuousClock.now - start < .seconds(60) { await Task.yield() }
        #expect(!Self.isRunning(seconds))
    }

    private static func isRunning(_ word: String) -> Bool {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.contains { process in
            guard let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else { return false }
            return line.split(separator: 0).elementsEqual([Data("/usr/bin/sleep".utf8), Data(word.utf8)])
        }
    }

    @Test("a pipe in the workspace that comes and goes disturbs nobody")
    func vanishing() async throws {
        try await withDaemon { playground, daemon in
            let pipe = playground.workspace + "/pipe"
            for _ in 0..<2 {
                #expect(mkfifo(pipe, 0o600) == 0)
                let with = try await daemon.run("shell_exec", ["command": ["wc", "-l", "a.txt"]])
                #expect(with.json["result"]?["stdout"] == "1 a.txt\n")
                try FileManager.default.removeItem(atPath: pipe)
                let without = try await daemon.run("shell_exec", ["command": ["wc", "-c", "a.txt"]])
                #expect(without.json["result"]?["stdout"] == "4 a.txt\n")
            }
        }
    }

    @Test("what is judged, shown in a dry run and recorded is the same argv")
    func plan() async throws {
        try await withDaemon { _, daemon in
            let reply = try await daemon.run("shell_exec", ["command": "wc -l a.txt"], ["dry_run": true])
            let plan = reply.json["result"]?["plan"]
            #expect(plan?["argv"] == ["/usr/bin/wc", "-l", "a.txt"])
            #expect(plan?["network"] == false)
            #expect(try await daemon.logs("limit=1").first?["status"] == "dry_run")
            // Also what is added to the words of git, which is what runs.
            let diff = try await daemon.run("git_diff", ["staged": true], ["dry_run": true])
            #expect(
                diff.json["result"]?["plan"]?["argv"] == [
                    "/usr/bin/git", "--no-pager", "diff", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty",
                    "--cached",
                ])
        }
    }

    @Test("the worker sees a folder with nothing but what is planted, and nothing of the workspace or the home")
    func worker() async throws {
        try await withDaemon { playground, daemon in
            try await daemon.enable("sandbox_worker_run")
            let own = try await daemon.run("sandbox_worker_run", ["command": ["ls", "-A"]])
            #expect(own.json["result"]?["stdout"] == ".aws\n")
            #expect(own.json["result"]?["returncode"] == 0)
            let foreign = try await daemon.run(
                "sandbox_worker_run", ["command": ["cat", .string(playground.workspace + "/a.txt")]])
            #expect(foreign.json["result"]?["stdout"] != "one\n")
        }
    }

    @Test("R34: a program's environment is made for it")
    func environment() async throws {
        let playground = try Playground()
        try playground.write(Self.policy, to: "home/config/policy.yaml")
        let daemon = try await Daemon(
            in: playground, token: "the-operators-own-token", environment: ["CANARY": "inherited-by-mistake"])
        try await daemon.enable("sandbox_worker_run")
        let reply = try await daemon.run("sandbox_worker_run", ["command": ["printenv"]])
        let shown = reply.json["result"]?["stdout"]?.stringValue ?? ""
        #expect(shown.contains("HOME=/home/sandbox"))
        #expect(!shown.contains("CANARY"))
        #expect(!shown.contains("the-operators-own-token"))
        await daemon.stop()
    }
}
