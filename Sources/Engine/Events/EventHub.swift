package import Audit
internal import Synchronization
package import ToolKit

/// Tells those who watch what happens, from the lines that the audit has on disk.
///
/// Whoever records only notes which lines there are, and only while somebody watches; everything else happens on a task
/// of its own. Batches are kept in a ring that every watcher reads at its own pace; one that falls behind the ring, dead
/// or slow, is cut off and costs nobody anything. It comes back with the last id it saw.
package final class EventHub: Sendable {
    /// What is told at once at most; of runs beyond that the newest are told and the rest counted.
    static let batchLimit = 64
    /// Batches that a watcher may lag behind.
    static let ringSize = 256
    static let watcherLimit = 256

    private struct State {
        var news: [News] = []
        var pump: CheckedContinuation<[News]?, Never>?
        var ring: [Batch] = []
        /// Number of the first batch in the ring.
        var first = 0
        var watchers = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isClosed = false
    }

    /// A line that was written.
    private struct News: Sendable {
        let seq: Int
        let auditID: String
        let isCall: Bool
        let ready: LiveEvent?
    }

    private struct Batch: Sendable {
        /// Empty for a sign of life.
        let events: [LiveEvent]
    }

    private let state = Mutex(State())
    private let read: @Sendable (_ auditID: String) async -> JSONValue?

    /// - Parameter read: An entry of the audit by its id.
    package init(read: @escaping @Sendable (_ auditID: String) async -> JSONValue?) {
        self.read = read
    }

    /// Told of lines that are on disk. Returns at once.
    package func note(_ lines: [IndexedLine]) {
        guard state.withLock({ $0.watchers > 0 }) else { return }
        add(
            lines.compactMap { line in
                switch line.keys.kind {
                case .intent, .checkpoint: nil
                case .outcome, .refusal: News(seq: line.seq, auditID: line.keys.auditID, isCall: true, ready: nil)
                case .change: News(seq: line.seq, auditID: line.keys.auditID, isCall: false, ready: nil)
                }
            })
    }

    /// Tells something that is not in the audit. Returns at once.
    package func tell(_ event: LiveEvent) {
        guard state.withLock({ $0.watchers > 0 }) else { return }
        add([News(seq: 0, auditID: "", isCall: true, ready: event)])
    }

    private func add(_ news: [News]) {
        guard !news.isEmpty else { return }
        let work = state.withLock { state -> (CheckedContinuation<[News]?, Never>, [News])? in
            state.news += news
            // Nobody needs ten thousand runs one by one; those that are kept are the newest.
            if state.news.count > 16 * Self.batchLimit {
                let calls = state.news.count { $0.isCall }
                var surplus = calls - 8 * Self.batchLimit
                if surplus > 0 {
                    state.news.removeAll { item in
                        guard item.isCall, surplus > 0 else { return false }
                        surplus -= 1
                        return true
                    }
                }
            }
            guard let pump = state.pump else { return nil }
            state.pump = nil
            defer { state.news = [] }
            return (pump, state.news)
        }
        work?.0.resume(returning: work?.1)
    }

    /// Whether somebody is told.
    package var isWatched: Bool { state.withLock { $0.watchers > 0 } }

    /// A sign of life for watchers; for the owner to call every 15 seconds.
    package func beat() { push(Batch(events: [])) }

    /// Ends every watch, and ``run()``.
    package func close() {
        let (pump, waiting) = state.withLock { state in
            state.isClosed = true
            defer {
                state.pump = nil
                state.waiting = []
            }
            return (state.pump, state.waiting)
        }
        pump?.resume(returning: nil)
        for watcher in waiting { watcher.resume() }
    }

    /// Makes events of lines until ``close()``.
    package func run() async {
        while let news = await next() {
            var events: [LiveEvent] = []
            var room = Self.batchLimit
            var skipped = 0
            // The newest first: when there is too much, the oldest runs are the least interesting.
            for item in news.reversed() {
                if let ready = item.ready {
                    events.append(ready)
                } else if item.isCall, room == 0 {
                    skipped += 1
                } else if let entry = await read(item.auditID), let event = LiveEvent(entry: entry, seq: item.seq) {
                    if item.isCall { room -= 1 }
                    events.append(event)
                }
            }
            if skipped > 0 {
                events.append(
                    LiveEvent(.gap, seq: nil, data: ["runs": .integer(skipped)], principal: nil))
            }
            if !events.isEmpty { push(Batch(events: events.reversed())) }
        }
    }

    private func next() async -> [News]? {
        await withCheckedContinuation { continuation in
            enum Fate { case waits, ready([News]), closed }
            let fate = state.withLock { state -> Fate in
                if state.isClosed { return .closed }
                guard state.news.isEmpty else {
                    defer { state.news = [] }
                    return .ready(state.news)
                }
                state.pump = continuation
                return .waits
            }
            switch fate {
            case .waits: break
            case .ready(let news): continuation.resume(returning: news)
            case .closed: continuation.resume(returning: nil)
            }
        }
    }

    private func push(_ batch: Batch) {
        let waiting = state.withLock { state in
            state.ring.append(batch)
            if state.ring.count > Self.ringSize {
                state.ring.removeFirst()
                state.first += 1
            }
            defer { state.waiting = [] }
            return state.waiting
        }
        for watcher in waiting { watcher.resume() }
    }
}

