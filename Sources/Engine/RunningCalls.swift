internal import Synchronization

/// The calls that run at this moment, for whoever must end them all.
package final class RunningCalls: Sendable {
    private struct State {
        var calls: [String: @Sendable () -> Void] = [:]
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var count: Int { state.withLock { $0.calls.count } }

    func contains(_ auditID: String) -> Bool { state.withLock { $0.calls[auditID] != nil } }

    /// - Parameter cancel: Ends the call; may be called more than once, and after its end.
    func enter(_ auditID: String, cancel: @escaping @Sendable () -> Void) {
        state.withLock { $0.calls[auditID] = cancel }
    }

    func leave(_ auditID: String) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.calls[auditID] = nil
            guard state.calls.isEmpty, !state.waiting.isEmpty else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Asks every call to end.
    ///
    /// - Returns: How many there were.
    @discardableResult
    package func cancelAll() -> Int {
        let calls = state.withLock { $0.calls }
        for cancel in calls.values { cancel() }
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
            let waits = state.withLock { state in
                guard !state.calls.isEmpty, !Task.isCancelled else { return false }
                state.waiting.append(continuation)
                return true
            }
            if !waits { continuation.resume() }
        }
    }

    private func releaseWaiting() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
