internal import Audit
internal import ToolKit

/// One watcher's view of the output of running programs: events in order, for one task to read.
package final class OutputWatch: Sendable {
    private let queue: OutputQueue
    private let redactor: Redactor
    private let leave: @Sendable () -> Void

    init(_ queue: OutputQueue, redactor: Redactor, leave: @escaping @Sendable () -> Void) {
        self.queue = queue
        self.redactor = redactor
        self.leave = leave
    }

    deinit { leave() }

    /// Stops watching; events that wait are still delivered.
    package func cancel() { leave() }

    /// To be read once. Ends when the watch is cancelled, when its task is, or when it fell behind for good.
    package var events: Events { Events(queue: queue, redactor: redactor, watch: self) }

    package struct Events: AsyncSequence, AsyncIteratorProtocol {
        private struct Place: Hashable {
            let call: CallLabel
            let stream: CommandStream
        }

        private let queue: OutputQueue
        private let redactor: Redactor
        /// Kept as long as somebody reads.
        private let watch: OutputWatch
        private var texts: [Place: LiveText] = [:]
        private var ready: [OutputEvent] = []

        fileprivate init(queue: OutputQueue, redactor: Redactor, watch: OutputWatch) {
            self.queue = queue
            self.redactor = redactor
            self.watch = watch
        }

        package func makeAsyncIterator() -> Events { self }

        package mutating func next() async -> OutputEvent? {
            if ready.isEmpty {
                guard let batch = await nextBatch() else { return nil }
                ready = batch.reversed()
            }
            return ready.popLast()
        }

        /// Everything that waits, one event at least. Not to be mixed with ``next()``.
        package mutating func nextBatch() async -> [OutputEvent]? {
            while let pieces = await queue.next() {
                for piece in pieces { take(piece) }
                guard !ready.isEmpty else { continue }
                defer { ready = [] }
                return ready
            }
            return nil
        }

        private mutating func take(_ piece: OutputQueue.Piece) {
            guard piece.isEnd else {
                let place = Place(call: piece.call, stream: piece.stream)
                let part = texts[place, default: LiveText()].take(piece.bytes, at: piece.offset, redactor)
                return add(part, of: place)
            }
            for stream in CommandStream.allCases {
                let place = Place(call: piece.call, stream: stream)
                guard var text = texts.removeValue(forKey: place) else { continue }
                add(text.finish(redactor), of: place)
            }
        }

        private mutating func add(_ part: LiveText.Part?, of place: Place) {
            guard let part else { return }
            ready.append(
                OutputEvent(
                    auditID: place.call.auditID, principal: place.call.principal, toolName: place.call.toolName,
                    stream: place.stream, offset: part.offset, length: part.length, text: part.text))
        }
    }
}
