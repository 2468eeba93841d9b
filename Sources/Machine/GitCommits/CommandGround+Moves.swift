#if os(Linux)
    package import ToolKit

    extension CommandGround {
        /// What ``make(_:)`` would conflict with now; empty: nothing. Touches nothing. Blocks.
        package func conflicts(_ move: GitMove) throws -> [EffectPath] { try moving().conflicts(move) }

        /// Takes a commit back, or puts it back: see ``GitMoving/make(_:)``. No commit of ours is made meanwhile. Blocks
        /// once it is its turn.
        package func make(_ move: GitMove) async throws {
            let moving = try moving()
            try await commits.take { try moving.make(move) }
        }

        private func moving() throws(ToolFailure) -> GitMoving {
            guard let layers else {
                throw ToolFailure(
                    "not_undoable", "nothing is kept here that a commit could be taken back with",
                    remedy: "have a person do it with git reset")
            }
            return GitMoving(root: root, contents: layers.contents)
        }
    }
#endif
