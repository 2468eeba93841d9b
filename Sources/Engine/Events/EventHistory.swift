internal import Audit
internal import ToolKit

extension Recorder {
    /// How much is told again to one who comes back.
    private static let replayLimit = 1_000

    /// What happened after the audit line `seq`, oldest first, for a watcher who comes back.
    ///
    /// - Returns: Behind a `gap` when more happened than is told again.
    package func events(after seq: Int, for watcher: Watcher) async throws -> [LiveEvent] {
        var query = LogQuery(limit: Self.replayLimit)
        if !watcher.seesAll { query.principal = watcher.name }
        let page = try await log.page(query)
        var events = page.entries.compactMap { entry -> LiveEvent? in
            guard let last = LiveEvent.seq(of: entry), last > seq, entry["status"] != .null else { return nil }
            return LiveEvent(entry: entry, seq: last)
        }.filter { $0.isVisible(to: watcher) }
        events.sort { ($0.seq ?? 0) < ($1.seq ?? 0) }
        let oldest = page.entries.last?["seq"]?.integerValue ?? 0
        guard page.next != nil, oldest > seq else { return events }
        return [LiveEvent(.gap, seq: nil, data: ["after": .integer(seq)], principal: nil)] + events
    }
}
