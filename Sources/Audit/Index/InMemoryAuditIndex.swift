internal import Synchronization

/// The index as a value in memory: the twin that the conformance suite holds against the database, and what short-lived
/// tools of the command line use.
package final class InMemoryAuditIndex: AuditIndex {
    private struct Contents: Sendable {
        var position: IndexPosition?
        /// Ordered by `seq`.
        var entries: [IndexedEntry] = []
        var byAuditID: [String: Int] = [:]
        var tiles: [Int: [Int: Tile]] = [:]
    }

    private let contents = Mutex(Contents())

    package init() {}

    package func position() throws -> IndexPosition? { contents.withLock { $0.position } }

    package func add(_ lines: [IndexedLine], tiles: [Tile], position: IndexPosition) throws {
        try contents.withLock { contents in
            guard (lines.first?.seq ?? position.seq) == (contents.position?.seq ?? 0) + 1 else { throw IndexGap() }
            let merge = EntryMerge(lines)
            for entry in merge.entries {
                contents.byAuditID[entry.keys.auditID] = contents.entries.count
                contents.entries.append(entry)
            }
            for outcome in merge.laterOutcomes {
                guard let place = contents.byAuditID[outcome.keys.auditID] else { continue }
                contents.entries[place].close(with: outcome)
            }
            for tile in tiles { contents.tiles[tile.level, default: [:]][tile.position] = tile }
            contents.position = position
        }
    }

    package func page(_ query: LogQuery) throws -> IndexPage {
        contents.withLock { contents in
            var entries: [IndexedEntry] = []
            for entry in contents.entries.reversed() where entry.seq < query.before ?? .max && query.matches(entry.keys)
            {
                if entries.count == query.limit { return IndexPage(entries: entries, next: entries.last?.seq) }
                entries.append(entry)
            }
            return IndexPage(entries: entries, next: nil)
        }
    }

    package func entry(auditID: String) throws -> IndexedEntry? {
        contents.withLock { contents in contents.byAuditID[auditID].map { contents.entries[$0] } }
    }

    package func openCalls(limit: Int) throws -> [IndexedEntry] {
        contents.withLock { Array($0.entries.lazy.filter(\.isOpen).prefix(limit)) }
    }

    package func endedLate(after seq: Int, limit: Int) throws -> [IndexedEntry] {
        contents.withLock { contents in
            let late = contents.entries.filter { $0.isLate && ($0.outcomeSeq ?? 0) > seq }
            return Array(late.sorted { ($0.outcomeSeq ?? 0) > ($1.outcomeSeq ?? 0) }.prefix(limit))
        }
    }

    package func tiles(level: Int, positions: Range<Int>) throws -> [Tile] {
        contents.withLock { contents in positions.compactMap { contents.tiles[level]?[$0] } }
    }

    package func reset() throws { contents.withLock { $0 = Contents() } }
}
