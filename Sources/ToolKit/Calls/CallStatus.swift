/// How a call ended, as the audit keeps it (`AuditEntry.status` of the contract).
public enum CallStatus: String, Sendable, CaseIterable {
    case ok
    case error
    case dryRun = "dry_run"
    case disabled
    case policyBlocked = "policy_blocked"
    case approvalRequired = "approval_required"
    case rateLimited = "rate_limited"
    case locked
    case unauthorized
    case invalid
    case timeout
    case cancelled
    /// The daemon ended between the intent and the outcome; nobody can say what happened.
    case unknown
}
