import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// The real daemon, real bubblewrap, real git.
@Suite(
    "An agent that commits", .serialized, .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(5)))
struct CommitTests {
    @Test("commits the files that it names, new ones included, and nothing else")
    func named() async throws {
        try await Committing.with { layer in
            try layer.write("two\n", to: "a.txt")
            try layer.write("new\n", to: "src/new.txt")
            try layer.write("staged by a person\n", to: "staged.txt")
            _ = try await layer.git("add", "staged.txt")
            let before = try await layer.git("rev-parse", "HEAD")
            let result = try await layer.commit("Second\n\nwith a body", ["a.txt", "src"])
            // Positive control: git itself sees it.
            #expect(try await layer.git("rev-parse", "refs/heads/main") == result["commit"]?.stringValue)
            #expect(try await layer.git("log", "-1", "--format=%B%an <%ae> %cn").hasPrefix("Second\n\nwith a body\n"))
            #expect(try await layer.newest == ["a.txt", "src/new.txt"])
            #expect(result["parent"]?.stringValue == before)
            #expect(result["branch"] == "main")
            #expect(
                result["files"] == [
                    ["path": "a.txt", "change": "modified"], ["path": "src/new.txt", "change": "added"],
                ])
            #expect(result["summary"] == "2 files on main")
            #expect(result["returncode"] == 0)
            #expect(result["stdout"] == "" && result["stderr"] == "")
            #expect(try await layer.git("status", "--short") == "A  staged.txt")
            #expect(try await layer.git("fsck", "--strict") == "")
            #expect(try await layer.git("reflog", "-1", "--format=%gs") == "commit: Second")
            #expect(try await layer.git("reflog", "-1", "--format=%gs", "main") == "commit: Second")
            #expect(!layer.playground.exists("workspace/.git/index.lock"))
            let left = try FileManager.default.contentsOfDirectory(atPath: layer.playground.workspace + "/.git/objects")
            #expect(left.allSatisfy { !$0.hasPrefix("tmp_") })
        }
    }

    @Test("commits what is staged, a deletion included, and refuses when nothing is")
    func staged() async throws {
        try await Committing.with { layer in
            let nothing = try await layer.attempt("x")
            #expect(nothing.code == "nothing_to_commit")
            #expect(nothing.json["remedy"]?.stringValue?.contains("paths") == true)
            let unchanged = try await layer.attempt("x", ["a.txt"])
            #expect(unchanged.code == "nothing_to_commit")
            _ = try await layer.git("rm", "-q", "--cached", "b.bin")
            try layer.write("not staged\n", to: "a.txt")
            let result = try await layer.commit("Without b")
            #expect(result["files"] == [["path": "b.bin", "change": "deleted"]])
            #expect(try await layer.git("status", "--short") == " M a.txt\n?? b.bin")
        }
    }

    @Test("commits the deletion of a file that it names")
    func deleted() async throws {
        try await Committing.with { layer in
            try FileManager.default.removeItem(atPath: layer.playground.workspace + "/b.bin")
            let result = try await layer.commit("Gone", ["b.bin"])
            #expect(result["files"] == [["path": "b.bin", "change": "deleted"]])
            #expect(try await layer.git("status", "--short") == "")
        }
    }

    @Test("sees a change that left size and second as they were")
    func racy() async throws {
        try await Committing.with { layer in
            for round in 0..<5 {
                try layer.write("v\(round)\n", to: "a.txt")
                try await layer.commit("Round \(round)", ["a.txt"])
                #expect(try await layer.git("show", "HEAD:a.txt") == "v\(round)")
            }
        }
    }

    // MARK: Author

    @Test("without an author is told what is missing and where it is set")
    func noAuthor() async throws {
        try await Committing.with(author: nil) { layer in
            try layer.write("two\n", to: "a.txt")
            let reply = try await layer.attempt("x", ["a.txt"])
            #expect(reply.code == "author_unknown")
            #expect(reply.json["remedy"]?.stringValue?.contains("git config user.") == true)
            #expect(try await layer.git("rev-list", "--count", "HEAD") == "1")
            _ = try await layer.git("config", "user.name", "Repo Person")
            let half = try await layer.attempt("x", ["a.txt"])
            #expect(half.json["detail"]?.stringValue?.contains("user.email") == true)
            _ = try await layer.git("config", "user.email", "repo@example.org")
            try await layer.commit("x", ["a.txt"])
            let shown = try await layer.git("log", "-1", "--format=%an %ae %cn")
            #expect(shown == "Repo Person repo@example.org Repo Person")
        }
    }

    @Test("is the author that the configuration names, whatever the repository says")
    func configured() async throws {
        try await Committing.with { layer in
            _ = try await layer.git("config", "user.name", "Repo Person")
            _ = try await layer.git("config", "user.email", "repo@example.org")
            try layer.write("two\n", to: "a.txt")
            try await layer.commit("x", ["a.txt"])
            let shown = try await layer.git("log", "-1", "--format=%an %ae %ce")
            #expect(shown == "Ada Example ada@example.org ada@example.org")
        }
    }

    // MARK: Paths

    @Test(
        "takes a name as it is",
        arguments: ["with space.txt", "-n.txt", "--all", "two\nlines.txt", "*.txt", ":(top)x", "caf\u{e9}/[a].txt"])
    func oddName(name: String) async throws {
        try await Committing.with { layer in
            try layer.write("new\n", to: name)
            try layer.write("other\n", to: "other.txt")
            let result = try await layer.commit("Odd", [name])
            #expect(result["files"] == [["path": .string(name), "change": "added"]])
            #expect(try await layer.git("status", "--short") == "?? other.txt")
        }
    }

    @Test(
        "R5: neither a path outside nor git's own files are committed",
        arguments: ["../x", "/etc/passwd", ".git/config", ".GIT/config", "sub/.git/config", ".git"])
    func forbiddenPath(path: String) async throws {
        try await Committing.with { layer in
            try layer.write("two\n", to: "a.txt")
            let reply = try await layer.attempt("x", [path, "a.txt"])
            #expect(["path_outside_workspace", "policy_blocked"].contains(reply.code))
            #expect(try await layer.git("rev-list", "--count", "HEAD") == "1")
            try await layer.commit("control", ["a.txt"])
        }
    }

    @Test("R5: does not start in git's own folder")
    func insideControl() async throws {
        try await Committing.with { layer in
            let refused = try await layer.attempt("x", cwd: ".git/objects")
            #expect(refused.code == "protected_path")
        }
    }

    @Test("commits a link as a link, and nothing behind it")
    func link() async throws {
        try await Committing.with { layer in
            try layer.playground.write("outside\n", to: "outside/secret.txt")
            try layer.playground.link("workspace/way", to: layer.playground.folder + "/outside")
            let behind = try await layer.attempt("x", ["way/secret.txt"])
            #expect(behind.json["success"] == false)
            try await layer.commit("A link", ["way"])
            #expect(try await layer.git("ls-tree", "HEAD", "way").hasPrefix("120000"))
        }
    }

    @Test("R5: a file that policy protects is not committed, named or not")
    func secret() async throws {
        try await Committing.with { layer in
            try layer.write("PASSWORD=rosebud\n", to: "app/.env")
            try layer.write("fine\n", to: "app/main.txt")
            let named = try await layer.attempt("x", ["app/.env"])
            #expect(named.code == "policy_blocked")
            let folder = try await layer.attempt("x", ["app"])
            #expect(folder.json["success"] == false)
            _ = try await layer.git("add", "-f", "app/.env")
            let staged = try await layer.attempt("x")
            #expect(staged.code == "policy_blocked")
            #expect(staged.json["detail"]?.stringValue?.contains("app/.env") == true)
            #expect(try await layer.git("rev-list", "--count", "HEAD") == "1")
            try await layer.commit("control", ["app/main.txt"])
            #expect(try await layer.newest == ["app/main.txt"])
        }
    }

    @Test("needs an approval for a file that policy asks about, and names it where a folder hides it")
    func asked() async throws {
        try await Committing.with { layer in
            try layer.write("on: push\n", to: ".github/workflows/ci.yml")
            let unasked = try await layer.attempt("x", [".github/workflows/ci.yml"])
            #expect(unasked.code == "approval_required")
            let hidden = try await layer.attempt("x", [".github"])
            #expect(hidden.code == "policy_blocked")
            #expect(hidden.json["remedy"]?.stringValue?.contains("name it in paths") == true)
            let arguments: JSONValue = ["message": "x", "paths": [".github/workflows/ci.yml"]]
            let approval = try await layer.daemon.send(
                .POST, "/api/v1/execution/approve?tool_name=git_commit", ["args": arguments])
            let id = try #require(
                approval.json["approval_id"]?.stringValue, "\(String(decoding: approval.bytes, as: UTF8.self))")
            let reply = try await layer.daemon.run("git_commit", arguments, ["approval_id": .string(id)])
            #expect(reply.json["success"] == true, "\(String(decoding: reply.bytes, as: UTF8.self))")
        }
    }

    // MARK: Where

    @Test("commits on a branch whose name has parts, with packed references")
    func branches() async throws {
        try await Committing.with { layer in
            _ = try await layer.git("checkout", "-q", "-b", "team/topic")
            _ = try await layer.git("pack-refs", "--all")
            try layer.write("two\n", to: "a.txt")
            #expect(try await layer.commit("x", ["a.txt"])["branch"] == "team/topic")
            #expect(try await layer.git("rev-list", "--count", "team/topic") == "2")
            #expect(try await layer.git("rev-list", "--count", "main") == "1")
        }
    }

    @Test("commits where no branch is checked out")
    func detached() async throws {
        try await Committing.with { layer in
            _ = try await layer.git("checkout", "-q", "--detach")
            try layer.write("two\n", to: "a.txt")
            let result = try await layer.commit("x", ["a.txt"])
            #expect(result["branch"] == nil || result["branch"] == .null)
            #expect(try await layer.git("rev-parse", "HEAD") == result["commit"]?.stringValue)
            #expect(try await layer.git("rev-list", "--count", "main") == "1")
        }
    }

    @Test("makes the first commit of a repository, in a folder of the workspace")
    func unborn() async throws {
        try await Committing.with { layer in
            try layer.write("new\n", to: "inner/x.txt")
            _ = try await layer.git("init", "-q", "-b", "trunk", "inner")
            let nothing = try await layer.attempt("First", cwd: "inner")
            #expect(nothing.code == "nothing_to_commit")
            let result = try await layer.commit("First", ["inner/x.txt"], cwd: "inner")
            #expect(result["branch"] == "trunk" && result["parent"] == .null)
            #expect(try await layer.git("-C", "inner", "log", "--format=%s") == "First")
            #expect(try await layer.git("-C", "inner", "status", "--short") == "")
            #expect(try await layer.git("-C", "inner", "fsck", "--strict") == "")
            #expect(try await layer.git("rev-list", "--count", "HEAD") == "1")
        }
    }

    @Test("commits from a folder of the repository")
    func subfolder() async throws {
        try await Committing.with { layer in
            try layer.write("new\n", to: "src/x.txt")
            try await layer.commit("x", ["src/x.txt"], cwd: "src")
            #expect(try await layer.newest == ["src/x.txt"])
            try layer.write("two\n", to: "a.txt")
            let elsewhere = try await layer.attempt("x", ["a.txt"], cwd: "src")
            #expect(elsewhere.code == "path_outside_folder")
        }
    }

    // MARK: What stands in the way

    @Test("R5: a merge that is under way is left to a person")
    func merging() async throws {
        try await Committing.with { layer in
            let head = try await layer.git("rev-parse", "HEAD")
            try layer.write(head + "\n", to: ".git/MERGE_HEAD")
            try layer.write("two\n", to: "a.txt")
            let refused = try await layer.attempt("x", ["a.txt"])
            #expect(refused.code == "operation_under_way")
            #expect(try layer.playground.read("workspace/.git/MERGE_HEAD") == head + "\n")
        }
    }

    @Test("another git's lock is respected and named", arguments: ["index.lock", "refs/heads/main.lock"])
    func locked(name: String) async throws {
        try await Committing.with { layer in
            try layer.write("", to: ".git/" + name)
            try layer.write("two\n", to: "a.txt")
            let reply = try await layer.attempt("x", ["a.txt"])
            #expect(reply.code == "repository_locked")
            #expect(reply.json["detail"]?.stringValue?.contains(name) == true)
            try FileManager.default.removeItem(atPath: layer.playground.workspace + "/.git/" + name)
            try await layer.commit("control", ["a.txt"])
        }
    }

    @Test("R21 R22: second work trees, submodules' files and bare repositories are refused, and nothing changes")
    func unsupported() async throws {
        try await Committing.with { layer in
            _ = try await layer.git("worktree", "add", "-q", "tree", "-b", "side")
            try layer.write("new\n", to: "tree/x.txt")
            let linked = try await layer.attempt("x", ["tree/x.txt"], cwd: "tree")
            #expect(linked.code == "repository_unsupported")
            _ = try await layer.git("init", "-q", "--bare", "bare")
            let bare = try await layer.attempt("x", cwd: "bare")
            #expect(bare.code == "nothing_to_commit")
            #expect(try await layer.git("rev-list", "--all", "--count") == "1")
        }
        let playground = try Playground()
        try playground.write("x", to: "workspace/x")
        let daemon = try await Daemon(in: playground)
        try await daemon.enable("git_commit")
        let none = try await daemon.run("git_commit", ["message": "x"])
        #expect(none.code == "not_a_repository")
        await daemon.stop()
    }

    @Test("a repository inside the repository is not recorded by accident")
    func embedded() async throws {
        try await Committing.with { layer in
            _ = try await layer.git("init", "-q", "inner")
            _ = try await layer.git(
                "-C", "inner", "-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-q", "--allow-empty",
                "-m", "x")
            let refused = try await layer.attempt("x", ["inner"])
            #expect(refused.code == "submodule")
            #expect(try await layer.git("rev-list", "--count", "HEAD") == "1")
        }
    }

    // MARK: Gate, plan, record

    @Test("is off by default, and shell_exec cannot commit either way")
    func off() async throws {
        let playground = try Playground()
        _ = try await Repository(in: playground)
        let daemon = try await Daemon(in: playground)
        let disabled = try await daemon.run("git_commit", ["message": "x"])
        #expect(disabled.code == "tool_disabled")
        try await daemon.enable("git_commit")
        let words: JSONValue = ["git", "commit", "--quiet", "--cleanup=whitespace", "--message=x"]
        for command: JSONValue in ["git commit -m x", words, ["git", "add", "--all", "--", "a.txt"]] {
            let reply = try await daemon.run("shell_exec", ["command": command])
            #expect(reply.code == "policy_blocked")
        }
        await daemon.stop()
    }

    @Test("needs an approval where risky tools do, and an operator's rule about git commit counts")
    func rules() async throws {
        let rule = """
            version: 1
            commands:
              - name: no commits
                run: [git, commit]
                verdict: deny
                reason: "people commit here"
                examples: {match: ["git commit"], not_match: ["git status"]}

            """
        try await Committing.with(preparing: { playground, _ in
            try playground.write(rule, to: "home/config/policy.yaml")
        }) { layer in
            try layer.write("two\n", to: "a.txt")
            let denied = try await layer.attempt("x", ["a.txt"])
            #expect(denied.code == "policy_blocked")
            #expect(denied.json["detail"]?.stringValue?.contains("people commit here") == true)
        }
        try await Committing.with(preparing: { playground, _ in
            try playground.write("version: 1\ncommands: []\n", to: "home/config/policy.yaml")
        }) { layer in
            try layer.write("two\n", to: "a.txt")
            _ = try await layer.daemon.configure(["approval_mode": "require_approval"])
            let unapproved = try await layer.attempt("x", ["a.txt"])
            #expect(unapproved.code == "approval_required")
            _ = try await layer.daemon.configure(["approval_mode": "auto"])
            try await layer.commit("x", ["a.txt"])
        }
    }

    @Test("R15: a dry run tells what would run and where, and changes nothing")
    func dryRun() async throws {
        try await Committing.with { layer in
            try layer.write("two\n", to: "a.txt")
            let before = try layer.control()
            let reply = try await layer.daemon.run(
                "git_commit", ["message": "x", "paths": ["a.txt"]], ["dry_run": true])
            let plan = reply.json["result"]?["plan"]
            #expect(
                plan?["steps"] == [
                    ["/usr/bin/git", "--no-pager", "add", "--all", "--", "a.txt"],
                    [
                        "/usr/bin/git", "--no-pager", "commit", "--no-verify", "--no-gpg-sign", "--quiet",
                        "--cleanup=whitespace", "--message=x", "--only", "--",
                        "a.txt",
                    ],
                ])
            #expect(plan?["branch"] == "main")
            #expect(plan?["writes"] == [".git/objects", ".git/index", ".git/refs/heads/main", ".git/logs"])
            #expect(try layer.control() == before)
        }
    }

    @Test("R59: is recorded with the commit that it made")
    func recorded() async throws {
        try await Committing.with { layer in
            try layer.write("two\n", to: "a.txt")
            let result = try await layer.commit("A message with ghp_0123456789abcdefghijABCDEFGHIJ012345", ["a.txt"])
            let entry = try #require(try await layer.daemon.logs("limit=1").first)
            #expect(entry["tool_name"] == "git_commit" && entry["status"] == "ok")
            let text = String(decoding: JSONWriter.write(entry), as: UTF8.self)
            #expect(text.contains(result["commit"]?.stringValue ?? "?"))
            // R63: also in the message of a commit.
            #expect(!text.contains("ghp_0123456789"))
        }
    }

    @Test("many at once take turns, and none is lost")
    func concurrent() async throws {
        try await Committing.with { layer in
            for number in 0..<8 { try layer.write("\(number)\n", to: "file\(number).txt") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask { try await layer.commit("Number \(number)", ["file\(number).txt"]) }
                }
                try await group.waitForAll()
            }
            #expect(try await layer.git("rev-list", "--count", "HEAD") == "9")
            #expect(try await layer.git("status", "--short") == "")
        }
    }
}
