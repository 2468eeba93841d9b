#if os(Linux)
    internal import CPlatform
    internal import Foundation
    package import ToolKit

    /// Takes commits back, and puts back what was taken back: with git's own locks, and without starting git. The work tree
    /// stays as it is, and so do the objects; git's log of the branch tells of it.
    package struct GitMoving: Sendable {
        private let root: WorkspaceRoot
        private let contents: any EffectContents
        private let now: @Sendable () -> Double

        /// - Parameter now: Unix seconds, for git's log.
        package init(
            root: WorkspaceRoot, contents: any EffectContents,
            now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
        ) {
            self.root = root
            self.contents = contents
            self.now = now
        }

        /// What ``make(_:)`` would conflict with now; empty: nothing. Touches nothing. Blocks.
        package func conflicts(_ move: GitMove) throws -> [EffectPath] {
            let git = try GitFolder(from: move.repository, in: root)
            return try conflicts(move, in: git, try GitHead(reading: git))
        }

        private func conflicts(
            _ move: GitMove, in git: GitFolder, _ head: GitHead
        ) throws(ToolFailure) -> [EffectPath] {
            guard git.workTree == move.repository else { return named(git, ["HEAD"]) }
            var paths: [String] = []
            if head.reference != move.reference {
                paths.append("HEAD")
            } else if head.commit != move.before.commit {
                paths.append(head.reference ?? "HEAD")
            }
            if try !isStaged(move.before.index, in: git, hashLength: hashLength(of: move)) { paths.append("index") }
            return named(git, paths)
        }

        /// Whether the index stages what it staged then.
        private func isStaged(
            _ wanted: GitMove.Index?, in git: GitFolder, hashLength: Int
        ) throws(ToolFailure) -> Bool {
            let file: Descriptor
            do throws(SystemError) {
                file = try git.open("index", CP_OPEN_READ)
            } catch {
                guard error == .noEntry else { throw git.failure(error, at: "index") }
                return wanted == nil
            }
            guard let wanted else { return false }
            do throws(SystemError) {
                if try file.hash() == (wanted.sha256, wanted.size) { return true }
            } catch {
                throw git.failure(error, at: "index")
            }
            guard let now = try git.bytes(of: "index", limit: Self.indexLimit),
                let then = (try? contents.read(wanted.sha256, limit: Self.indexLimit)) ?? nil,
                let staged = GitIndex(then, hashLength: hashLength)
            else { return false }
            return GitIndex(now, hashLength: hashLength) == staged
        }

        private func hashLength(of move: GitMove) -> Int {
            (move.before.commit ?? move.after.commit).map { $0.utf8.count / 2 } ?? 20
        }

        /// A larger one is compared byte by byte.
        private static let indexLimit = 64 << 20

        private func named(_ git: GitFolder, _ paths: [String]) -> [EffectPath] {
            paths.compactMap { EffectPath(git.path($0)) }
        }

        /// Moves the branch from the commit before to the one after, and the index with it. No commit may be under way
        /// meanwhile: ``CommandGround/commits``. Blocks.
        ///
        /// - Throws: ``EffectConflict`` when branch, HEAD or index are others than `before`; ``ToolFailure``. Nothing was
        ///   changed then.
        package func make(_ move: GitMove) throws {
            let git = try GitFolder(from: move.repository, in: root)
            try git.requireNothingUnderWay()
            let head = try GitHead(reading: git)
            try require(move, in: git, head)
            if move.after.commit == nil { try requireLoose(move.reference, in: git) }
            if let commit = move.after.commit {
                guard GitHead.isCommit(commit) else { throw Self.gone }
            }
            CommitQuarantine.sweep(git)
            let quarantine = try CommitQuarantine(of: git, head: head, in: root)
            defer { quarantine.remove() }
            let index = try move.after.index.map { try stage($0, in: quarantine) }
            let change = RepositoryChange(
                quarantine: quarantine, root: root, commit: move.after.commit, index: index,
                line: git.exists("logs/HEAD") ? line(for: move) : nil)
            do throws(ToolFailure) {
                try change.put { _, _ in }
            } catch {
                // Changed between the look at it and the locks.
                if error == RepositoryChange.conflict { try require(move, in: git, try GitHead(reading: git)) }
                throw error
            }
        }

        private func require(_ move: GitMove, in git: GitFolder, _ head: GitHead) throws {
            let conflicts = try conflicts(move, in: git, head)
            guard conflicts.isEmpty else { throw EffectConflict(paths: conflicts) }
        }

        /// A branch that was packed since stands in two places, and only git itself changes the other one.
        private func requireLoose(_ reference: String?, in git: GitFolder) throws(ToolFailure) {
            let packed = try git.bytes(of: "packed-refs", limit: 256 << 20) ?? []
            let isPacked = packed.split(separator: 0x0A).contains { line in
                reference.map { line.dropFirst(41).elementsEqual($0.utf8) || line.dropFirst(65).elementsEqual($0.utf8) }
                    ?? false
            }
            guard isPacked || reference == nil else { return }
            throw ToolFailure(
                "not_undoable", "the first commit of this branch was packed since, so it is not taken back",
                remedy: "have a person do it with git update-ref -d")
        }

        private func stage(_ index: GitMove.Index, in quarantine: CommitQuarantine) throws -> String {
            let name = "moved-index"
            let file: Descriptor
            do throws(SystemError) {
                file = try quarantine.folder.write([], as: name)
            } catch {
                throw quarantine.git.failure(error, at: "index")
            }
            guard try contents.write(index.sha256, to: file.number) else { throw Self.gone }
            // Git looks at every file anew that is younger than the index: what it remembers of them is out of date.
            _ = cp_set_modified(file.number, 1_000_000_000)
            return name
        }

        /// As git writes them, under the daemon's own name.
        private func line(for move: GitMove) -> [UInt8] {
            let width = (move.before.commit ?? move.after.commit ?? "").utf8.count
            let nothing = String(repeating: "0", count: width)
            let (from, to) = (move.before.commit ?? nothing, move.after.commit ?? nothing)
            let text = "\(from) \(to) execlayer <execlayer@localhost> \(Int(now())) +0000\tundo: moving to \(to)\n"
            return Array(text.utf8)
        }

        private static let gone = ToolFailure(
            "content_gone", "the index that the commit was made from is not kept any more; nothing was changed",
            remedy: "have a person do it with git reset")
    }
#endif
