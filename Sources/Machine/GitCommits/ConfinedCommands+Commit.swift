#if os(Linux)
    internal import Sandbox
    package import ToolKit

    extension ConfinedCommands {
        /// Git makes the commit in a private folder, behind the walls, with the repository read-only. It is looked at there,
        /// and then put in place in process (SECURITY R5, R20).
        package func commit(_ order: GitCommitOrder, limits: CommandLimits) async throws -> GitCommitResult {
            guard effects.mode == .run else {
                throw ToolFailure(
                    "not_supported", "a commit cannot be previewed",
                    remedy: "look at git_diff, or ask for a dry run, which tells what would be committed")
            }
            return try await ground.commits.take { try await commitAlone(order, limits) }
        }

        private func commitAlone(_ order: GitCommitOrder, _ limits: CommandLimits) async throws -> GitCommitResult {
            let pinned = try pinned(order.committing)
            let staging = try order.staging.map { try self.pinned($0) }
            let (git, head) = try repository(for: order)
            CommitQuarantine.sweep(git)
            for lock in ["index.lock", (head.reference ?? "HEAD") + ".lock"] where git.exists(lock) {
                throw RepositoryChange.locked(lock)
            }
            let quarantine = try CommitQuarantine(of: git, head: head, in: ground.root)
            defer { quarantine.remove() }
            let session = CommitSession(
                commands: self, quarantine: quarantine,
                profile: try profile(of: pinned, writing: quarantine.place))
            if let staging {
                let staged = try await session.run(staging, limits)
                guard staged.returnCode == 0 else { throw CommitRefused.staging(staged) }
            }
            let made = try await session.run(pinned, limits)
            guard made.returnCode == 0, let commit = try quarantine.commit() else {
                throw CommitRefused.committing(made, paths: order.paths)
            }
            let files = try await session.changes(of: commit, by: pinned, paths: order.paths)
            if Task.isCancelled { throw CallInterrupted.cancelled }
            try CommitPublication(
                quarantine: quarantine, root: ground.root, commit: commit,
                keeper: ground.layers.map { CommitKeeper(effects: effects, contents: $0.contents) }
            ).publish()
            return GitCommitResult(
                commit: commit, parent: head.commit, branch: head.branch, files: files, output: made)
        }

        package func plan(_ order: GitCommitOrder, limits: CommandLimits) throws -> [String: JSONValue] {
            let (git, head) = try repository(for: order)
            var plan = try plan(order.committing, limits: limits)
            let what = order.paths.map { "\($0.count) named" } ?? "what is staged"
            plan["summary"] = .string("commit \(what) on \(head.branch ?? "no branch")")
            plan["steps"] = .array(try order.commands.map { .array(try planned(try pinned($0)).map(JSONValue.string)) })
            plan["repository"] = .string(git.workTree.description)
            plan["branch"] = JSONValue(head.branch)
            plan["parent"] = JSONValue(head.commit)
            plan["paths"] = order.paths.map { .array($0.map { .string($0.description) }) } ?? .null
            let written = ["objects", "index", head.reference ?? "HEAD", "logs"].map { git.path($0).description }
            plan["writes"] = .array(written.map(JSONValue.string))
            plan["files"] = "not looked at: which files differ is found out when it runs"
            return plan
        }

        /// - Throws: ``ToolFailure`` for whatever can be known to stand in the way before git is started.
        private func repository(for order: GitCommitOrder) throws -> (GitFolder, GitHead) {
            let git = try GitFolder(from: order.committing.folder, in: ground.root)
            for path in order.paths ?? [] {
                guard path.isInside(git.workTree) else {
                    throw ToolFailure(
                        "path_outside_repository", "\(path) does not lie in the repository at \(git.workTree)",
                        remedy: "name paths inside it, or another cwd")
                }
                guard rules.verdict(path, .read) == .allow else {
                    throw ToolFailure(
                        "policy_blocked", "\(path) is kept from programs by policy, so git cannot read it",
                        remedy: "leave it out, or have a person commit it")
                }
            }
            try git.requireNothingUnderWay()
            let head = try GitHead(reading: git)
            return (git, head)
        }
    }

    /// Git made no commit.
    enum CommitRefused {
        static func staging(_ result: CommandResult) -> ToolFailure {
            failure(
                result, "git_failed", "git could not stage the files; stderr says why",
                "name files that exist, are not ignored and that programs may read")
        }

        static func committing(_ result: CommandResult, paths: [WorkspacePath]?) -> ToolFailure {
            let errors = result.stderr.text
            for (sign, key, own) in missing where errors.contains(sign) {
                return failure(
                    result, "author_unknown",
                    "nothing says who the author is: \(own) is not set, nor \(key) in the repository",
                    "an operator sets it with PATCH /api/v1/execution/config {\"\(own)\": ...}, or a person with "
                        + "git config \(key) in the repository")
            }
            guard result.returnCode == 1, errors.isEmpty else {
                return failure(
                    result, "git_failed", "git made no commit; stderr says why",
                    "mend what git names, then repeat the call")
            }
            return failure(
                result, "nothing_to_commit",
                paths == nil ? "nothing is staged" : "the paths hold no change that is not committed yet",
                paths == nil
                    ? "name the files in paths; git_status shows which differ"
                    : "name files that differ; git_status shows them")
        }

        private static let missing = [
            ("no email was given", "user.email", "git_author_email"),
            ("no name was given", "user.name", "git_author_name"),
            ("empty ident name", "user.name", "git_author_name"),
        ]

        private static func failure(
            _ result: CommandResult, _ code: String, _ message: String, _ remedy: String
        ) -> ToolFailure {
            var failure = ToolFailure(code, message, remedy: remedy)
            failure.result = .object(result.members)
            failure.confinement = result.confinement
            return failure
        }
    }
#endif
