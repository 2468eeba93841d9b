/// Counts failed sign-ins a peer; constant size.
struct FailureBuckets {
    /// So many failures a minute are answered plainly; more are told to wait.
    static let perMinute = 30.0
    private static let capacity = 1_024

    private var buckets: [String: (level: Double, at: Double)] = [:]

    /// Counts one failure.
    ///
    /// - Parameter now: Seconds on a clock that does not jump.
    /// - Returns: Seconds to wait when this peer fails too often, else `nil`.
    mutating func count(_ peer: String, at now: Double) -> Int? {
        let old = buckets[peer] ?? (0, now)
        let drained = max(0, old.level - (now - old.at) * Self.perMinute / 60)
        guard drained < Self.perMinute else { return max(1, Int((drained - Self.perMinute + 1) * 60 / Self.perMinute)) }
        if buckets.count >= Self.capacity, buckets[peer] == nil { evict(at: now) }
        buckets[peer] = (drained + 1, now)
        return nil
    }

    /// Drops what has drained; when nothing has, everything, which at worst forgives a minute's failures.
    private mutating func evict(at now: Double) {
        buckets = buckets.filter { now - $0.value.at < 60 }
        if buckets.count >= Self.capacity { buckets.removeAll() }
    }
}
