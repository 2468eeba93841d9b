#if os(Linux)
    internal import CPlatform
    internal import ToolKit

    /// The index and the checked-out branch of a repository become others, which lie ready in a quarantine.
    ///
    /// Before the locks, which are git's own, nothing is seen of it. Under them it is checked that the repository still is the
    /// one that the quarantine was made for. Then the index is renamed into its place and the reference after it: between
    /// the two, a crash leaves files that are staged and not committed.
    struct RepositoryChange {
        let quarantine: CommitQuarantine
        let root: WorkspaceRoot
        /// `nil`: the branch is to have no commit, as before its first one.
        let commit: String?
        /// Where the new index lies in the quarantine; `nil`: there is to be none.
        let index: String?
        /// For git's log of the branch, with its end; `nil`: git keeps none here.
        let line: [UInt8]?

        private var git: GitFolder { quarantine.git }

        /// Blocks.
        ///
        /// - Parameter locked: Called under the locks, before anything is changed, with the new index.
        /// - Throws: ``ToolFailure``; then neither index nor reference was changed, but for a disk that fails in between.
        func put(locked: (GitFolder, Descriptor?) throws(ToolFailure) -> Void) throws(ToolFailure) {
            let reference = quarantine.head.reference ?? "HEAD"
            var taken: [Lock] = []
            do throws(ToolFailure) {
                let locks = [try staged("index"), try staged(reference)]
                _ = try naming("locks") { () throws(SystemError) in
                    try quarantine.note(
                        try locks.map { lock throws(SystemError) in (lock.path, try lock.file.facts()) })
                }
                for lock in locks {
                    try take(lock)
                    taken.append(lock)
                }
                try requireSameRepository()
                try locked(git, index == nil ? nil : locks[0].file)
                try log(reference)
                for lock in locks {
                    try open(lock)
                    taken.removeFirst()
                    _ = cp_sync(lock.folder.number)
                }
            } catch {
                for lock in taken { _ = cp_unlink_in(lock.folder.number, lock.name) }
                throw error
            }
        }

        /// The lock becomes what it locked, or both go.
        private func open(_ lock: Lock) throws(ToolFailure) {
            _ = try naming(lock.path) { () throws(SystemError) in
                guard lock.removes else {
                    try SystemError.check(cp_rename_in(lock.folder.number, lock.name, lock.target))
                    return
                }
                let removed = cp_unlink_in(lock.folder.number, lock.target)
                if removed != -SystemError.noEntry.number { try SystemError.check(removed) }
                try SystemError.check(cp_unlink_in(lock.folder.number, lock.name))
            }
        }

        private struct Lock {
            /// `refs/heads/main.lock`
            let path: String
            let folder: Descriptor
            let name: String
            let target: String
            /// Where it is ready, and its content.
            let source: (folder: Descriptor, name: String)
            let file: Descriptor
            /// Whether there is to be nothing where it locks.
            let removes: Bool
        }

        /// The new content, synced, in the quarantine.
        private func staged(_ path: String) throws(ToolFailure) -> Lock {
            let (parent, target) = path.parted
            if parent != "." { try root.makeFolder(git.path(parent)) }
            return try naming(path) { () throws(SystemError) in
                let folder = parent == "." ? git.folder : try git.open(parent, CP_OPEN_FOLDER)
                let source: (folder: Descriptor, name: String)
                let file: Descriptor
                let isIndex = path == "index"
                if isIndex, let index {
                    let (parent, name) = index.parted
                    source = (parent == "." ? quarantine.folder : try quarantine.open(parent), name)
                    file = Descriptor(
                        owning: try SystemError.check(cp_open_in(source.folder.number, name, CP_OPEN_READ)))
                    guard FileFacts.Kind(try file.facts().kind) == .file else { throw .isLink }
                    if let mode = quarantine.index?.mode {
                        try SystemError.check(cp_set_mode(file.number, mode & 0o666))
                    }
                } else {
                    source = (quarantine.folder, isIndex ? "no-index" : "reference")
                    let text = isIndex ? "" : commit.map { $0 + "\n" } ?? ""
                    file = try quarantine.folder.write(Array(text.utf8), as: source.name)
                }
                try SystemError.check(cp_sync(file.number))
                return Lock(
                    path: path + ".lock", folder: folder, name: target + ".lock", target: target, source: source,
                    file: file, removes: isIndex ? index == nil : commit == nil)
            }
        }

        /// Nobody else's lock is ever replaced.
        private func take(_ lock: Lock) throws(ToolFailure) {
            _ = try naming(lock.path) { () throws(SystemError) in
                try SystemError.check(
                    cp_move_new(lock.source.folder.number, lock.source.name, lock.folder.number, lock.name))
            }
        }

        private func requireSameRepository() throws(ToolFailure) {
            try git.requireNothingUnderWay()
            let (was, now) = (quarantine.index, git.folder.facts(of: "index"))
            let isSame =
                was?.inode == now?.inode && was?.size == now?.size && was?.modified_ns == now?.modified_ns
                && was?.changed_ns == now?.changed_ns
            guard isSame, try GitHead(reading: git) == quarantine.head else { throw Self.conflict }
        }

        /// Where git would write a line for it, and only then.
        private func log(_ reference: String) throws(ToolFailure) {
            guard let line else { return }
            for path in Set(["logs/HEAD", "logs/" + reference]) {
                let (parent, name) = path.parted
                if commit == nil, path != "logs/HEAD" {
                    // The log of a branch goes with it.
                    if let folder = try? git.open(parent, CP_OPEN_FOLDER) { _ = cp_unlink_in(folder.number, name) }
                    continue
                }
                try root.makeFolder(git.path(parent))
                try naming(path) { () throws(SystemError) in
                    let folder = try git.open(parent, CP_OPEN_FOLDER)
                    let isNew = folder.facts(of: name) == nil
                    let file = Descriptor(owning: try SystemError.check(cp_append_in(folder.number, name)))
                    guard FileFacts.Kind(try file.facts().kind) == .file else { throw .isLink }
                    if isNew { try file.belong(to: folder) }
                    try SystemError.check(line.withUnsafeBytes { cp_write_all(file.number, $0.baseAddress, $0.count) })
                }
            }
        }

        private func naming<T>(_ path: String, _ body: () throws(SystemError) -> T) throws(ToolFailure) -> T {
            do throws(SystemError) {
                return try body()
            } catch {
                if error == .exists, path.hasSuffix(".lock") { throw Self.locked(path) }
                throw git.failure(error, at: path)
            }
        }

        static func locked(_ path: String) -> ToolFailure {
            ToolFailure(
                "repository_locked",
                ".git/\(path) exists: another git is at work in this repository, or was killed there",
                remedy: "repeat the call when it is done; when none runs, have a person remove the file")
        }

        static let conflict = ToolFailure(
            "conflict", "the repository was changed by somebody else meanwhile; nothing was committed",
            remedy: "look at git_status and repeat the call")
    }
#endif
