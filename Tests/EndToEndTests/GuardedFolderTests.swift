import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// `make` may write its build folders by the default rules, and runs whatever the project's Makefile says.
@Suite(
    "A program that writes into its build folder", .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(5)))
struct GuardedFolderTests {
    private func result(
        of script: String, _ more: [String: String] = [:], policy: String? = nil
    ) async throws -> (Playground, JSONValue) {
        let playground = try Playground()
        try playground.write("test:\n\t@sh script.sh\n", to: "workspace/Makefile")
        try playground.write(script, to: "workspace/script.sh")
        for (name, text) in more { try playground.write(text, to: "workspace/" + name) }
        if let policy { try playground.write(policy, to: "home/config/policy.yaml") }
        let daemon = try await Daemon(in: playground)
        let reply = try await daemon.run("shell_exec", ["command": ["make", "test"]])
        await daemon.stop()
        return (playground, try #require(reply.json["result"]))
    }

    private static let bare = "mkdir -p $R/objects $R/refs; echo 'ref: refs/heads/main' > $R/HEAD\n"

    @Test("R5: a repository that it makes there is gone afterwards and reported; its other files stay")
    func newRepositories() async throws {
        let script = """
            set -e
            mkdir -p build/a/b/.git/hooks build/c build/deep/.GIT
            echo '[core]' > build/a/b/.git/config
            echo 'gitdir: ../a/b/.git' > build/c/.git
            ln -s ../a/b/.git build/link; ln -s /etc build/deep/.git
            chmod 000 build/a/b/.git/hooks; chmod 500 build/a/b/.git
            echo kept > build/a/b/output
            R=build/bare
            """ + "\n" + Self.bare
        let (playground, result) = try await self.result(of: script)
        #expect(result["returncode"] == 0, "\(result)")
        #expect(
            result["removed_repositories"]
                == ["build/a/b/.git", "build/bare", "build/c/.git", "build/deep/.GIT", "build/deep/.git"])
        for name in ["a/b/.git", "c/.git", "bare/HEAD", "deep/.GIT"] {
            #expect(!playground.exists("workspace/build/" + name))
        }
        #expect(playground.exists("workspace/build/bare/refs"))
        // The control: it is taken for a build folder's repositories only.
        #expect(try playground.read("workspace/build/a/b/output") == "kept\n")
        let left = try FileManager.default.contentsOfDirectory(atPath: playground.workspace + "/build/a/b")
        #expect(left == ["output"])
    }

