/// Keeps a flood of refused requests from filling the disk (SECURITY R59): the first ones of a peer in a minute get entries
/// of their own, the rest are counted and become one entry when the minute is over.
///
/// Its size is bounded: when too many peers fail in the same minute, the later ones share one count.
package struct FailureTally: Sendable {
    package enum Verdict: Sendable, Hashable {
        /// Write an entry for this one.
        case record
        /// It is counted; ``drain(now:)`` will say how often.
        case counted
    }

    /// Failures of one peer with one code in one minute that have no entry of their own.
    package struct Summary: Sendable, Hashable {
        /// The numeric address, or ``FailureTally/manyPeers``.
        package let peer: String
        package let code: String
        /// Unix seconds at which the minute began.
        package let minuteStart: Int
        package let count: Int
    }

    /// Stands for the peers that had no room of their own.
    package static let manyPeers = "*"

    private struct Key: Hashable {
        let peer: String
        let code: String
    }

    private let individually: Int
    private let capacity: Int
    private var minute = Int.min
    private var counts: [Key: Int] = [:]
    private var finished: [Summary] = []

    /// - Parameters:
    ///   - individually: How many failures of one peer and code get an entry of their own in a minute.
    ///   - capacity: How many pairs of peer and code are told apart in a minute.
    package init(individually: Int = 20, capacity: Int = 256) {
        self.individually = individually
        self.capacity = capacity
        counts.reserveCapacity(capacity + 32)
    }

    /// - Parameter now: Unix seconds.
    package mutating func note(peer: String, code: String, now: Double) -> Verdict {
        turn(to: Int(now / 60))
        var key = Key(peer: peer, code: code)
        if counts[key] == nil, counts.count >= capacity { key = Key(peer: Self.manyPeers, code: Self.manyPeers) }
        let count = counts[key, default: 0] + 1
        counts[key] = count
        return count <= individually ? .record : .counted
    }

    /// What was only counted in minutes that are over; each is reported once.
    package mutating func drain(now: Double) -> [Summary] {
        turn(to: Int(now / 60))
        defer { finished.removeAll() }
        return finished
    }

    /// Also what was counted in the current minute, for a daemon that stops.
    package mutating func drainAll(now: Double) -> [Summary] {
        let current = Int(now / 60)
        turn(to: current)
        close()
        defer { finished.removeAll() }
        return finished
    }

    private mutating func turn(to current: Int) {
        guard current != minute else { return }
        close()
        minute = current
    }

    private mutating func close() {
        for (key, count) in counts where count > individually {
            finished.append(
                Summary(peer: key.peer, code: key.code, minuteStart: minute * 60, count: count - individually))
        }
        counts.removeAll(keepingCapacity: true)
        finished.sort { ($0.minuteStart, $0.peer, $0.code) < ($1.minuteStart, $1.peer, $1.code) }
        // Nobody drained for a long time: the oldest go, so that the size stays bounded.
        if finished.count > capacity * 4 { finished.removeFirst(finished.count - capacity * 4) }
    }
}
