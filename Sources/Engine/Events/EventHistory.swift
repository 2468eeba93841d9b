internal import Audit
internal import ToolKit

extension Recorder {
    /// How much is told again to one who comes back.
    private static let replayLimit = 1_000
    /// Entries that are looked at for it: also those that began a little before.
    private static let lookedAtLimit = replayLimit + IndexedEntry.lateness

    /// What happened after the audit line `seq`, oldest first, for a watcher who comes back.
    ///
    /// - Returns: Behind a `gap` when more happened than is told again, and a `gap` alone when this log never had such a
    ///   line: whoever saw it watched another log, before the home was restored or made anew.
    package func events(after seq: Int, for watcher: Watcher) async throws -> [LiveEvent] {
        let gap = LiveEvent(.gap, seq: nil, data: ["after": .integer(seq)], principal: nil)
        guard seq <= log.durableSeq else { return [gap] }
        var queries = [LogQuery()]
        if !watcher.seesAll {
            // Its own calls, and whatever people changed: a decision about its call has the name of who decided.
            queries = [LogQuery(group: .call, principal: watcher.name), LogQuery(group: .change)]
        }
        var found = try await endedLate(after: seq)
        for query in queries {
            let walked = try await walk(query, after: seq)
            found = (found.events + walked.events, found.isWhole && walked.isWhole)
        }
        // A late end is found by both when it is not that late.
        let told = found.events.filter { $0.isVisible(to: watcher) }.sorted { ($0.seq ?? 0) < ($1.seq ?? 0) }
        let events = told.enumerated().filter { $0.offset == 0 || told[$0.offset - 1].seq != $0.element.seq }
            .map(\.element)
        let isWhole = found.isWhole && events.count <= Self.replayLimit
        return (isWhole ? [] : [gap]) + events.suffix(Self.replayLimit)
    }

    /// Entries by their beginnings, from the newest back to those that began a little before `seq` and may have ended
    /// behind it.
    ///
    /// - Returns: Also whether these are all.
    private func walk(_ query: LogQuery, after seq: Int) async throws -> (events: [LiveEvent], isWhole: Bool) {
        var query = query
        var events: [LiveEvent] = []
        var looked = 0
        while true {
            query.limit = min(1_000, Self.lookedAtLimit - looked)
            let page = try await log.page(query)
            looked += page.entries.count
            events += page.entries.compactMap { event(of: $0, after: seq) }
            guard let next = page.next, next > seq - IndexedEntry.lateness else { return (events, true) }
            // A page may end early because two filters meet.
            guard looked < Self.lookedAtLimit else { return (events, false) }
            query.before = next
        }
    }

    /// Calls that began long before they ended: their beginnings may be anywhere.
    private func endedLate(after seq: Int) async throws -> (events: [LiveEvent], isWhole: Bool) {
        let late = try await log.endedLate(after: seq, limit: Self.replayLimit)
        return (late.compactMap { event(of: $0, after: seq) }, late.count < Self.replayLimit)
    }

    private func event(of entry: JSONValue, after seq: Int) -> LiveEvent? {
        // A call without an outcome is no news yet.
        guard let last = LiveEvent.seq(of: entry), last > seq, entry["status"] != .null else { return nil }
        return LiveEvent(entry: entry, seq: last)
    }
}
