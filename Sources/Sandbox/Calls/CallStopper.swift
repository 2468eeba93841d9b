internal import Synchronization

/// Ends one call at a limit that whoever holds this watches, wherever the call is by then.
package final class CallStopper: Sendable {
    private struct State {
        var reason: CallEnd.Stop?
        var stop: (@Sendable (CallEnd.Stop) -> Void)?
    }

    private let state = Mutex(State())

    package init() {}

    /// Everything the call started is killed. The first reason counts.
    package func stop(_ reason: CallEnd.Stop) {
        let stop = state.withLock { state -> (@Sendable (CallEnd.Stop) -> Void)? in
            guard state.reason == nil else { return nil }
            state.reason = reason
            return state.stop
        }
        stop?(reason)
    }

    /// - Parameter stop: How the call is ended; asked at once when it was told to before it began.
    func attach(_ stop: @escaping @Sendable (CallEnd.Stop) -> Void) {
        let reason = state.withLock { state in
            state.stop = stop
            return state.reason
        }
        if let reason { stop(reason) }
    }
}
