/// Nothing could be recorded, so nothing may happen (SECURITY R60): the caller refuses with `audit_unavailable`.
package struct AuditUnavailable: Error, Sendable, Hashable {
    package static let code = "audit_unavailable"
    /// One sentence without a full stop.
    package let message: String
    package let remedy: String
    /// Whether only a restart helps; otherwise the next attempt may succeed.
    package let isFinal: Bool

    init(_ message: String, remedy: String, isFinal: Bool = false) {
        self.message = message
        self.remedy = remedy
        self.isFinal = isFinal
    }
}

/// The log on disk is not what was written. The daemon does not start on it; a person decides.
package struct AuditDamaged: Error, Sendable, Hashable, CustomStringConvertible {
    /// Stable, for scripts; `nil` when it is not about the log's contents.
    package let kind: LineProblem.Kind?
    package let message: String
    package let remedy: String

    init(_ kind: LineProblem.Kind?, _ message: String, remedy: String = AuditDamaged.usualRemedy) {
        self.kind = kind
        self.message = message
        self.remedy = remedy
    }

    static let usualRemedy =
        "run `execlayer audit verify`; restore logs/ from a backup, or move logs/ and the audit index aside to start a new log"

    package var description: String { "\(message); \(remedy)" }
}

/// An entry, a proof or a page could not be read.
package struct AuditReadError: Error, Sendable, Hashable {
    /// One sentence without a full stop.
    package let message: String

    package init(_ message: String) { self.message = message }
}
