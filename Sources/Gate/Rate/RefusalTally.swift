internal import Synchronization

/// Counts refused calls that get no line of their own in the audit: those of a caller who exceeds the rate of refusals.
/// They become one line for each principal, tool and minute.
///
/// Its size is bounded: what has no room of its own shares one count.
package final class RefusalTally: Sendable {
    package struct Summary: Sendable, Hashable {
        /// The token's name, or ``RefusalTally/many``.
        package let principal: String
        /// Canonical, ``RefusalTally/unknownTool`` or ``RefusalTally/many``.
        package let tool: String
        /// Unix seconds at which the minute began.
        package let minuteStart: Int
        package let count: Int
    }

    package static let many = "*"
    /// What a caller invents is no name of ours.
    package static let unknownTool = "unknown tool"

    private struct Key: Hashable {
        let principal: String
        let tool: String
        let minute: Int
    }

    private let capacity: Int
    /// Owner: this object; every change goes through `count` or `drain`.
    private let counts = Mutex<[Key: Int]>([:])

    package init(capacity: Int = 256) { self.capacity = capacity }

    package func count(principal: String, tool: String, at wall: Double) {
        counts.withLock { counts in
            var key = Key(principal: principal, tool: tool, minute: Int(wall / 60))
            if counts[key] == nil, counts.count >= capacity {
                // Not told apart by minute either, or the count could grow without end.
                key = Key(principal: Self.many, tool: Self.many, minute: 0)
            }
            counts[key, default: 0] += 1
        }
    }

    /// What was counted in minutes that are over, or everything for a daemon that stops; each is reported once.
    package func drain(at wall: Double, all: Bool = false) -> [Summary] {
        let current = Int(wall / 60)
        return counts.withLock { counts in
            let over = all ? counts : counts.filter { $0.key.minute != current }
            for key in over.keys { counts[key] = nil }
            return over.map { key, count in
                Summary(principal: key.principal, tool: key.tool, minuteStart: key.minute * 60, count: count)
            }.sorted { ($0.minuteStart, $0.principal, $0.tool) < ($1.minuteStart, $1.principal, $1.tool) }
        }
    }
}
