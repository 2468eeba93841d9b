internal import Synchronization

/// Token buckets of constant number. A full minute's worth may come at once; it refills evenly.
///
/// The agent label is the caller's own word. When the table is full of buckets in use, a new label shares one bucket
/// with all other newcomers, so inventing labels gains nothing and grows nothing.
package final class RateLimiter: Sendable {
    struct Key: Hashable {
        let principal: String
        let label: String?
        let tool: String
    }

    private struct Bucket {
        var spent: Double
        var at: Double
    }

    private let capacity: Int
    /// Owner: this object; every change goes through `take`.
    private let buckets = Mutex<[Key: Bucket]>([:])

    package init(capacity: Int = 4_096) { self.capacity = capacity }

    /// Takes one call from the bucket.
    ///
    /// - Parameters:
    ///   - perMinute: The bucket's size, at least 1.
    ///   - now: Seconds on a clock that does not jump.
    /// - Returns: `nil` when the call passes, else the milliseconds until one would.
    package func take(
        principal: String, label: String?, tool: String, perMinute: Int, at now: Double
    ) -> Int? {
        let size = Double(max(1, perMinute))
        let perSecond = size / 60
        return buckets.withLock { buckets in
            var key = Key(principal: principal, label: label, tool: tool)
            if buckets[key] == nil, buckets.count >= capacity {
                Self.evict(from: &buckets, at: now)
                if buckets.count >= capacity { key = Key(principal: "", label: nil, tool: "") }
            }
            let old = buckets[key] ?? Bucket(spent: 0, at: now)
            let spent = max(0, old.spent - max(0, now - old.at) * perSecond)
            guard spent + 1 <= size else {
                return max(1, Int(((spent + 1 - size) / perSecond * 1_000).rounded(.up)))
            }
            buckets[key] = Bucket(spent: spent + 1, at: now)
            return nil
        }
    }

    /// A bucket nobody touched for a minute is full again and need not be remembered.
    private static func evict(from buckets: inout [Key: Bucket], at now: Double) {
        buckets = buckets.filter { now - $0.value.at < 60 }
    }
}
