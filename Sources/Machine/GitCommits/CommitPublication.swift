#if os(Linux)
    internal import CPlatform
    internal import ToolKit

    /// Puts a commit in place that git made in a quarantine: objects, index, reference and log, and nothing else of what lies
    /// there (SECURITY R5).
    ///
    /// Before the locks, which are git's own, nothing is seen of it but objects that nobody names yet. Under them it is checked
    /// that the repository still is the one that the commit was made for. Then the index is renamed into its place and
    /// the reference after it: between the two, a crash leaves files that are staged and not committed.
    struct CommitPublication {
        let quarantine: CommitQuarantine
        let root: WorkspaceRoot
        let commit: String

        private var git: GitFolder { quarantine.git }

        /// Blocks.
        ///
        /// - Throws: ``ToolFailure``; then neither index nor reference was changed, but for a disk that fails in between.
        func publish() throws(ToolFailure) {
            try QuarantinedObjects(quarantine: quarantine, root: root).publish()
            guard quarantine.git.exists(Self.objectPath(commit)) else { throw Self.conflict }
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
                try log(reference)
                for lock in locks {
                    _ = try naming(lock.path) { () throws(SystemError) in
                        try SystemError.check(cp_rename_in(lock.folder.number, lock.name, lock.target))
                    }
                    taken.removeFirst()
                    _ = cp_sync(lock.folder.number)
                }
            } catch {
                for lock in taken { _ = cp_unlink_in(lock.folder.number, lock.name) }
                throw error
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
        }

        /// The new content, synced, in the quarantine.
        private func staged(_ path: String) throws(ToolFailure) -> Lock {
            let (parent, target) = path.parted
            if parent != "." { try root.makeFolder(git.path(parent)) }
            return try naming(path) { () throws(SystemError) in
                let folder = parent == "." ? git.folder : try git.open(parent, CP_OPEN_FOLDER)
                let source: (folder: Descriptor, name: String)
                let file: Descriptor
                if path == "index" {
                    source = (try quarantine.open("git"), "index")
                    file = Descriptor(
                        owning: try SystemError.check(cp_open_in(source.folder.number, "index", CP_OPEN_READ)))
                    guard FileFacts.Kind(try file.facts().kind) == .file else { throw .isLink }
                    if let mode = quarantine.index?.mode {
                        try SystemError.check(cp_set_mode(file.number, mode & 0o666))
                    }
                } else {
                    source = (quarantine.folder, "reference")
                    file = try quarantine.folder.write(Array((commit + "\n").utf8), as: "reference")
                }
                try SystemError.check(cp_sync(file.number))
                return Lock(
                    path: path + ".lock", folder: folder, name: target + ".lock", target: target, source: source,
                    file: file)
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
            guard let line = try quarantine.logLine(for: commit) else { return }
            for path in Set(["logs/HEAD", "logs/" + reference]) {
                let (parent, name) = path.parted
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

        private static func objectPath(_ name: String) -> String { "objects/\(name.prefix(2))/\(name.dropFirst(2))" }

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
