internal import Synchronization

/// The standard input of one call, written while it runs: what is sent before it began waits for it.
///
/// Bounded: whoever does not read what it is sent gets no more.
package final class CallInput: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var sink: (@Sendable ([UInt8]) -> Void)?
        /// Sent and not yet taken by the program.
        var pending = 0
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: Bytes that may wait for the program to read them.
    package init(limit: Int = 16 << 20) { self.limit = limit }

    /// - Returns: False when the call has ended, or reads so slowly that too much waits for it; nothing was sent then.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.pending + bytes.count <= limit else { return false }
            state.pending += bytes.count
            // Within the lock: two senders would otherwise change places.
            if let sink = state.sink { sink(bytes) } else { state.waiting += bytes }
            return true
        }
    }

    /// - Parameter sink: Takes bytes in order and must not wait, nor call back before it returns.
    func attach(_ sink: @escaping @Sendable ([UInt8]) -> Void) {
        state.withLock { state in
            guard !state.isClosed else { return }
            if !state.waiting.isEmpty { sink(state.waiting) }
            state.waiting = []
            state.sink = sink
        }
    }

    /// So many bytes have left for the program.
    func took(_ count: Int) { state.withLock { $0.pending -= count } }

    /// The call has ended.
    func end() {
        state.withLock { state in
            state.isClosed = true
            state.sink = nil
            state.waiting = []
        }
    }
}
