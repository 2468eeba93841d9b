internal import Synchronization

/// How many of something there are at this moment, and whether one more is welcome.
final class Gauge: Sendable {
    private let count = Atomic<Int>(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Counts one more. `false` when that is more than the limit; it is counted all the same and must ``leave()``.
    func enter() -> Bool { count.add(1, ordering: .relaxed).newValue <= limit }

    func leave() { count.subtract(1, ordering: .relaxed) }

    var current: Int { count.load(ordering: .relaxed) }
}
