#if os(Linux)
    internal import CPlatform
    internal import Glibc
    internal import ToolKit

    /// The private folder of one commit, below `.git/objects`, where `git prune` also looks for what a crash left. It is
    /// all that git can write to (SECURITY R5); see ``GitQuarantine`` for what git sees in it.
    final class CommitQuarantine {
        let git: GitFolder
        let head: GitHead
        let place: WorkspacePath
        /// Locked while the commit lives; the kernel takes the lock back with the process.
        let folder: Descriptor
        /// Of the repository's index when it was copied; `nil` where there was none.
        let index: cp_facts?
        private let objects: Descriptor
        private let name: String

        private static let prefix = "tmp_objdir-execlayer-"
        private static let journal = "locks"
        /// Of one folder that is listed.
        static let namesLimit = 1_000_000
        /// A reference of the private folder's own, for a branch that has no commit yet.
        private static let unborn = "refs/worktree/unborn"

        /// Makes it, with everything that git looks for. Blocks.
        init(of git: GitFolder, head: GitHead, in root: WorkspaceRoot) throws(ToolFailure) {
            self.git = git
            self.head = head
            name = Self.prefix + Hex.encode((0..<8).map { _ in UInt8.random(in: .min ... .max) })
            place = git.path("objects/" + name)
            do throws(SystemError) {
                objects = try git.open("objects", CP_OPEN_FOLDER)
            } catch {
                throw git.failure(error, at: "objects")
            }
            for part in ["", "/git", "/objects"] { try root.makeFolder(git.path("objects/" + name + part)) }
            let made = objects
            let own = name
            do throws(SystemError) {
                folder = Descriptor(owning: try SystemError.check(cp_open_in(made.number, own, CP_OPEN_FOLDER)))
                _ = flock(folder.number, LOCK_EX | LOCK_NB)
                index = try Self.seed(folder, git, head)
            } catch {
                TreeRemoval.remove(name, in: objects)
                throw git.failure(error, at: "index")
            }
        }

        func remove() { TreeRemoval.remove(name, in: objects) }

        private static func seed(
            _ folder: Descriptor, _ git: GitFolder, _ head: GitHead
        ) throws(SystemError) -> cp_facts? {
            let own = Descriptor(owning: try SystemError.check(cp_open_in(folder.number, "git", CP_OPEN_FOLDER)))
            try own.write(Array("../../..\n".utf8), as: "commondir")
            try own.write(Array(((head.commit ?? "ref: " + unborn) + "\n").utf8), as: "HEAD")
            // An index can be split over several files.
            for name in try git.folder.names(limit: namesLimit) where name.hasPrefix("sharedindex.") {
                _ = try git.folder.copy(name, into: own)
            }
            return try git.folder.copy("index", into: own)
        }

        /// The commit that git made; `nil` when it made none.
        func commit() throws(ToolFailure) -> String? {
            let path = "objects/\(name)/git/" + (head.commit == nil ? Self.unborn : "HEAD")
            guard let bytes = try git.bytes(of: path, limit: 8_192), let last = bytes.last, last == 0x0A,
                let text = String(validating: bytes.dropLast(), as: UTF8.self), GitHead.isCommit(text),
                text != head.commit
            else { return nil }
            return text
        }

        /// The line that git wrote into its log for it, with its end.
        func logLine(for commit: String) throws(ToolFailure) -> [UInt8]? {
            let old = head.commit ?? String(repeating: "0", count: commit.utf8.count)
            guard let bytes = try git.bytes(of: "objects/\(name)/git/logs/HEAD", limit: 1 << 20), bytes.last == 0x0A,
                let line = bytes.split(separator: 0x0A).last, line.starts(with: "\(old) \(commit) ".utf8)
            else { return nil }
            return line + [0x0A]
        }

        /// A folder of the quarantine, by a descriptor of its own.
        func open(_ path: String) throws(SystemError) -> Descriptor {
            Descriptor(owning: try SystemError.check(cp_open_beneath(folder.number, path, CP_OPEN_FOLDER, 0)))
        }

        // MARK: What a killed daemon left

        /// Notes which locks are about to be taken, so that the next commit can tell them from those of another git.
        func note(_ locks: [(path: String, facts: cp_facts)]) throws(SystemError) {
            let lines = locks.map { "\($0.facts.device) \($0.facts.inode) \($0.path)\n" }
            try folder.write(Array(lines.joined().utf8), as: Self.journal)
        }

        /// Removes quarantines that nobody holds any more, and the locks that they noted.
        static func sweep(_ git: GitFolder) {
            guard let objects = try? git.open("objects", CP_OPEN_FOLDER) else { return }
            for name in (try? objects.names(limit: namesLimit)) ?? [] where name.hasPrefix(prefix) {
                let number = cp_open_in(objects.number, name, CP_OPEN_FOLDER)
                guard number >= 0 else { continue }
                let left = Descriptor(owning: number)
                guard flock(left.number, LOCK_EX | LOCK_NB) == 0 else { continue }
                let noted = (try? git.bytes(of: "objects/\(name)/\(journal)", limit: 65_536)) ?? nil
                for line in String(decoding: noted ?? [], as: UTF8.self).split(separator: "\n") {
                    unlock(line.split(separator: " ", maxSplits: 2).map { String($0) }, in: git)
                }
                TreeRemoval.remove(name, in: objects)
            }
        }

        private static func unlock(_ noted: [String], in git: GitFolder) {
            guard noted.count == 3, noted[2].hasSuffix(".lock"), let found = try? git.open(noted[2], CP_OPEN_LOOK),
                let facts = try? found.facts(), String(facts.device) == noted[0], String(facts.inode) == noted[1]
            else { return }
            let (parent, name) = noted[2].parted
            guard let folder = try? git.open(parent, CP_OPEN_FOLDER) else { return }
            _ = cp_unlink_in(folder.number, name)
        }
    }
#endif