    @Test("R5: names that are no UTF-8 and folders that are shut hide no repository")
    func hiddenRepositories() async throws {
        let script = #"""
            set -e
            odd=$(printf 'build/odd\377'); mkdir -p "$odd/.git"; echo x > "$odd/plain"
            """# + "\n"
        let (playground, result) = try await self.result(of: script)
        #expect(result["returncode"] == 0, "\(result)")
        #expect(result["removed_repositories"]?.arrayValue?.count == 1)
        let found = try await Program.run("/usr/bin/find", [playground.workspace + "/build"]).output
        #expect(found.contains("plain") && !found.contains(".git"))
    }

    @Test("R5: a repository that was there before stays as it was and where it was; a copy of it is left out")
    func oldRepositories() async throws {
        let script = """
            for r in build/dep/.git build/mirror; do
                echo evil >> $r/config && echo WRITTEN; rm -f $r/config && echo REMOVED; mv $r $r.away && echo MOVED
            done
            mv build/dep build/other; mkdir -p build/dep/.git; echo evil > build/dep/.git/config
            echo free > build/other/output
            true
            """
        let files = [
            "build/dep/.git/config": "good\n", "build/mirror/HEAD": "ref: refs/heads/main\n",
            "build/mirror/objects/x": "", "build/mirror/refs/x": "", "build/mirror/config": "good\n",
        ]
        let (playground, result) = try await self.result(of: script, files)
        #expect(result["stdout"] == "", "\(result)")
        #expect(try playground.read("workspace/build/mirror/config") == "good\n")
        // A folder that has a repository in it cannot be moved away: what is written to its old name is refused, ...
        #expect(try playground.read("workspace/build/dep/.git/config") == "good\n")
        // ... and the copy that `mv` makes instead is a new repository.
        #expect(!playground.exists("workspace/build/other/.git"))
        #expect(result["removed_repositories"] == ["build/other/.git"])
        #expect(try playground.read("workspace/build/other/output") == "free\n")
    }

    private static let policy = """
        version: 1
        paths:
          - name: releases
            match: ["build/release", "*.lock"]
            write: deny
            reason: "releases are made by people"
            examples: {match: ["build/release/app", "a.lock"], not_match: ["build/debug"]}

        """

    @Test(
        "R5: what a rule keeps from being written is read-only inside a folder that it may write, and new is reported")
    func deniedPlaces() async throws {
        let script = """
            echo evil > build/release/app && echo WRITTEN
            echo evil > build/a.lock && echo WRITTEN
            rm -r build/release && echo REMOVED
            echo free > build/free
            echo new > build/new.lock
            true
            """
        let files = ["build/release/app": "good\n", "build/a.lock": "good\n"]
        let (playground, result) = try await self.result(of: script, files, policy: Self.policy)
        #expect(result["stdout"] == "", "\(result)")
        #expect(try playground.read("workspace/build/release/app") == "good\n")
        #expect(try playground.read("workspace/build/a.lock") == "good\n")
        #expect(try playground.read("workspace/build/free") == "free\n")
        #expect(result["written_against_policy"] == ["build/new.lock"])
    }

    @Test("R29: FIFOs that it leaves never reach the workspace and are reported; one that was there before stays")
    func pipes() async throws {
        let playground = try Playground()
        try playground.write("test:\n\t@sh script.sh\n", to: "workspace/Makefile")
        try playground.write(
            "mkdir -p build/deep; mkfifo build/deep/pipe && echo made; echo x > build/plain; mkfifo /tmp/own && echo own\n",
            to: "workspace/script.sh")
        try playground.write("", to: "workspace/build/.keep")
        #expect(mkfifo(playground.workspace + "/build/old", 0o600) == 0)
        let daemon = try await Daemon(in: playground)
        let result = try await daemon.run("shell_exec", ["command": ["make", "test"]]).json["result"]
        #expect(result?["removed_special_files"] == ["build/deep/pipe"], "\(result ?? .null)")
        #expect(!playground.exists("workspace/build/deep/pipe"))
        // The controls: a call's own folders take them, other files stay, and so does what is not its own.
        #expect(result?["stdout"] == "made\nown\n")
        #expect(playground.exists("workspace/build/plain"))
        #expect(playground.exists("workspace/build/old"))
        await daemon.stop()
    }

    @Test("R5: a repository that it had made when the daemon was killed never reaches the workspace")
    func killedDaemon() async throws {
        let playground = try Playground()
        try playground.write(
            "test:\n\t@sh script.sh\ncheck:\n\t@ls -A build/old; ls -A build\n", to: "workspace/Makefile")
        try playground.write(
            "mkdir -p build/new/.git/hooks; echo x > build/new/file; touch build/ready; sleep 600\n",
            to: "workspace/script.sh")
        try playground.write("[core]\n", to: "workspace/build/old/.git/config")
        let daemon = try await Daemon(in: playground)
        async let reply = daemon.run("shell_exec", ["command": ["make", "test"], "timeout_sec": 600])
        while !playground.isBeingWritten("ready") { await Task.yield() }
        // The control: it was there.
        #expect(playground.isBeingWritten("new/.git/hooks"))
        await daemon.kill()
        _ = try? await reply
        let next = try await Daemon(in: playground)
        let check = try await next.run("shell_exec", ["command": ["make", "check"]]).json["result"]
        #expect(check?["stdout"] == ".git\nold\n", "\(check ?? .null)")
        #expect(try playground.read("workspace/build/old/.git/config") == "[core]\n")
        await next.stop()
        // Nothing is left of the layers of either.
        let layers = playground.home + "/data/effects/layers"
        #expect(try FileManager.default.contentsOfDirectory(atPath: layers).isEmpty)
    }

    @Test("R5: nothing is reported of a program that made neither")
    func ordinary() async throws {
        let (playground, result) = try await self.result(
            of: "mkdir -p build/objects build/refs; echo x > build/gitignore; echo x > build/HEAD.txt\n")
        #expect(result["returncode"] == 0)
        for name in [
            "removed_repositories", "repositories_left", "written_against_policy", "folders_not_checked",
            "removed_special_files",
        ] {
            #expect(result[name] == nil)
        }
        #expect(playground.exists("workspace/build/HEAD.txt"))
    }
}

/// Secrets that a program could see beside the files that policy hides.
@Suite(
    "A secret that somebody let a program read, or nobody", .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(5)))
struct ApprovedReadTests {
    @Test("R26: a file that a person approved is seen by that call, in that file, and by no other")
    func approved() async throws {
        let playground = try Playground()
        for name in [".env", ".env.local", ".aws/credentials", ".aws/config"] {
            try playground.write("\(name)=rosebud\n", to: "workspace/" + name)
        }
        let daemon = try await Daemon(in: playground)
        for (name, other) in [(".env", ".env.local"), (".aws/credentials", ".aws/config")] {
            let command: JSONValue = ["command": ["cat", .string(name)]]
            let refused = try await daemon.run("shell_exec", command)
            #expect(refused.code == "approval_required")
            let approved = try await daemon.send(
                .POST, "/api/v1/execution/approve?tool_name=shell_exec", ["args": command])
            let id = try #require(approved.json["approval_id"])
            let shown = try await daemon.run("shell_exec", command, ["approval_id": id])
            #expect(shown.json["result"]?["stdout"] == .string("\(name)=rosebud\n"), "\(shown.json)")
            // The control: what else there is stays hidden, before and after.
            let search = try await daemon.run("shell_exec", ["command": ["grep", "-r", "rosebud", "."]])
            #expect(search.json["result"]?["stdout"] == "", "\(other)")
        }
        await daemon.stop()
    }

    @Test("R26: the password in a remote's address is seen by no program, and the rest of the configuration is")
    func remotePassword() async throws {
        let playground = try Playground()
        let repository = try await Repository(in: playground)
        try await repository.git("remote", "add", "origin", "https://me:rosebud-one@example.org/a.git")
        try await repository.git("config", "http.extraHeader", "AUTHORIZATION: basic bWU6cm9zZWJ1ZC10d28=")
        let daemon = try await Daemon(in: playground)
        let raw = try await daemon.run("shell_exec", ["command": ["cat", ".git/config"]])
        let text = raw.json["result"]?["stdout"]?.stringValue ?? ""
        #expect(text.contains("[remote \"origin\"]") && text.contains("example.org/a.git"), "\(raw.json)")
        #expect(!text.contains("rosebud") && !text.contains("bWU6"))
        let remotes = try await daemon.run("shell_exec", ["command": ["git", "remote", "-v"]])
        let listed = remotes.json["result"]?["stdout"]?.stringValue ?? ""
        #expect(listed.contains("example.org/a.git") && !listed.contains("rosebud"), "\(remotes.json)")
        // Git replaces the file; what took its place is hidden at once.
        try await repository.git("config", "user.name", "somebody")
        let again = try await daemon.run("shell_exec", ["command": ["grep", "-c", "rosebud", ".git/config"]])
        #expect(again.json["result"]?["stdout"] == "0\n")
        let status = try await daemon.run("git_status")
        #expect(status.json["result"]?["returncode"] == 0, "\(status.json)")
        await daemon.stop()
    }
}
