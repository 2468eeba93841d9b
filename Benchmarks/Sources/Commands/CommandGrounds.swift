#if os(Linux)
    internal import Foundation
    internal import Sandbox
    internal import ToolKit

    /// A small repository, the daemon in front of it, and the same two commands by every way that is measured.
    struct CommandGrounds {
        /// One of the two commands: what it is and what it has to say.
        struct Subject {
            let name: String
            let program: DirectProgram
            /// The body of the call of `/run` that does the same.
            let call: String
            let expected: String

            /// What an answer must hold, as JSON text.
            var proofs: [String] {
                let output = String(decoding: JSONWriter.write(.string(expected)), as: UTF8.self)
                return [#""success":true"#, #""returncode":0"#, #""stdout":"# + output]
            }
        }

        let daemon: BenchDaemon
        let trueProgram: Subject
        let status: Subject

        init(_ options: BenchOptions) throws {
            daemon = try BenchDaemon(options, home: "commands", workspace: "repository")
            let workspace = daemon.workspace
            try FileManager.default.createDirectory(
                atPath: daemon.home + "/config", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try Self.policy.write(toFile: daemon.home + "/config/policy.yaml", atomically: true, encoding: .utf8)
            try Self.makeRepository(workspace)
            let plain = ConfinedCall.plainEnvironment
            trueProgram = Subject(
                name: "true",
                program: DirectProgram(argv: ["/usr/bin/true"], environment: plain),
                call: #"{"tool_name":"shell_exec","args":{"command":["true"]},"agent_id":"bench"}"#, expected: "")
            // The very argv and environment that the daemon starts.
            let git = GitInvocation(
                judged: ["status", "--short", "--branch"], workspace: workspace, repository: .root)
            status = Subject(
                name: "git status",
                program: DirectProgram(
                    argv: ["/usr/bin/git"] + git.arguments,
                    environment: plain.merging(git.environment) { _, added in added }),
                call: #"{"tool_name":"git_status","agent_id":"bench"}"#, expected: "## main\n M file3.swift\n")
        }

        /// A bubblewrap for this one command, with the outer wall's own flags.
        func wrapped(_ subject: Subject, on host: SandboxHost, _ profile: Profile) -> DirectProgram {
            let program = subject.program
            let walls = BubblewrapFlags.flags(for: profile, system: host.system, supervisor: "/usr/bin/true")
            let own = ["/tmp", "/home/sandbox", "/dev/shm"].flatMap { ["--tmpfs", $0] }
            let variables = program.environment.sorted { $0.key < $1.key }.flatMap { ["--setenv", $0.key, $0.value] }
            let argv =
                [host.programs.bubblewrap, "--unshare-user", "--uid", "1000", "--gid", "1000"]
                + walls.filter { $0 != "--as-pid-1" } + own + variables + ["--chdir", daemon.workspace, "--"]
            return DirectProgram(argv: argv + program.argv, environment: [:])
        }

        private static let policy = """
            version: 1
            commands:
              - name: "true"
                run: ["true"]
                operands: []
                verdict: allow
                reason: "the shortest program there is"
                examples: {match: ["true"], not_match: ["true --help"]}
              - name: git status
                run: [git, status]
                flags: ["--short", "--branch"]
                operands: []
                verdict: allow
                reason: "reading the state of the repository changes nothing"
                examples: {match: ["git status --short"], not_match: ["git status ../other"]}

            """

        /// Twenty files in one commit, one of them changed since.
        private static func makeRepository(_ folder: String) throws {
            func git(_ arguments: String...) throws {
                let environment = [
                    "PATH": "/usr/bin:/bin", "HOME": folder, "GIT_CONFIG_GLOBAL": "/dev/null",
                    "GIT_AUTHOR_NAME": "Bench", "GIT_AUTHOR_EMAIL": "bench@example.org",
                    "GIT_COMMITTER_NAME": "Bench", "GIT_COMMITTER_EMAIL": "bench@example.org",
                ]
                try DirectProgram(argv: ["/usr/bin/git", "-C", folder] + arguments, environment: environment)
                    .run(expecting: "")
            }
            for number in 1...19 {
                try "let number = \(number)\n".write(
                    toFile: folder + "/file\(number).swift", atomically: true, encoding: .utf8)
            }
            try git("init", "-q", "-b", "main")
            try git("add", ".")
            try git("commit", "-q", "-m", "first")
            try "let number = 33\n".write(toFile: folder + "/file3.swift", atomically: true, encoding: .utf8)
        }
    }
#endif
