/// What start-up found and did.
package struct RecoveryReport: Sendable, Hashable {
    /// Lines in the log before anything was added.
    package var lines = 0
    /// Lines that were read because they came after the head file.
    package var checkedLines = 0
    /// Bytes cut off the end: a line, or lines, that a crash left unfinished.
    package var tornBytes = 0
    /// Calls whose outcome nobody can know any more; each was closed as `unknown`.
    package var closedCalls: [String] = []
    /// Whether there was a log without its head file.
    package var isHeadMissing = false
    /// Lines that were remembered outside the log and are not in it. The daemon starts all the same.
    package var loss: AuditLoss?
    /// Lines that the index was lacking.
    package var indexedLines = 0
}
