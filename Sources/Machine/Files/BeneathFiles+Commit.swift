internal import CPlatform
package import ToolKit

extension BeneathFiles {
    /// Stages every change beside its target, checks the bases, puts all in place by renames and syncs; any failure on
    /// the way puts everything back (SECURITY R4).
    ///
    /// All or none. Several files go through the journal of effects, so that the next start takes back what a crash has
    /// cut in the middle; where there is no journal, each file is old or new then. What a crash leaves beside the
    /// targets is ``StagingCleaner``'s to take away.
    ///
    /// In a preview nothing is changed: what would change is noted.
    package func commit(_ changes: [FileChange]) throws {
        for change in changes { try coverage.admit(change.path, .write) }
        if let effects, effects.mode == .preview {
            guard let contents else { throw CommitFailure.nothingKept }
            effects.note(try CommitForecast(commit: Commit(files: self, changes: changes), contents: contents).effect())
            return
        }
        // Who takes anything as the base does not mind that somebody else made or deleted the file in this moment.
        let attempts = changes.allSatisfy { $0.base == .anything } ? Self.patience : 1
        for _ in 1..<attempts {
            do {
                return try attempt(changes)
            } catch let failure as ToolFailure where failure.code == FileFailure.conflict(.root).code {
                continue
            }
        }
        try attempt(changes)
    }

    package func check(_ changes: [FileChange]) throws {
        for change in changes { try coverage.admit(change.path, .write) }
        _ = try Commit(files: self, changes: changes).arrange()
    }

    private func attempt(_ changes: [FileChange]) throws {
        try CommitPresence.shown(in: root) {
            let commit = Commit(files: self, changes: changes)
            do {
                try commit.stage()
                try commit.place()
                try commit.settle()
            } catch {
                commit.rollBack()
                throw error
            }
            if let effects, let contents { commit.tell(effects, keepingIn: contents) }
            commit.finish()
        }
    }
}
