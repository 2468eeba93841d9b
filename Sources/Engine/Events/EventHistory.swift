internal import Audit
internal import ToolKit

extension Recorder {
    /// How much is told again to one who comes back.
    private static let replayLimit = 1_000

    /// What happened after the audit line `seq`, oldest first, for a watcher who comes back.
    ///
    /// - Returns: Behind a `gap` when more happened than is told again.
    package func events(after seq: Int, for watcher: Watcher) async throws -> [LiveEvent] {
        var queries = [LogQuery(limit: Self.replayLimit)]
        if !watcher.seesAll {
            // Its own calls, and whatever people changed: a decision about its call has the name of who decided.
            queries = [
                LogQuery(limit: Self.replayLimit, group: .call, principal: watcher.name),
                LogQuery(limit: Self.replayLimit, group: .change),
            ]
        }
        var events: [LiveEvent] = []
        var isCut = false
        for query in queries {
            let (found, isWhole) = try await self.events(query, after: seq)
            events += found.filter { $0.isVisible(to: watcher) }
            isCut = isCut || !isWhole
        }
        events.sort { ($0.seq ?? 0) < ($1.seq ?? 0) }
        return isCut ? [LiveEvent(.gap, seq: nil, data: ["after": .integer(seq)], principal: nil)] + events : events
    }

    /// - Returns: Also whether these are all.
    private func events(_ query: LogQuery, after seq: Int) async throws -> (events: [LiveEvent], isWhole: Bool) {
        var query = query
        var events: [LiveEvent] = []
        var looked = 0
        while true {
            let page = try await log.page(query)
            looked += page.entries.count
            for entry in page.entries {
                // A call without an outcome is no news yet.
                guard let last = LiveEvent.seq(of: entry), last > seq, entry["status"] != .null else { continue }
                if let event = LiveEvent(entry: entry, seq: last) { events.append(event) }
            }
            guard let next = page.next, next > seq else { return (events, true) }
            // A page may end early because two filters meet.
            guard looked < Self.replayLimit else { return (events, false) }
            query.before = next
            query.limit = Self.replayLimit - looked
        }
    }
}
