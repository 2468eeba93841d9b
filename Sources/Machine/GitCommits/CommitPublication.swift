#if os(Linux)
    internal import CPlatform
    internal import ToolKit

    /// Puts a commit in place that git made in a quarantine: objects, index, reference and log, and nothing else of what lies
    /// there (SECURITY R5).
    struct CommitPublication {
        let quarantine: CommitQuarantine
        let root: WorkspaceRoot
        let commit: String
        /// Keeps what an undo needs; `nil`: nobody will undo it.
        var keeper: CommitKeeper?

        /// Blocks.
        ///
        /// - Throws: ``ToolFailure``; then neither index nor reference was changed, but for a disk that fails in between.
        func publish() throws(ToolFailure) {
            try QuarantinedObjects(quarantine: quarantine, root: root).publish()
            let object = "objects/\(commit.prefix(2))/\(commit.dropFirst(2))"
            guard quarantine.git.exists(object) else { throw RepositoryChange.conflict }
            let line = try quarantine.logLine(for: commit)
            try RepositoryChange(
                quarantine: quarantine, root: root, commit: commit, index: "git/index", line: line
            ).put { git, index throws(ToolFailure) in keeper?.keep(git, newIndex: index) }
            keeper?.note(
                quarantine.git, reference: quarantine.head.reference, from: quarantine.head.commit, to: commit)
        }
    }
#endif
