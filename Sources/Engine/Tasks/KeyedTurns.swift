internal import Synchronization
internal import ToolKit

/// Lets one operation run at a time for each key.
final class KeyedTurns: Sendable {
    private struct Line {
        let turn = AsyncTurn()
        var users = 0
    }

    private let lines = Mutex<[String: Line]>([:])

    func take<Result: Sendable>(_ key: String, _ operation: () async throws -> Result) async rethrows -> Result {
        let turn = lines.withLock { lines in
            lines[key, default: Line()].users += 1
            return lines[key]?.turn ?? AsyncTurn()
        }
        defer {
            lines.withLock { lines in
                lines[key]?.users -= 1
                if lines[key]?.users == 0 { lines[key] = nil }
            }
        }
        return try await turn.take(operation)
    }
}
