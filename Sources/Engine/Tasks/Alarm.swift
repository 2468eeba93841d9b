internal import Synchronization

/// Wakes the one who waits, also when it rang before anybody did.
final class Alarm: Sendable {
    private struct State {
        var hasRung = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func ring() {
        let waiting = state.withLock { state in
            state.hasRung = true
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    /// Until it rings, the time is over, or the task is cancelled.
    func wait(atMost duration: Duration) async {
        let timer = Task { [self] in
            guard (try? await Task.sleep(for: duration)) != nil else { return }
            ring()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let hasRung = state.withLock { state in
                    if !state.hasRung { state.waiting = continuation }
                    return state.hasRung
                }
                if hasRung { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
        timer.cancel()
        state.withLock { $0.hasRung = false }
    }
}