// MARK: Watching

extension EventHub {
    /// One who watches. Its calls are made one after the other.
    package final class Watch: Sendable {
        private let hub: EventHub
        package let watcher: Watcher
        private let place: Mutex<Int>

        fileprivate init(_ hub: EventHub, _ watcher: Watcher, from place: Int) {
            self.hub = hub
            self.watcher = watcher
            self.place = Mutex(place)
        }

        deinit { hub.leave() }

        /// What has happened since the last call; waits for something. Empty for a sign of life.
        ///
        /// - Returns: `nil` at the end: the hub closed, or this one fell too far behind.
        package func next() async -> [LiveEvent]? {
            while true {
                switch hub.look(from: place.withLock { $0 }) {
                case .over: return nil
                case .batches(let batches, let next):
                    place.withLock { $0 = next }
                    let events = batches.flatMap { $0.events.filter { $0.isVisible(to: watcher) } }
                    let isAlive = batches.contains { $0.events.isEmpty }
                    if !events.isEmpty || isAlive { return events }
                case .nothing(let place):
                    if Task.isCancelled { return nil }
                    await hub.wait(behind: place)
                    if Task.isCancelled { return nil }
                }
            }
        }
    }

    /// - Returns: `nil` when too many watch already, or nothing more will happen.
    package func watch(as watcher: Watcher) -> Watch? {
        let place = state.withLock { state -> Int? in
            guard !state.isClosed, state.watchers < Self.watcherLimit else { return nil }
            state.watchers += 1
            return state.first + state.ring.count
        }
        return place.map { Watch(self, watcher, from: $0) }
    }

    private func leave() { state.withLock { $0.watchers -= 1 } }

    private enum Look {
        case batches([Batch], next: Int)
        case nothing(at: Int)
        case over
    }

    private func look(from place: Int) -> Look {
        state.withLock { state in
            guard !state.isClosed, place >= state.first else { return .over }
            let batches = state.ring.dropFirst(place - state.first)
            return batches.isEmpty ? .nothing(at: place) : .batches(Array(batches), next: place + batches.count)
        }
    }

    private func wait(behind place: Int) async {
        await withCheckedContinuation { continuation in
            let isNews = state.withLock { state in
                let isNews = state.isClosed || state.first + state.ring.count > place
                if !isNews { state.waiting.append(continuation) }
                return isNews
            }
            if isNews { continuation.resume() }
        }
    }
}
