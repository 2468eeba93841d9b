/// What is known of the log outside its folder and its index: somebody who can write to `logs/` and throws the index away
/// has not changed this. The state database keeps it.
///
/// Calls block. ``remember(_:)`` comes after each checkpoint and at a clean stop, never for each call; what it and
/// ``add(_:)`` returned from survives a crash.
package protocol AuditMemory: Sendable {
    /// How far the log had come, as last remembered; `nil` before the first time.
    func rememberedHead() throws -> RememberedHead?
    func remember(_ head: RememberedHead) throws
    /// Lines that a start found missing, oldest first.
    func losses() throws -> [AuditLoss]
    /// Keeps a loss; it is reported by every `audit verify` from then on, until somebody answers for it.
    func add(_ loss: AuditLoss) throws
}

/// A durable line that was remembered outside the log.
package struct RememberedHead: Sendable, Hashable {
    package var position: IndexPosition
    /// Unix seconds.
    package var at: Double

    package init(position: IndexPosition, at: Double) {
        self.position = position
        self.at = at
    }
}

/// What a start found when the log was not the one that was remembered.
package struct AuditLoss: Sendable, Hashable {
    /// The lines that nobody can show any more. When the log was not cut but replaced, nobody knows where that began:
    /// then it is line 1.
    package var lines: ClosedRange<Int>
    /// Of the last of these lines, as it was remembered.
    package var hash: LineHash
    /// Whether the log ended too early; otherwise other lines stood there.
    package var isCut: Bool
    /// When a start found it, Unix seconds.
    package var foundAt: Double
    /// When an operator took note of it, Unix seconds.
    package var acknowledgedAt: Double?

    package init(
        lines: ClosedRange<Int>, hash: LineHash, isCut: Bool, foundAt: Double, acknowledgedAt: Double? = nil
    ) {
        self.lines = lines
        self.hash = hash
        self.isCut = isCut
        self.foundAt = foundAt
        self.acknowledgedAt = acknowledgedAt
    }

    /// One clause without a full stop.
    package var sentence: String {
        isCut
            ? "lines \(lines.lowerBound) to \(lines.upperBound) are missing: they were cut off before a start found it"
            : "line \(lines.upperBound) was replaced, and maybe others before it, before a start found it"
    }
}
