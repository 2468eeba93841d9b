/// What finds entries without reading the log. Everything in it can be made again from the log
/// (`execlayer audit reindex`), so its writes need not be durable; they must be atomic.
///
/// Calls block; they are made on threads of the audit's own. Only one thread writes.
package protocol AuditIndex: Sendable {
    /// The last line that was taken in; `nil` when there is none.
    func position() throws -> IndexPosition?
    /// Takes in lines that follow ``position()`` without a gap, all or none.
    /// - Throws: ``IndexGap`` when they do not follow.
    func add(_ lines: [IndexedLine], tiles: [Tile], position: IndexPosition) throws
    /// Entries newest first, at a cost that does not depend on how many there are.
    func page(_ query: LogQuery) throws -> IndexPage
    func entry(auditID: String) throws -> IndexedEntry?
    /// Calls with an intent and no outcome, oldest first.
    func openCalls(limit: Int) throws -> [IndexedEntry]
    /// Calls that ended behind the line `seq` and whose end ``IndexedEntry/isLate``; the one that ended last first.
    func endedLate(after seq: Int, limit: Int) throws -> [IndexedEntry]
    /// Tiles of one level in order; fewer when some are not there.
    func tiles(level: Int, positions: Range<Int>) throws -> [Tile]
    /// Forgets everything.
    func reset() throws
}

/// Lines were offered that do not follow the index's position.
package struct IndexGap: Error, Sendable {
    package init() {}
}

/// How far an index has come.
package struct IndexPosition: Sendable, Hashable {
    package var seq: Int
    /// Of the line with that `seq`.
    package var hash: LineHash
    /// Just behind that line.
    package var end: LinePlace

    package init(seq: Int, hash: LineHash, end: LinePlace) {
        self.seq = seq
        self.hash = hash
        self.end = end
    }
}

/// Where a line's bytes are.
package struct LineSpan: Sendable, Hashable {
    package var place: LinePlace
    /// Newline included.
    package var length: Int

    package init(place: LinePlace, length: Int) {
        self.place = place
        self.length = length
    }
}

/// A durable line, as the index takes it.
package struct IndexedLine: Sendable, Hashable {
    package var seq: Int
    package var keys: LineKeys
    package var span: LineSpan

    package init(seq: Int, keys: LineKeys, span: LineSpan) {
        self.seq = seq
        self.keys = keys
        self.span = span
    }
}

/// One entry of `/logs`: a call with its outcome, a refusal, a change.
package struct IndexedEntry: Sendable, Hashable {
    /// Of its first line; entries are ordered by it.
    package var seq: Int
    package var keys: LineKeys
    package var first: LineSpan
    /// The outcome's line, when the first is an intent and the call has ended.
    package var outcome: LineSpan?
    package var outcomeSeq: Int?

    package init(seq: Int, keys: LineKeys, first: LineSpan, outcome: LineSpan? = nil, outcomeSeq: Int? = nil) {
        self.seq = seq
        self.keys = keys
        self.first = first
        self.outcome = outcome
        self.outcomeSeq = outcomeSeq
    }

    /// Whether the call ended so many lines behind its beginning that who walks the entries by their beginnings, and looks
    /// ``lateness`` lines further back, would miss its end.
    package var isLate: Bool { (outcomeSeq ?? seq) - seq > Self.lateness }

    /// In lines. Callers at once make ends follow beginnings by a hundred or two; few calls are longer under way.
    package static let lateness = 256

    package var isOpen: Bool { keys.kind == .intent && outcome == nil }
}

package struct IndexPage: Sendable, Hashable {
    /// Newest first.
    package var entries: [IndexedEntry]
    /// What to ask for as `before` to go on; `nil` at the end. A page may be short and still have more behind it.
    package var next: Int?

    package init(entries: [IndexedEntry], next: Int?) {
        self.entries = entries
        self.next = next
    }
}
