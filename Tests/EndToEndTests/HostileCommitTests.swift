import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// What a cloned repository, or a git that was taken over, can do while a commit is made.
@Suite(
    "A commit in a repository that wants more", .serialized, .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(5)))
struct HostileCommitTests {
    private static let mark = "TRAP-WAS-RUN"
    private static let trap = "#!/bin/sh\necho \(mark)\necho \(mark) >&2\ntouch /tmp/trap\nexit 1\n"

    struct Trap: Sendable, CustomTestStringConvertible {
        let name: String
        var settings: [[String]] = []
        var files: [String: String] = [:]
        var testDescription: String { name }
    }

    static let traps = [
        Trap(
            name: "R20 hooks",
            files: Dictionary(
                uniqueKeysWithValues: [
                    "pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-index-change",
                    "reference-transaction", "post-rewrite", "pre-auto-gc",
                ].map { (".git/hooks/" + $0, trap) })),
        Trap(name: "R20 hooks elsewhere", settings: [["core.hooksPath", "."]], files: ["pre-commit": trap]),
        Trap(
            name: "R20 signing",
            settings: [["commit.gpgSign", "true"], ["gpg.program", "./trap.sh"], ["user.signingKey", "x"]]),
        Trap(
            name: "R20 signing by ssh",
            settings: [["commit.gpgSign", "true"], ["gpg.format", "ssh"], ["gpg.ssh.program", "./trap.sh"]]),
        Trap(name: "R20 editor", settings: [["core.editor", "./trap.sh"], ["commit.verbose", "true"]]),
        Trap(name: "R20 fsmonitor", settings: [["core.fsmonitor", "./trap.sh"]]),
        Trap(name: "R20 pager", settings: [["core.pager", "./trap.sh"], ["pager.commit", "true"]]),
        Trap(name: "R20 template", settings: [["commit.template", "/etc/passwd"], ["commit.cleanup", "verbatim"]]),
        Trap(
            name: "R20 external diff", settings: [["diff.external", "./trap.sh"], ["diff.x.textconv", "./trap.sh"]]),
        Trap(name: "R20 trailers", settings: [["trailer.x.command", "./trap.sh"], ["trailer.x.ifmissing", "add"]]),
        Trap(
            name: "R21 include", settings: [["include.path", "../more"]],
            files: ["more": "[core]\nfsmonitor = ./trap.sh\n"]),
        Trap(name: "R21 core.worktree", settings: [["core.worktree", "/etc"]]),
        Trap(name: "R21 no work tree", settings: [["core.bare", "true"]]),
        Trap(name: "R20 split index", settings: [["core.splitIndex", "true"]]),
        Trap(name: "R20 shared", settings: [["core.sharedRepository", "group"]]),
    ]

