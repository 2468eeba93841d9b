package import Audit
internal import Synchronization
package import ToolKit

/// Tells those who watch what happens, from the lines that the audit has on disk.
///
/// Whoever records only notes which lines there are, and only while somebody watches; everything else happens on a task
/// of its own. Batches are kept in a ring, bounded in number and bytes, that every watcher reads at its own pace; one that
/// falls behind the ring, dead or slow, is cut off and costs nobody anything. It comes back with the last id it saw.
/// The output of running programs has a ring of its own, so that a loud program pushes nothing else out.
package final class EventHub: Sendable {
    /// What is told at once at most; of runs beyond that the newest are told and the rest counted.
    static let batchLimit = 64
    /// Batches that a watcher may lag behind.
    static let ringSize = 256
    /// Of their events, in bytes.
    static let ringBytes = 8 << 20
    /// Batches that a watcher is given at once.
    static let stepLimit = 16
    static let watcherLimit = 256
    /// Of agents, however many tokens they have.
    static let agentLimit = 128
    /// Of one name: an agent shall not keep people from watching.
    static let watcherLimitPerName = 128
    /// Lines that wait to be told.
    private static let newsLimit = 16 * batchLimit

    struct State {
        var news: [News] = []
        /// Of the last line that was noted.
        var lastSeq: Int?
        /// Runs that were forgotten because too much happened.
        var forgotten = 0
        var pump: CheckedContinuation<Void, Never>?
        var ring: [Batch] = []
        var ringBytes = 0
        /// Number of the first batch in the ring.
        var first = 0
        var outputs = OutputRing()
        /// While somebody watches.
        var output: OutputWatch?
        var outputPump: CheckedContinuation<Void, Never>?
        var places: [Int: Place] = [:]
        var lastWatch = 0
        var isClosed = false

        /// Number of the next batch.
        var end: Int { first + ring.count }
    }

    /// A line that was written, or something ready to be told.
    struct News: Sendable {
        let seq: Int
        let auditID: String
        let isCall: Bool
        let ready: LiveEvent?
    }

    struct Batch: Sendable {
        /// Empty for a sign of life.
        let events: [LiveEvent]
        let size: Int
    }

    /// Where a watcher is.
    struct Place {
        let watcher: Watcher
        /// Number of the batch that it reads next.
        var next: Int
        /// Number of the event in ``State/outputs`` that it reads next.
        var nextOutput: Int
        var waiting: CheckedContinuation<Void, Never>?
        let cut: @Sendable () -> Void
    }

    let state = Mutex(State())
    private let read: @Sendable (_ auditID: String) async -> JSONValue?

    /// - Parameter read: An entry of the audit by its id.
    package init(read: @escaping @Sendable (_ auditID: String) async -> JSONValue?) {
        self.read = read
    }

    /// Told of lines that are on disk. Returns at once.
    package func note(_ lines: [IndexedLine]) {
        guard let last = lines.last, follow(from: lines[0].seq, through: last.seq) else { return }
        add(
            lines.compactMap { line in
                switch line.keys.kind {
                case .intent, .checkpoint: nil
                case .outcome, .refusal: News(seq: line.seq, auditID: line.keys.auditID, isCall: true, ready: nil)
                case .change: News(seq: line.seq, auditID: line.keys.auditID, isCall: false, ready: nil)
                }
            })
    }

    /// What lies between these lines and those before was lost on the way here; it is told as a gap.
    ///
    /// - Returns: Whether anybody watches.
    private func follow(from first: Int, through last: Int) -> Bool {
        state.withLock { state in
            let lost = state.lastSeq.map { first - $0 - 1 } ?? 0
            state.lastSeq = last
            guard !state.places.isEmpty else { return false }
            state.forgotten += max(0, lost)
            return true
        }
    }

    /// Tells something that is not in the audit. Returns at once.
    package func tell(_ event: LiveEvent) {
        guard isWatched else { return }
        add([News(seq: 0, auditID: "", isCall: true, ready: event)])
    }

    /// Whether somebody is told.
    package var isWatched: Bool { state.withLock { !$0.places.isEmpty } }

    private func add(_ news: [News]) {
        guard !news.isEmpty else { return }
        let pump = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.news += news
            // Nobody needs ten thousand runs one by one; those that are kept are the newest.
            if state.news.count > Self.newsLimit {
                var surplus = state.news.count - Self.newsLimit / 2
                state.news.removeAll { item in
                    guard item.isCall, surplus > 0 else { return false }
                    surplus -= 1
                    state.forgotten += 1
                    return true
                }
            }
            defer { state.pump = nil }
            return state.pump
        }
        pump?.resume()
    }

    /// A sign of life for watchers; for the owner to call every 15 seconds.
    package func beat() { push(Batch(events: [], size: 0)) }

    /// Ends every watch, ``run()`` and ``tellOutput(of:)``.
    package func close() {
        let (pump, waiting, output) = state.withLock { state in
            state.isClosed = true
            let waiting = state.places.values.compactMap(\.waiting)
            for id in state.places.keys { state.places[id]?.waiting = nil }
            defer { (state.pump, state.output) = (nil, nil) }
            return (state.pump, waiting, state.output)
        }
        output?.cancel()
        wakeOutput()
        pump?.resume()
        for watcher in waiting { watcher.resume() }
    }

    /// Breaks the connections of those who are still there; after ``close()``.
    package func cutOff() {
        let places = state.withLock { Array($0.places.values) }
        for place in places { place.cut() }
    }

    /// Makes events of lines until ``close()``.
    package func run() async {
        while let (news, forgotten) = await take() {
            var events: [LiveEvent] = []
            var room = Self.batchLimit
            var skipped = forgotten
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
                events.append(LiveEvent(.gap, seq: nil, data: ["runs": .integer(skipped)], principal: nil))
            }
            guard !events.isEmpty else { continue }
            push(Batch(events: events.reversed(), size: events.reduce(0) { $0 + $1.data.count }))
        }
    }

    private func take() async -> (news: [News], forgotten: Int)? {
        while true {
            let taken = state.withLock { state -> (isClosed: Bool, news: [News], forgotten: Int) in
                defer {
                    state.news = []
                    state.forgotten = 0
                }
                return (state.isClosed, state.news, state.forgotten)
            }
            if taken.isClosed { return nil }
            if !taken.news.isEmpty || taken.forgotten > 0 { return (taken.news, taken.forgotten) }
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let waits = state.withLock { state in
                    guard !state.isClosed, state.news.isEmpty else { return false }
                    state.pump = continuation
                    return true
                }
                if !waits { continuation.resume() }
            }
        }
    }

    private func push(_ batch: Batch) {
        let (waiting, lost) = state.withLock { state in
            state.ring.append(batch)
            state.ringBytes += batch.size
            while state.ring.count > Self.ringSize || (state.ringBytes > Self.ringBytes && state.ring.count > 1) {
                state.ringBytes -= state.ring.removeFirst().size
                state.first += 1
            }
            var waiting: [CheckedContinuation<Void, Never>] = []
            var lost: [@Sendable () -> Void] = []
            for (id, place) in state.places {
                if let continuation = place.waiting {
                    waiting.append(continuation)
                    state.places[id]?.waiting = nil
                } else if place.next < state.first {
                    lost.append(place.cut)
                    state.places[id] = nil
                }
            }
            return (waiting, lost)
        }
        for watcher in waiting { watcher.resume() }
        for cut in lost { cut() }
    }
}
