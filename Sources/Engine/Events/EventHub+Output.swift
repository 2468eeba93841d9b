internal import Audit
internal import Synchronization
internal import ToolKit

extension EventHub {
    /// The newest output that was told, for all who watch. Whoever falls behind it misses pieces, which their offsets
    /// show, and is not cut off: output is worth less than what happens.
    struct OutputRing {
        static let bytes = 2 << 20

        private(set) var events: [LiveEvent] = []
        private var size = 0
        /// Number of the first event in the ring.
        private(set) var first = 0

        /// Number of the next event.
        var end: Int { first + events.count }

        mutating func add(_ new: [LiveEvent]) {
            events += new
            size += new.reduce(0) { $0 + $1.data.count }
            var surplus = 0
            while size > Self.bytes, surplus < events.count - 1 {
                size -= events[surplus].data.count
                surplus += 1
            }
            events.removeFirst(surplus)
            first += surplus
        }

        /// What comes from this number on, at most so many bytes but one event at least.
        func step(from number: Int, bytes limit: Int) -> ArraySlice<LiveEvent> {
            let rest = events.dropFirst(number - first)
            var room = limit
            return rest.prefix { event in
                defer { room -= event.data.count }
                return room > 0
            }
        }
    }

    /// Bytes of output that wait to be told; what a program writes beyond that in a moment is left out.
    private static let outputWaiting = 1 << 20
    /// Of one call, so that a loud one does not hide the others.
    private static let outputWaitingPerCall = 256 << 10
    /// Bytes of output that are told in a second in the long run: nobody reads more, and each byte goes to every watcher.
    private static let outputPerSecond = 1 << 20
    /// Output gathers for so long.
    private static let outputGathering = Duration.milliseconds(50)

    /// Tells the output of running programs, while somebody watches, until ``close()``.
    package func tellOutput(of board: OutputBoard) async {
        while await somebodyWatches() {
            let output = board.watch(capacity: Self.outputWaiting, callCapacity: Self.outputWaitingPerCall)
            guard keep(output) else { continue }
            var pieces = output.events
            while let batch = await pieces.nextBatch() {
                push(output: batch.map(LiveEvent.init(output:)))
                let bytes = batch.reduce(0) { $0 + $1.length }
                let pause = Duration.seconds(1) * bytes / Self.outputPerSecond
                try? await Task.sleep(for: max(pause, Self.outputGathering))
            }
            output.cancel()
        }
    }

    /// Returns once somebody watches; `false` when nobody ever will again.
    private func somebodyWatches() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    guard !state.isClosed, state.places.isEmpty, !Task.isCancelled else { return false }
                    state.outputPump = continuation
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            wakeOutput()
        }
        return state.withLock { !$0.isClosed } && !Task.isCancelled
    }

    /// Kept until the last watcher leaves.
    private func keep(_ output: OutputWatch) -> Bool {
        state.withLock { state in
            guard !state.isClosed, !state.places.isEmpty else { return false }
            state.output = output
            return true
        }
    }

    func wakeOutput() {
        let pump = state.withLock { state in
            defer { state.outputPump = nil }
            return state.outputPump
        }
        pump?.resume()
    }

    private func push(output events: [LiveEvent]) {
        let waiting = state.withLock { state in
            state.outputs.add(events)
            let waiting = state.places.values.compactMap(\.waiting)
            for id in state.places.keys { state.places[id]?.waiting = nil }
            return waiting
        }
        for watcher in waiting { watcher.resume() }
    }
}

extension LiveEvent {
    init(output event: OutputEvent) {
        self.init(
            .output, seq: nil,
            data: [
                "audit_id": .string(event.auditID), "tool_name": .string(event.toolName),
                "principal": .string(event.principal), "stream": .string(event.stream.rawValue),
                "offset": .integer(Int(clamping: event.offset)), "length": .integer(event.length),
                "text": .string(event.text),
            ], principal: event.principal)
    }
}