    @Test("R5 R20: is made, nothing of the repository runs, and nothing else of it changes", arguments: traps)
    func isContained(trap: Trap) async throws {
        try await Committing.with(preparing: { playground, repository in
            for (path, text) in trap.files.merging(["trap.sh": Self.trap], uniquingKeysWith: { own, _ in own }) {
                try playground.write(text, to: "workspace/" + path)
                let full = playground.workspace + "/" + path
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: full)
            }
            for setting in trap.settings { try await repository.git("config", setting[0], setting[1]) }
        }) { layer in
            try layer.write("two\n", to: "a.txt")
            let before = try layer.control()
            let result = try await layer.commit("Contained", ["a.txt"])
            for stream in ["stdout", "stderr"] { #expect(result[stream]?.stringValue?.contains(Self.mark) == false) }
            #expect(result["files"] == [["path": "a.txt", "change": "modified"]])
            let after = try layer.control()
            for path in Set(before.keys).union(after.keys) where before[path] != after[path] {
                #expect(Committing.mayChange(path), "\(path) changed")
            }
            #expect(
                try layer.playground.read("workspace/.git/refs/heads/main") == (result["commit"]?.stringValue ?? "")
                    + "\n")
            let object = try await Program.run(
                "/usr/bin/git", ["--git-dir=.git", "-c", "core.bare=false", "cat-file", "-p", "refs/heads/main"],
                folder: layer.playground.workspace)
            #expect(object.output.contains("Contained"))
            #expect(!object.output.contains("gpgsig"))
        }
    }

    @Test(
        "R20: a file that has to pass a filter is refused, configured or not, and others are not",
        arguments: [true, false])
    func filter(isConfigured: Bool) async throws {
        try await Committing.with(preparing: { playground, repository in
            try playground.write(Self.trap, to: "workspace/trap.sh")
            try playground.write("*.bin filter=lfs\n", to: "workspace/.gitattributes")
            if isConfigured {
                try await repository.git("config", "filter.lfs.clean", "sh ./trap.sh")
                try await repository.git("config", "filter.lfs.process", "sh ./trap.sh")
            }
        }) { layer in
            try layer.write("large\n", to: "b.bin")
            try layer.write("two\n", to: "a.txt")
            let reply = try await layer.attempt("x", ["a.txt", "b.bin"])
            #expect(reply.code == "filtered_file")
            #expect(reply.json["detail"]?.stringValue?.contains("b.bin") == true)
            #expect(try await layer.git("rev-list", "--count", "HEAD") == "1")
            try await layer.commit("control", ["a.txt"])
        }
    }

    @Test("R21: objects that lie outside the workspace are not read, and the commit fails clearly")
    func alternates() async throws {
        try await Committing.with(preparing: { playground, _ in
            try FileManager.default.moveItem(
                atPath: playground.workspace + "/.git/objects", toPath: playground.folder + "/objects")
            try playground.write("\(playground.folder)/objects\n", to: "workspace/.git/objects/info/alternates")
        }) { layer in
            try layer.write("two\n", to: "a.txt")
            let refused = try await layer.attempt("x", ["a.txt"])
            #expect(refused.code == "git_failed")
            // Positive control: git itself follows them.
            #expect(try await layer.git("log", "--format=%s") == "first")
            #expect(
                try layer.playground.read("workspace/.git/objects/info/alternates") == layer.playground.folder
                    + "/objects\n")
        }
    }

    @Test(
        "R21: a part of .git that is a link to another place is refused",
        arguments: ["objects", "refs", "logs", "index"])
    func linked(part: String) async throws {
        try await Committing.with(preparing: { playground, _ in
            try FileManager.default.moveItem(
                atPath: playground.workspace + "/.git/" + part, toPath: playground.folder + "/elsewhere")
            try playground.link("workspace/.git/" + part, to: playground.folder + "/elsewhere")
        }) { layer in
            try layer.write("two\n", to: "a.txt")
            let reply = try await layer.attempt("x", ["a.txt"])
            #expect(reply.json["success"] == false)
            let known = ["repository_unsupported", "git_failed", "link_refused"]
            #expect(known.contains(reply.code ?? ""), "\(reply.code ?? "")")
            #expect(try await layer.git("rev-list", "--count", "HEAD") == "1")
            #expect(!layer.playground.exists("workspace/.git/index.lock"))
            // Objects that nobody names are no harm; what is wrong would be an error.
            _ = try await layer.git("fsck")
        }
    }

    /// A git that was taken over: it tries to write everywhere, then does what it was asked.
    private static let takenOver = """
        case "$*" in *message=*) ;; *) exec /usr/bin/git "$@";; esac
        D="$GIT_WORK_TREE/.git"
        for f in config config.worktree HEAD hooks/pre-commit info/attributes refs/heads/other packed-refs index \\
            index.lock commondir objects/info/alternates modules/x worktrees/x ../planted.txt ../a.txt; do
            mkdir -p "$(dirname "$D/$f")" 2>/dev/null
            { echo evil > "$D/$f"; } 2>/dev/null && echo "WROTE $f"
        done
        mv "$D/config" "$D/config.old" 2>/dev/null && echo "WROTE by renaming"
        rm -f "$D/config" 2>/dev/null && [ ! -e "$D/config" ] && echo "WROTE by removing"
        { echo ok > "$GIT_OBJECT_DIRECTORY/own"; } && echo CONTROL
        /usr/bin/git "$@"
        code=$?
        mkdir -p "$GIT_OBJECT_DIRECTORY/info" "$GIT_OBJECT_DIRECTORY/pack"
        echo /etc > "$GIT_OBJECT_DIRECTORY/info/alternates"
        echo evil > "$GIT_OBJECT_DIRECTORY/pack/evil.sh"
        echo evil > "$GIT_DIR/config"
        exit $code
        """

    private func hostileGit(_ script: String, _ body: (Committing) async throws -> Void) async throws {
        let playground = try Playground(below: "/var/tmp")
        try playground.place(program: "tools/git", script)
        try playground.write(
            """
            version: 1
            toolchains:
              - name: hostile
                folder: \(playground.folder)/tools
                programs: [git]

            """, to: "home/config/policy.yaml")
        try await Committing.with(in: playground, body)
    }

    @Test("R5: a program that runs inside changes nothing but what a commit changes")
    func takenOver() async throws {
        try await hostileGit(Self.takenOver) { layer in
            try layer.write("two\n", to: "a.txt")
            let before = try layer.control()
            let result = try await layer.commit("Taken over", ["a.txt"])
            let output = result["stdout"]?.stringValue ?? ""
            #expect(output.contains("CONTROL"))
            #expect(!output.contains("WROTE"), "\(output)")
            let after = try layer.control()
            for path in Set(before.keys).union(after.keys) where before[path] != after[path] {
                #expect(Committing.mayChange(path), "\(path) changed")
            }
            #expect(after["objects/info/alternates"] == nil && after["objects/pack/evil.sh"] == nil)
            #expect(after["objects/own"] == nil)
            #expect(!layer.playground.exists("workspace/planted.txt"))
            #expect(try await layer.git("show", "HEAD:a.txt") == "two")
            #expect(try await layer.git("fsck", "--strict") == "")
        }
    }

    @Test(
        "R5: what it leaves in the place of a commit is refused",
        arguments: [
            // Another commit than one that was made.
            "printf '%040d\\n' 7 > \"$GIT_DIR/HEAD\"",
            "rm \"$GIT_DIR/HEAD\"; ln -s /etc/passwd \"$GIT_DIR/HEAD\"",
            "rm \"$GIT_DIR/index\"; ln -s /etc/passwd \"$GIT_DIR/index\"",
            "mkdir -p \"$GIT_OBJECT_DIRECTORY/ab\"; ln -s /etc/passwd \"$GIT_OBJECT_DIRECTORY/ab/$(printf '%038d' 7)\"",
            "rm -rf \"$GIT_OBJECT_DIRECTORY\"; ln -s /etc \"$GIT_OBJECT_DIRECTORY\"",
        ])
    func bogus(deed: String) async throws {
        try await hostileGit("/usr/bin/git \"$@\"; code=$?; case \"$*\" in *message=*) \(deed);; esac; exit $code") {
            layer in
            try layer.write("two\n", to: "a.txt")
            let before = try layer.control().filter { !$0.key.hasPrefix("objects") }
            let refused = try await layer.attempt("x", ["a.txt"])
            #expect(refused.json["success"] == false)
            #expect(try layer.control().filter { !$0.key.hasPrefix("objects") } == before)
            #expect(try await layer.git("rev-list", "--count", "HEAD") == "1")
        }
    }

    @Test("a change by somebody else meanwhile is a conflict, and neither is lost")
    func conflict() async throws {
        // Waits, while it commits, for a person who commits as well.
        let script = """
            case "$*" in *message=*) touch "$GIT_OBJECT_DIRECTORY/waiting"
            while [ ! -e "$GIT_WORK_TREE/go" ]; do sleep 0.02; done;; esac
            exec /usr/bin/git "$@"
            """
        try await hostileGit(script) { layer in
            try layer.write("two\n", to: "a.txt")
            async let reply = layer.attempt("x", ["a.txt"])
            let objects = layer.playground.workspace + "/.git/objects"
            while true {
                let names = try FileManager.default.contentsOfDirectory(atPath: objects)
                if names.contains(where: { FileManager.default.fileExists(atPath: objects + "/\($0)/objects/waiting") })
                {
                    break
                }
                try await Task.sleep(for: .milliseconds(3))
            }
            try layer.write("theirs\n", to: "b.bin")
            _ = try await layer.git("-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-qam", "theirs")
            try layer.write("", to: "go")
            #expect(try await reply.code == "conflict")
            #expect(try await layer.git("log", "-1", "--format=%s") == "theirs")
            #expect(try layer.playground.read("workspace/a.txt") == "two\n")
        }
    }

    @Test("what belongs to another user stays theirs", .enabled(if: getuid() == 0, "needs root"))
    func foreign() async throws {
        try await Committing.with(preparing: { playground, _ in
            let ended = try await Program.run("/usr/bin/chown", ["-R", "1234:1234", playground.workspace])
            try #require(ended.status == 0)
        }) { layer in
            try layer.write("two\n", to: "a.txt")
            try await layer.commit("x", ["a.txt"])
            for path in try layer.control().keys {
                let facts = try FileManager.default.attributesOfItem(
                    atPath: layer.playground.workspace + "/.git/" + path)
                #expect(facts[.ownerAccountID] as? Int == 1234, "\(path)")
            }
        }
    }

    @Test("a daemon that is no root commits as well", .enabled(if: getuid() == 0, "needs root to become a user"))
    func user() async throws {
        let playground = try Playground()
        let repository = try await Repository(in: playground)
        try await repository.git("config", "user.name", "T")
        try await repository.git("config", "user.email", "t@example.org")
        let owned = try await Program.run("/usr/bin/chown", ["-R", "65534:65534", playground.folder])
        try #require(owned.status == 0)
        let wrapper = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        let daemon = try await Daemon(in: playground, under: wrapper)
        let tools = try await daemon.send(.GET, "/api/v1/execution/tools").json["tools"]?.arrayValue ?? []
        guard tools.contains(where: { $0["name"] == "git_commit" && $0["available"] == true }) else {
            print("skipped: no sandbox for a user on this machine")
            return await { _ = await daemon.stop() }()
        }
        try await daemon.enable("git_commit")
        try playground.write("two\n", to: "workspace/new.txt")
        let reply = try await daemon.run("git_commit", ["message": "x", "paths": ["new.txt"]])
        #expect(reply.json["success"] == true, "\(String(decoding: reply.bytes, as: UTF8.self))")
        #expect(reply.json["result"]?["files"] == [["path": "new.txt", "change": "added"]])
        await daemon.stop()
    }

    @Test("the locks of a killed commit are removed, those of another git are not", arguments: [true, false])
    func leftLocks(isOurs: Bool) async throws {
        try await Committing.with { layer in
            let lock = layer.playground.workspace + "/.git/index.lock"
            try layer.write("", to: ".git/index.lock")
            var facts = stat()
            #expect(stat(lock, &facts) == 0)
            let inode = isOurs ? facts.st_ino : facts.st_ino + 1
            try layer.write(
                "\(facts.st_dev) \(inode) index.lock\n0 0 ../a.txt.lock\n",
                to: ".git/objects/tmp_objdir-execlayer-1/locks")
            try layer.write("two\n", to: "a.txt")
            let reply = try await layer.attempt("x", ["a.txt"])
            #expect(reply.code == (isOurs ? nil : "repository_locked"))
            #expect(layer.playground.exists("workspace/.git/index.lock") == !isOurs)
            #expect(!layer.playground.exists("workspace/.git/objects/tmp_objdir-execlayer-1"))
        }
    }

    @Test("a daemon that is killed in the middle leaves a repository in order, and the next one commits")
    func killed() async throws {
        let playground = try Playground()
        let repository = try await Repository(in: playground)
        try await repository.git("config", "user.name", "T")
        try await repository.git("config", "user.email", "t@example.org")
        var seed = Seed(for: "kill -9 while committing")
        for round in 0..<Rounds.count(60) {
            let daemon = try await Daemon(in: playground, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
            try await daemon.enable("git_commit")
            try playground.write("start \(round)\n", to: "workspace/a.txt")
            let first = try await daemon.run("git_commit", ["message": "First of a round", "paths": ["a.txt"]])
            #expect(first.json["success"] == true, "round \(round): \(String(decoding: first.bytes, as: UTF8.self))")
            let work = Task {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    try playground.write("\(round) \(number)\n", to: "workspace/a.txt")
                    _ = try await daemon.run("git_commit", ["message": "More", "paths": ["a.txt"]])
                }
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 5...120, using: &seed)))
            await daemon.kill()
            work.cancel()
            _ = try? await work.value
            try await repository.git("fsck", "--strict")
        }
        let count = try await repository.git("rev-list", "--count", "HEAD")
        print(
            "kill -9 while committing: \(Rounds.count(60)) rounds, \(count.trimmingCharacters(in: .newlines)) commits")
    }
}
