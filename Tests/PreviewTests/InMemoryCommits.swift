internal import Engine
internal import Synchronization
internal import ToolKit

/// A repository in memory that knows which commit its branch leads to.
final class InMemoryCommits: CommitMoving {
    private let current: Mutex<String?>

    init(_ commit: String? = nil) { current = Mutex(commit) }

    var commit: String? { current.withLock { $0 } }

    func conflicts(_ move: GitMove) throws -> [EffectPath] {
        commit == move.before.commit ? [] : Array(move.places.prefix(1))
    }

    func make(_ move: GitMove) async throws {
        let conflicts = try conflicts(move)
        guard conflicts.isEmpty else { throw EffectConflict(paths: conflicts) }
        current.withLock { $0 = move.after.commit }
    }
}
