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
        /// Calls of which something was added and no end yet, with the bytes of each that wait.
        var running: [String: Int] = [:]
        var isClosed = false
        var waiting: CheckedContinuation<Void, Never>?

        mutating func empty() {
            (pieces, bytes) = ([], 0)
            for call in running.keys { running[call] = 0 }
        }
    }

    /// More pieces do not wait, however small they are; only the ends of calls still find room.
    private static let pieceLimit = 16_384
    /// Somebody who lets so many pieces wait is gone for good.
    private static let endLimit = 2 * pieceLimit
    /// What comes in small pieces is handed over in larger ones, up to this many bytes.
    private static let wholePiece = 32 << 10

    private let principal: String?
    private let capacity: Int
    private let callCapacity: Int
    private let state = Mutex(State())

    init(principal: String?, capacity: Int, callCapacity: Int = .max) {
        self.principal = principal
        self.capacity = capacity
        self.callCapacity = callCapacity
    }

    func add(_ bytes: UnsafeRawBufferPointer, of call: CallLabel, _ stream: CommandStream, at offset: UInt64) {
        guard principal == nil || principal == call.principal, !bytes.isEmpty else { return }
        change { state in
            let waiting = state.running[call.auditID] ?? 0
            let room = min(capacity - state.bytes, callCapacity - waiting)
            guard room >= bytes.count, state.pieces.count < Self.pieceLimit else { return }
            state.bytes += bytes.count
            state.running[call.auditID] = waiting + bytes.count
            if let last = state.pieces.last, !last.isEnd, last.stream == stream, last.call.auditID == call.auditID,
                last.offset + UInt64(last.bytes.count) == offset, last.bytes.count < Self.wholePiece
            {
                state.pieces[state.pieces.count - 1].bytes += bytes
            } else {
                state.pieces.append(Piece(call: call, stream: stream, offset: offset, bytes: Array(bytes)))
            }
        }
    }

    func end(of call: CallLabel) {
        change { state in
            guard state.running.removeValue(forKey: call.auditID) != nil else { return }
            state.pieces.append(Piece(call: call, stream: .stdout, offset: 0, bytes: [], isEnd: true))
        }
    }

    func close() { change { $0.isClosed = true } }

    /// Everything that waits, once there is something; `nil` when it is closed and empty, or the task was cancelled.
    func next() async -> [Piece]? {
        while true {
            let (pieces, isClosed) = state.withLock { state in
                defer { state.empty() }
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
            if state.pieces.count > Self.endLimit {
                state.empty()
                state.isClosed = true
            }
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }
}
