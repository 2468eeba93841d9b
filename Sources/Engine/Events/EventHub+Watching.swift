internal import Synchronization

extension EventHub {
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
                case .batches(let batches):
                    let events = batches.flatMap { $0.events.filter { $0.isVisible(to: watcher) } }
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
            guard !state.isClosed, state.places.count < Self.watcherLimit,
                state.places.values.count(where: { $0.name == watcher.name }) < Self.watcherLimitPerName
            else { return nil }
            state.lastWatch += 1
            state.places[state.lastWatch] = Place(name: watcher.name, next: state.end, waiting: nil, cut: cut)
            return state.lastWatch
        }
        return id.map { Watch(self, $0, watcher) }
    }

    fileprivate func leave(_ id: Int) { state.withLock { $0.places.removeValue(forKey: id)?.waiting }?.resume() }

    fileprivate func wake(_ id: Int) {
        let waiting = state.withLock { state in
            defer { state.places[id]?.waiting = nil }
            return state.places[id]?.waiting
        }
        waiting?.resume()
    }

    private enum Look {
        case batches([Batch])
        case nothing
        case over
    }

    private func look(_ id: Int) -> Look {
        state.withLock { state in
            guard !state.isClosed, let place = state.places[id], place.next >= state.first else { return .over }
            let batches = state.ring.dropFirst(place.next - state.first).prefix(Self.stepLimit)
            state.places[id]?.next += batches.count
            return batches.isEmpty ? .nothing : .batches(Array(batches))
        }
    }

    private func wait(_ id: Int) async {
        await withCheckedContinuation { continuation in
            let waits = state.withLock { state in
                guard !state.isClosed, let place = state.places[id], place.next == state.end, !Task.isCancelled else {
                    return false
                }
                state.places[id]?.waiting = continuation
                return true
            }
            if !waits { continuation.resume() }
        }
    }
}
