internal import Synchronization
internal import ToolKit

/// What waits for one watcher. Adding never waits.
final class OutputQueue: Sendable {
    struct Piece: Sendable {
        let call: CallLabel
        let stream: CommandStream
        let offset: UInt64
        var bytes: [UInt8]
        /// Nothing more comes of the call; such a piece holds no bytes.
        var isEnd = false
    }

    private struct State {
        var pieces: [Piece] = []
        var bytes = 0
        /// Calls of which something was added and no end yet.
        var running: Set<String> = []
        var isClosed = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    /// Somebody who lets so many pieces wait is gone for good.
    private static let pieceLimit = 16_384

    private let principal: String?
    private let capacity: Int
    private let state = Mutex(State())

    init(principal: String?, capacity: Int) {
        self.principal = principal
        self.capacity = capacity
    }

    func add(_ bytes: UnsafeRawBufferPointer, of call: CallLabel, _ stream: CommandStream, at offset: UInt64) {
        guard principal == nil || principal == call.principal, !bytes.isEmpty else { return }
        change { state in
            guard state.bytes + bytes.count <= capacity else { return }
            state.bytes += bytes.count
            state.running.insert(call.auditID)
            // What comes in small pieces is handed over in larger ones.
            if let last = state.pieces.last, !last.isEnd, last.stream == stream, last.call.auditID == call.auditID,
                last.offset + UInt64(last.bytes.count) == offset
            {
                state.pieces[state.pieces.count - 1].bytes += bytes
            } else {
                state.pieces.append(Piece(call: call, stream: stream, offset: offset, bytes: Array(bytes)))
            }
        }
    }

    func end(of call: CallLabel) {
        change { state in
            guard state.running.remove(call.auditID) != nil else { return }
            state.pieces.append(Piece(call: call, stream: .stdout, offset: 0, bytes: [], isEnd: true))
        }
    }

    func close() { change { $0.isClosed = true } }

    /// Everything that waits, once there is something; `nil` when it is closed and empty, or the task was cancelled.
    func next() async -> [Piece]? {
        while true {
            let (pieces, isClosed) = state.withLock { state in
                defer { (state.pieces, state.bytes) = ([], 0) }
                return (state.pieces, state.isClosed)
            }
            if !pieces.isEmpty { return pieces }
            if isClosed || Task.isCancelled { return nil }
            await wait()
        }
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard state.pieces.isEmpty, !state.isClosed, !Task.isCancelled else { return false }
                    state.waiting = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            change { _ in }
        }
    }

    /// Changes the state and wakes whoever waits.
    private func change(_ body: (inout State) -> Void) {
        let waiting = state.withLock { state in
            if !state.isClosed { body(&state) }
            if state.pieces.count > Self.pieceLimit {
                (state.pieces, state.bytes, state.isClosed) = ([], 0, true)
            }
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }
}
