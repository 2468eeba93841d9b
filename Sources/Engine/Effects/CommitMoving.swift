package import ToolKit

/// Takes commits back, and puts back what was taken back.
package protocol CommitMoving: Sendable {
    /// What ``make(_:)`` would conflict with now; empty: nothing. Touches nothing. Blocks.
    func conflicts(_ move: GitMove) throws -> [EffectPath]

    /// - Throws: ``EffectConflict``, ``ToolFailure``; nothing was changed then.
    func make(_ move: GitMove) async throws
}

extension GitMove {
    /// Files of git that become others.
    package var places: [EffectPath] {
        let folder = EffectPath(repository)
        return [reference ?? "HEAD", "index"].compactMap { name in
            EffectPath((folder.map { $0.bytes + [0x2F] } ?? []) + Array((".git/" + name).utf8))
        }
    }
}
