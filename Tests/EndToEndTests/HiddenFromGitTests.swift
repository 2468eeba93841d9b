import Foundation
import Testing
import ToolKit

/// What policy hides from programs is empty for git, too. It must not take it for deleted.
@Suite(
    "A repository with files in it that programs must not see", .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(5)))
struct HiddenFromGitTests {
    private static let policy = """
        version: 1
        paths:
          - name: private
            match: ["private", "*.pem"]
            read: deny
            reason: "for people only"
            examples:
              match: ["private/a", "x.pem"]
        """

    /// `private/plan` and `test.pem` are tracked and as they were committed, `a.txt` was changed.
    private static func with(_ body: (Committing) async throws -> Void) async throws {
        try await Committing.with(
            preparing: { playground, repository in
                try playground.write(policy, to: "home/config/policy.yaml")
                try playground.write("the plan\n", to: "workspace/src/private/plan")
                try playground.write("the key\n", to: "workspace/src/test.pem")
                try playground.write("plain\n", to: "workspace/src/plain.txt")
                try await repository.git("add", ".")
                try await repository.commit("second")
                try playground.write("changed\n", to: "workspace/src/plain.txt")
            }, body)
    }

    @Test("R26: git_diff and git_status neither fail at them nor tell what is in them")
    func reading() async throws {
        try await Self.with { layer in
            let diff = try await layer.daemon.run("git_diff", [:]).json["result"]
            #expect(diff?["returncode"] == 0, "\(diff ?? .null)")
            let text = diff?["stdout"]?.stringValue ?? ""
            #expect(!text.contains("the plan") && !text.contains("the key"))
            // The control: what may be seen is there, also in a folder.
            #expect(text.contains("+changed"))
            let plan = try await layer.daemon.run("git_diff", [:], ["dry_run": true]).json["result"]?["plan"]?["argv"]
            #expect(
                plan?.arrayValue?.suffix(2) == [
                    ":(top,exclude,literal)src/private", ":(top,exclude,literal)src/test.pem",
                ])
            let status = try await layer.daemon.run("git_status", [:]).json["result"]?["stdout"]
            #expect(status == "## main\n M src/plain.txt\n")
            for command in ["git diff HEAD", "git diff HEAD -- src", "git diff HEAD src"] {
                let words: JSONValue = ["command": .string(command)]
                let result = try await layer.daemon.run("shell_exec", words).json["result"]
                #expect(result?["returncode"] == 0, "\(command): \(result ?? .null)")
                #expect(result?["stdout"]?.stringValue?.contains("+changed") == true, "\(command)")
                #expect(result?["stdout"]?.stringValue?.contains("the plan") == false, "\(command)")
            }
        }
    }

    @Test("R5: committing the folder around them is refused, and does not delete them")
    func committing() async throws {
        try await Self.with { layer in
            try FileManager.default.removeItem(atPath: layer.playground.workspace + "/src/test.pem")
            let before = try await layer.git("rev-parse", "HEAD")
            let reply = try await layer.attempt("all", ["src"])
            #expect(reply.code == "policy_blocked")
            #expect(reply.json["detail"]?.stringValue?.contains("src/private/plan") == true)
            #expect(try await layer.git("rev-parse", "HEAD") == before)
            // The control: the file by its name.
            try await layer.commit("one", ["src/plain.txt"])
            #expect(try await layer.newest == ["src/plain.txt"])
        }
    }
}
