#if os(Linux)
    internal import Sandbox
    internal import ToolKit

    /// The programs of one commit: each behind the same walls, with the same private folder.
    struct CommitSession {
        let commands: ConfinedCommands
        let quarantine: CommitQuarantine
        let profile: Profile

        private var git: GitFolder { quarantine.git }

        func run(_ pinned: PinnedCommand, _ limits: CommandLimits) async throws -> CommandResult {
            let isStaging = pinned.arguments.first == "add"
            let invocation = try await commands.invocation(
                of: pinned, in: profile, quarantine: folder(trustsTimes: !isStaging))
            let ground = commands.ground
            let end = try await ground.pool.run(try commands.call(pinned, invocation, limits), in: profile)
            return try CommandEnding(end, limits: limits, confinement: ground.pool.host.confinement.label).result()
        }

        /// What the commit changes, and whether it may.
        ///
        /// - Throws: ``ToolFailure`` for a file that the rules keep from being written, and, where files were staged by us,
        ///   for one that git would have had to pass through a program first.
        func changes(
            of commit: String, by pinned: PinnedCommand, paths: [WorkspacePath]?
        ) async throws -> [GitCommitResult.File] {
            let words = ["diff-tree", "--root", "--no-commit-id", "-r", "-z", "--raw", "--no-renames", commit]
            let changes = RawChange.list(try await answer(words, pinned))
            guard let changes else { throw Self.unreadable }
            for change in changes { try requireAllowed(change, paths) }
            if paths != nil { try await requireUnfiltered(changes.filter { $0.change != .deleted }, pinned) }
            return changes.map { GitCommitResult.File(path: $0.text, change: $0.change) }
        }

        /// What was named was judged by the gate; what a folder holds, or somebody staged, is judged here.
        private func requireAllowed(_ change: RawChange, _ paths: [WorkspacePath]?) throws(ToolFailure) {
            guard let inside = try? WorkspacePath(change.text) else { throw Self.unreadable }
            let path = git.workTree.appending(inside)
            if change.isSubmodule, paths != nil {
                throw ToolFailure(
                    "submodule", "\(path) is a repository of its own, and only its commit would be recorded",
                    remedy: "name files, or have a person commit the submodule")
            }
            // Git found it empty or not at all, and would have committed that.
            guard paths == nil || commands.rules.verdict(path, .read) == .allow else {
                throw ToolFailure(
                    "policy_blocked", "the commit would hold \(path), which policy keeps from programs, git included",
                    remedy: "name the files beside it in paths instead of the folder, or have a person commit it")
            }
            let verdict = commands.rules.verdict(path, .write)
            let wasAsked = (paths ?? []).contains { path.isInside($0) && commands.rules.verdict($0, .write) == .ask }
            guard verdict == .allow || verdict == .ask && wasAsked else {
                throw ToolFailure(
                    "policy_blocked", "the commit would hold \(path), which policy keeps from being written",
                    remedy: verdict == .ask
                        ? "name it in paths, so that a person can approve it"
                        : "leave it out of the commit, or have a person commit it")
            }
        }

        /// Filters are programs of the repository or of a user and are never started: git-lfs would have stored a pointer,
        /// git-crypt a secret in cipher, and the commit would hold the file itself.
        private func requireUnfiltered(_ changes: [RawChange], _ pinned: PinnedCommand) async throws {
            var names = changes.map(\.text)[...]
            guard changes.allSatisfy({ $0.text.utf8.elementsEqual($0.name) }) else { throw Self.unreadable }
            while !names.isEmpty {
                let some = names.prefix(500)
                names = names.dropFirst(some.count)
                let output = try await answer(["check-attr", "-z", "filter", "--"] + some, pinned)
                let parts = output.split(separator: 0, omittingEmptySubsequences: false)
                guard parts.count == some.count * 3 + 1 else { throw Self.unreadable }
                for place in stride(from: 0, to: parts.count - 1, by: 3) {
                    let value = String(decoding: parts[place + 2], as: UTF8.self)
                    guard value != "unspecified", value != "unset" else { continue }
                    throw ToolFailure(
                        "filtered_file",
                        "\(String(decoding: parts[place], as: UTF8.self)) has to pass a filter before it is committed, "
                            + "and filters are not started here",
                        remedy: "stage it by hand with git add, then call git_commit without paths")
                }
            }
        }

        private func answer(_ words: [String], _ pinned: PinnedCommand) async throws -> [UInt8] {
            let invocation = GitInvocation(
                judged: words, workspace: commands.ground.root.path, repository: git.workTree,
                quarantine: folder(trustsTimes: true))
            let end = try await commands.ask(invocation, in: git.workTree, pinned, profile, keeping: 32 << 20)
            guard end.isSuccess, !end.stdout.isTruncated else { throw Self.unreadable }
            return end.stdout.head + end.stdout.tail
        }

        private func folder(trustsTimes: Bool) -> GitQuarantine {
            GitQuarantine(
                folder: commands.ground.absolute(quarantine.place), repository: commands.ground.absolute(git.place),
                trustsTimes: trustsTimes)
        }

        private static let unreadable = ToolFailure(
            "commit_unreadable", "the commit could not be looked at before it was put in place; nothing was committed",
            remedy: "commit fewer files at once, under names that are UTF-8")
    }
#endif
