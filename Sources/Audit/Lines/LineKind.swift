/// What a line of the audit is about (`kind` of the stored line, docs/audit-format.md).
package enum LineKind: String, Sendable, Hashable, CaseIterable {
    /// A call was admitted and is about to run.
    case intent
    /// How an admitted call ended, or a dry run, which has no intent before it.
    case outcome
    /// The gate said no; nothing ran.
    case refusal
    /// Configuration, policy, tokens, approvals, lockdown or the audit itself changed.
    case change
    /// A signed statement about all lines before it; made by the log itself, never by a caller.
    case checkpoint
}
