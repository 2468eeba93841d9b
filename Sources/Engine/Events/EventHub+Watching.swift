internal import Synchronization

extension EventHub {
    /// Bytes of output that a watcher is given at once.
    private static let outputStep = 256 << 10

    /// One who watches. Its calls are made one after the other.
    package final class Watch: Sendable {
        private let hub: EventHub
        private let id: Int
        package let watcher: Watcher

        fileprivate init(_ hub: EventHub, _ id: Int, _ watcher: Watcher) {
            self.hub = hub
            self.id = id
            self.watcher = watcher
        }

        deinit { end() }

        /// What has happened since the last call; waits for something. Empty for a sign of life.
        ///
        /// - Returns: `nil` at the end: the hub closed, this one ended, or it fell too far behind.
        package func next() async -> [LiveEvent]? {
            while true {
                switch hub.look(id) {
                case .over: return nil
                case .news(let output, let batches):
                    // What a program wrote before the news of its end.
                    var events = output.filter { $0.isVisible(to: watcher) }
                    for batch in batches { events += batch.events.filter { $0.isVisible(to: watcher) } }
                    if !events.isEmpty || batches.contains(where: \.events.isEmpty) { return events }
                case .nothing:
                    if Task.isCancelled { return nil }
                    await withTaskCancellationHandler {
                        await hub.wait(id)
                    } onCancel: {
                        hub.wake(id)
                    }
                    if Task.isCancelled { return nil }
                }
            }
        }

        /// Ends it from outside. May be called more than once.
        package func end() { hub.leave(id) }
    }

    /// - Parameter cut: Called when the watcher has fallen too far behind, or the hub is over and it still takes nothing:
    ///   breaks its connection.
    /// - Returns: `nil` when too many watch already, or nothing more will happen.
    package func watch(as watcher: Watcher, cut: @escaping @Sendable () -> Void = {}) -> Watch? {
        let id = state.withLock { state -> Int? in
            guard !state.isClosed, state.hasRoom(for: watcher) else { return nil }
            state.lastWatch += 1
            state.places[state.lastWatch] = Place(
                watcher: watcher, next: state.end, nextOutput: state.outputs.end, waiting: nil, cut: cut)
            return state.lastWatch
        }
        guard let id else { return nil }
        wakeOutput()
        return Watch(self, id, watcher)
    }

    fileprivate func leave(_ id: Int) {
        let (waiting, output) = state.withLock { state in
            let waiting = state.places.removeValue(forKey: id)?.waiting
            guard state.places.isEmpty else { return (waiting, OutputWatch?.none) }
            defer { state.output = nil }
            return (waiting, state.output)
        }
        waiting?.resume()
        output?.cancel()
    }

    fileprivate func wake(_ id: Int) {
        let waiting = state.withLock { state in
            defer { state.places[id]?.waiting = nil }
            return state.places[id]?.waiting
        }
        waiting?.resume()
    }

    private enum Look {
        case news(output: ArraySlice<LiveEvent>, batches: [Batch])
        case nothing
        case over
    }

    private func look(_ id: Int) -> Look {
        state.withLock { state in
            guard !state.isClosed, let place = state.places[id], place.next >= state.first else { return .over }
            let batches = state.ring.dropFirst(place.next - state.first).prefix(Self.stepLimit)
            let start = max(place.nextOutput, state.outputs.first)
            let output = state.outputs.step(from: start, bytes: Self.outputStep)
            state.places[id]?.next += batches.count
            state.places[id]?.nextOutput = start + output.count
            return batches.isEmpty && output.isEmpty ? .nothing : .news(output: output, batches: Array(batches))
        }
    }

    private func wait(_ id: Int) async {
        await withCheckedContinuation { continuation in
            let waits = state.withLock { state in
                guard !state.isClosed, let place = state.places[id], place.next == state.end,
                    place.nextOutput == state.outputs.end, !Task.isCancelled
                else { return false }
                state.places[id]?.waiting = continuation
                return true
            }
            if !waits { continuation.resume() }
        }
    }
}

extension EventHub.State {
    /// Nobody, and no crowd of agents, shall keep people from watching.
    fileprivate func hasRoom(for watcher: Watcher) -> Bool {
        guard places.count < EventHub.watcherLimit,
            places.values.count(where: { $0.watcher.name == watcher.name }) < EventHub.watcherLimitPerName
        else { return false }
        return watcher.seesAll || places.values.count(where: { !$0.watcher.seesAll }) < EventHub.agentLimit
    }
}
