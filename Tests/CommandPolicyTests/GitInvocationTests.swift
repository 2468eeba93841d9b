import Foundation
import Gate
import Testing
import ToolKit

@Suite("git in a hostile repository")
struct GitInvocationTests {
    private static let reading = [
        ["status", "-s"], ["diff"], ["diff", "--cached"], ["log", "-p", "-2"], ["show", "HEAD"], ["blame", "a.txt"],
        ["grep", "two"], ["ls-files"], ["branch", "-a"], ["rev-parse", "HEAD"], ["diff", "--stat", "HEAD~1", "HEAD"],
        ["diff-index", "HEAD"], ["stash", "list"], ["describe", "--always"], ["rev-list", "--count", "HEAD"],
    ]

    @Test("R20: executes what the repository says when git is started plainly")
    func control() throws {
        try Folder.with { folder in
            let repository = try HostileRepository(in: folder)
            for arguments in [["status"], ["diff"], ["log", "-p"], ["diff", "--no-ext-diff"]] {
                try Run.output([HostileRepository.git] + arguments, in: folder, mayFail: true)
            }
            let executed = try repository.executed
            for name in ["clean", "external", "fsmonitor", "textconv"] { #expect(executed.contains("pwned-" + name)) }
        }
    }

    @Test("R19 R20 R23: executes nothing of the repository as the daemon starts it, and still answers")
    func quiet() throws {
        try Folder.with { folder in
            let repository = try HostileRepository(in: folder)
            guard case .filters(let filters) = GitConfigScan(try repository.config) else {
                Issue.record("the configuration is not understood")
                return
            }
            #expect(filters == ["evil"])
            for known in [WorkspacePath.root, nil] {
                for arguments in Self.reading {
                    let invocation = GitInvocation(
                        judged: arguments, workspace: folder, repository: known, filters: filters)
                    _ = try repository.run(invocation)
                    #expect(try repository.executed == [], "\(arguments)")
                }
            }
            let status = GitInvocation(judged: ["status", "-s"], workspace: folder, filters: filters)
            #expect(try repository.run(status).contains(" M a.txt"))
            let diff = GitInvocation(judged: ["diff"], workspace: folder, filters: filters)
            #expect(try repository.run(diff).contains("+two"))
        }
    }

    @Test("R23: reaches nothing over any transport")
    func transports() throws {
        try Folder.with { folder in
            let repository = try HostileRepository(in: folder)
            for url in [
                "ext::sh -c 'touch \(folder)/pwned-ext'", folder, "file://" + folder, "ssh://h/x", "https://h/x",
                "git://h/x",
            ] {
                let invocation = GitInvocation(judged: ["ls-remote", url], workspace: folder)
                #expect(try repository.run(invocation, mayFail: true).contains("not allowed"), "\(url)")
            }
            #expect(try repository.executed == [])
            #expect(try repository.git("ls-remote", folder).contains("HEAD"))
        }
    }

    @Test("R22: does not use a bare repository that lies in the tree")
    func bare() throws {
        try Folder.with { folder in
            let repository = try HostileRepository(in: folder)
            try repository.git("init", "-q", "--bare", "inner")
            try repository.write("inner/config", "[core]\n bare = true\n fsmonitor = touch '\(folder)/pwned-bare'\n")
            let invocation = GitInvocation(judged: ["status"], workspace: folder)
            let inner = folder + "/inner"
            let output = try Run.output(
                [HostileRepository.git] + invocation.arguments, in: inner, environment: invocation.environment,
                mayFail: true)
            #expect(output.contains("safe.bareRepository"))
            #expect(try repository.executed == [])
        }
    }

    @Test("R19 R21: never looks above the workspace, and takes the repository that was verified")
    func discovery() throws {
        try Folder.with { folder in
            let repository = try HostileRepository(in: folder)
            try repository.write("workspace/x", "x")
            let workspace = folder + "/workspace"
            let invocation = GitInvocation(judged: ["rev-parse", "--show-toplevel"], workspace: workspace)
            let output = try Run.output(
                [HostileRepository.git] + invocation.arguments, in: workspace, environment: invocation.environment,
                mayFail: true)
            #expect(output.contains("not a git repository"))
            let known = GitInvocation(judged: ["rev-parse", "--show-toplevel"], workspace: folder, repository: .root)
            #expect(try repository.run(known) == folder + "\n")
            #expect(known.environment["GIT_DIR"] == folder + "/.git")
        }
    }

    @Test("R10: adds constants behind git and the subcommand, and leaves every word of the caller as it was")
    func argv() throws {
        let log = GitInvocation(judged: ["log", "-3", "--", "log"], workspace: "/w")
        #expect(
            log.arguments == [
                "--no-pager", "log", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", "-3", "--", "log",
            ])
        #expect(
            GitInvocation(judged: ["--no-pager", "ls-files"], workspace: "/w").arguments == [
                "--no-pager", "--no-pager", "ls-files",
            ])
        let commit = GitInvocation(judged: ["commit", "-m", "x"], workspace: "/w").arguments
        #expect(commit == ["--no-pager", "commit", "--no-verify", "--no-gpg-sign", "-m", "x"])
        #expect(log.environment["GIT_CONFIG_NOSYSTEM"] == "1")
        #expect(log.environment["GIT_CONFIG_GLOBAL"] == "/dev/null")
        #expect(log.environment["GIT_CEILING_DIRECTORIES"] == "/")
        let keys = log.environment.filter { $0.key.hasPrefix("GIT_CONFIG_KEY_") }
        #expect(log.environment["GIT_CONFIG_COUNT"] == String(keys.count))
        #expect(keys.values.contains("safe.directory"))
        let (machine, policy) = try MachineFixture.shared.get()
        let pinned = try #require(try policy.judge(text: "nice git status -s").pinned)
        let run = ProgramInvocation(pinned, workspace: "/w")
        let bin = machine.root + "/bin/"
        #expect(
            run.argv == [bin + "nice", bin + "git", "--no-pager", "status", "--ignore-submodules=dirty", "-s"])
        #expect(run.environment["GIT_OPTIONAL_LOCKS"] == "0")
    }

    @Test("R5: what git writes for a commit goes into the quarantine, and its words stay as they were")
    func quarantine() throws {
        let quarantine = GitQuarantine(
            folder: "/w/.git/objects/q", repository: "/w/a:\"b\\c\n/.git", trustsTimes: false)
        let words = ["commit", "--quiet", "--message=x", "--only", "--", "a"]
        let commit = GitInvocation(judged: words, workspace: "/w", repository: .root, quarantine: quarantine)
        #expect(commit.arguments == ["--no-pager", "commit", "--no-verify", "--no-gpg-sign"] + words.dropFirst())
        #expect(commit.environment["GIT_DIR"] == "/w/.git/objects/q/git")
        #expect(commit.environment["GIT_WORK_TREE"] == "/w")
        #expect(commit.environment["GIT_OBJECT_DIRECTORY"] == "/w/.git/objects/q/objects")
        #expect(
            commit.environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"] == "\"/w/a:\\\"b\\\\c\\n/.git/objects\"")
        #expect(commit.environment["GIT_LITERAL_PATHSPECS"] == "1")
        let keys = commit.environment.filter { $0.key.hasPrefix("GIT_CONFIG_KEY_") }
        #expect(commit.environment["GIT_CONFIG_COUNT"] == String(keys.count))
        #expect(keys.values.contains("user.useConfigOnly"))
        #expect(!keys.values.contains("core.checkStat"))
    }

    @Test("R17 R18: python and pip get their constants, too")
    func python() throws {
        let policy = try MachineFixture.shared.get().policy
        func arguments(_ text: String) throws -> [String] {
            let pinned = try #require(try policy.judge(text: text).pinned)
            return Array(ProgramInvocation(pinned, workspace: "/w").argv.dropFirst())
        }
        #expect(try arguments("python -m json.tool a") == ["-I", "-S", "-m", "json.tool", "a"])
        #expect(try arguments("pip list") == ["--isolated", "list"])
        #expect(try arguments("python3 -m pip show x") == ["-I", "-m", "pip", "--isolated", "show", "x"])
        #expect(try arguments("pytest -x") == ["-x"])
        let pip = try #require(try policy.judge(text: "pip list").pinned)
        #expect(ProgramInvocation(pip, workspace: "/w").environment["PIP_CONFIG_FILE"] == "/dev/null")
    }

    @Test(
        "R20: filters are found in the configuration, or git has to be asked",
        arguments: [
            ("", .filters([])), ("[core]\n\tbare = false\n", .filters([])),
            ("[filter \"lfs\"]\n\tclean = x\n[filter \"a-b_1\"]\n", .filters(["a-b_1", "lfs"])),
            ("[FILTER \"x\"]", .askGit), ("[filter.x]\nclean = y", .askGit), ("[filter \"a\\\"b\"]", .askGit),
            ("[filter \"x\"] clean = y", .askGit), ("[include]\npath = x", .askGit),
            ("[filter \"lfs\"]\nprocess = git-lfs filter-process\n", .filters(["lfs"])),
            ("[filter\r\"x\"]\n", .askGit), ("[core] a = b\n[ filter \"x\"]", .askGit),
            ("[includeIf \"gitdir:/\"]\npath = x", .askGit), ("[extensions]\nworktreeConfig = true", .askGit),
            ("[a]\nb = \\\n[filter \"x\"]", .filters(["x"])), ("[filter \"\u{e9}\"]", .askGit),
        ] as [(String, GitConfigScan)])
    func scan(text: String, expected: GitConfigScan) {
        #expect(GitConfigScan(Array(text.utf8)) == expected)
    }
}
