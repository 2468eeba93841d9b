#if os(Linux)
    internal import Synchronization
    internal import ToolKit

    /// Lets calls that write the same folder, or one a folder in the other's, run one after the other, in the order they came.
    /// Others run beside them.
    final class FolderTurns: Sendable {
        private struct Turn {
            let folders: [WorkspacePath]
            /// `nil`: it runs.
            var waiting: CheckedContinuation<Bool, Never>?

            func meets(_ other: Turn) -> Bool {
                folders.contains { mine in other.folders.contains { mine.isInside($0) || $0.isInside(mine) } }
            }
        }

        private struct Line {
            var next = 0
            /// By the order they came.
            var turns: [Int: Turn] = [:]

            /// Whether nobody who came earlier is in its way.
            func isFree(_ number: Int) -> Bool {
                guard let turn = turns[number] else { return false }
                return !turns.contains { $0.key < number && $0.value.meets(turn) }
            }

            /// Takes one out, and those to resume whose way is free now.
            mutating func leave(_ number: Int) -> [CheckedContinuation<Bool, Never>] {
                turns[number] = nil
                var free: [CheckedContinuation<Bool, Never>] = []
                for other in turns.keys.sorted() where isFree(other) {
                    guard let waiting = turns[other]?.waiting else { continue }
                    turns[other]?.waiting = nil
                    free.append(waiting)
                }
                return free
            }
        }

        private let line = Mutex(Line())

        /// - Throws: `CancellationError` when the task was cancelled before its turn came; what the operation throws.
        func take<Result: Sendable>(
            _ folders: [WorkspacePath], _ operation: () async throws -> Result
        ) async throws -> Result {
            let number = line.withLock { line in
                line.next += 1
                line.turns[line.next] = Turn(folders: folders)
                return line.next
            }
            defer { leave(number) }
            guard await wait(number) else { throw CancellationError() }
            return try await operation()
        }

        /// - Returns: `false` when it was cancelled.
        private func wait(_ number: Int) async -> Bool {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let answer = line.withLock { line -> Bool? in
                        if Task.isCancelled { return false }
                        if line.isFree(number) { return true }
                        line.turns[number]?.waiting = continuation
                        return nil
                    }
                    if let answer { continuation.resume(returning: answer) }
                }
            } onCancel: {
                let waiting = line.withLock { line in
                    let waiting = line.turns[number]?.waiting
                    line.turns[number]?.waiting = nil
                    return waiting
                }
                waiting?.resume(returning: false)
            }
        }

        private func leave(_ number: Int) {
            for continuation in line.withLock({ $0.leave(number) }) { continuation.resume(returning: true) }
        }
    }
#endif
