/// Keeps approvals.
///
/// Both conformers promise: what returned survives a crash, and of any number of concurrent ``spend(_:claim:)`` calls
/// for one approval at most one returns `nil` (SECURITY R55).
package protocol ApprovalStore: Sendable {
    func insert(_ approval: Approval) async throws

    /// Spends the approval for the claim, or says why not and leaves it as it is. One atomic, durable step.
    func spend(_ id: String, claim: ApprovalClaim) async throws -> ApprovalObjection?

    /// Removes approvals of other starts of the machine and those created before `sinceBoot`.
    func removeExpired(bootID: String, createdBefore sinceBoot: Double) async throws
}
