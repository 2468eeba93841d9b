internal import Synchronization

/// The calls that run at this moment, for whoever must end them all.
package final class RunningCalls: Sendable {
    /// A part of the list with a lock of its own: every call comes and goes, and one lock for all was a seventh of the
    /// processor time of a call that reads a file.
    private final class Shelf: Sendable {
        let calls = Mutex<[String: @Sendable () -> Void]>([:])
    }

    private let shelves = (0..<16).map { _ in Shelf() }
    private let running = Atomic(0)
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])

    package init() {}

    package var count: Int { running.load(ordering: .sequentiallyConsistent) }

    package func contains(_ auditID: String) -> Bool { shelf(of: auditID).calls.withLock { $0[auditID] != nil } }

    /// - Parameter cancel: Ends the call; may be called more than once, and after its end.
    func enter(_ auditID: String, cancel: @escaping @Sendable () -> Void) {
        running.add(1, ordering: .sequentiallyConsistent)
        shelf(of: auditID).calls.withLock { $0[auditID] = cancel }
    }

    func leave(_ auditID: String) {
        shelf(of: auditID).calls.withLock { $0[auditID] = nil }
        guard running.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 else { return }
        releaseWaiting()
    }

    /// Asks every call to end.
    ///
    /// - Returns: How many there were.
    @discardableResult
    package func cancelAll() -> Int {
        let calls = shelves.flatMap { shelf in shelf.calls.withLock { Array($0.values) } }
        for cancel in calls { cancel() }
        return calls.count
    }

    /// Returns once none runs, or after `limit`.
    ///
    /// - Returns: How many still run.
    package func waitUntilIdle(atMost limit: Duration) async -> Int {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.idle() }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
            // After the cancellation, so that one who starts to wait only now sees that.
            self.releaseWaiting()
        }
        return count
    }

    private func idle() async {
        await withCheckedContinuation { continuation in
            let waits = waiting.withLock { waiting in
                // Whoever leaves last after this look finds the continuation: it takes this lock for that.
                guard count > 0, !Task.isCancelled else { return false }
                waiting.append(continuation)
                return true
            }
            if !waits { continuation.resume() }
        }
    }

    private func releaseWaiting() {
        let released = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for continuation in released { continuation.resume() }
    }

    /// By the end of the id, which is random.
    private func shelf(of auditID: String) -> Shelf {
        shelves[Int(auditID.utf8.last ?? 0) % shelves.count]
    }
}
