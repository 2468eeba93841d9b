#if os(Linux)
    internal import CPlatform
    internal import ToolKit

    /// Keeps what taking a commit back needs: the index as it was and as it is. The commit stands whether or not that is
    /// possible. Used by one thread.
    final class CommitKeeper {
        private let effects: CallEffects
        private let contents: any EffectContents
        private var indexes: (before: GitMove.Index?, after: GitMove.Index?)?

        init(effects: CallEffects, contents: any EffectContents) {
            self.effects = effects
            self.contents = contents
        }

        /// Under the repository's locks, before anything of it changes.
        func keep(_ git: GitFolder, newIndex: Descriptor?) {
            do {
                let old: Descriptor?
                do throws(SystemError) {
                    old = try git.open("index", CP_OPEN_READ)
                } catch {
                    guard error == .noEntry else { throw git.failure(error, at: "index") }
                    old = nil
                }
                indexes = (try old.map(keep), try newIndex.map(keep))
                try contents.sync(Set([indexes?.before?.sha256, indexes?.after?.sha256].compactMap(\.self)))
            } catch {
                let reason = (error as? ToolFailure)?.message ?? "the index could not be kept"
                effects.forbidUndo(reason)
            }
        }

        private func keep(_ file: Descriptor) throws -> GitMove.Index {
            let kept = try contents.keep(file: file.number)
            return GitMove.Index(sha256: kept.sha256, size: kept.size)
        }

        /// Once it is in place.
        func note(_ git: GitFolder, reference: String?, from: String?, to: String?) {
            guard let indexes else { return }
            effects.note(
                GitMove(
                    repository: git.workTree, reference: reference,
                    before: GitMove.State(commit: from, index: indexes.before),
                    after: GitMove.State(commit: to, index: indexes.after)))
        }
    }
#endif
