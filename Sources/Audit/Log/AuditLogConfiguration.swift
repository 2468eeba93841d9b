/// How an ``AuditLog`` works.
package struct AuditLogConfiguration: Sendable {
    package var signer: AuditSigner
    /// Unix seconds, for lines that the log makes itself.
    package var now: @Sendable () -> Double
    /// Bytes after which a file is rotated.
    package var maximumFileSize = 128 * 1_048_576
    /// A checkpoint stands after at most this many lines. `audit verify` holds a log against the default.
    package var checkpointLines = defaultCheckpointLines
    /// And after this many seconds with any line.
    package var checkpointSeconds = 30.0
    /// Disk space that is kept allocated ahead of the file.
    package var reserve = 1_048_576
    /// What of it is left to the outcomes of calls that were admitted already, when no more can be had.
    package var outcomeReserve = 524_288
    /// Free bytes on the disk below which ``AuditLog/isSpaceLow`` is set.
    package var spaceWarning = 256 * 1_048_576
    /// Lines that may wait in memory for the index; beyond, it reads them from the log.
    package var indexBacklog = 3_000
    /// Told on a thread of the audit when a fault came up that nobody waits for: one sentence for the operator's log.
    package var onFault: @Sendable (String) -> Void = { _ in }
    /// Told when disk space becomes low, with the free bytes, and when it no longer is, with `nil`.
    package var onSpaceWarning: @Sendable (Int?) -> Void = { _ in }

    /// Told at start-up, now and then, how many of the lines that the index lacked were taken in.
    package var onIndexed: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }

    /// Told on a thread of the audit which lines are on disk and in the index, a moment after they were written. Must be
    /// quick.
    package var onLines: @Sendable ([IndexedLine]) -> Void = { _ in }

    package static let defaultCheckpointLines = 1_000

    package init(signer: AuditSigner, now: @escaping @Sendable () -> Double) {
        self.signer = signer
        self.now = now
    }
}
