package import ToolKit

/// A person's permission for one call.
package struct Approval: Sendable, Hashable {
    /// What a bound approval is held to.
    package struct Binding: Sendable, Hashable {
        package let digest: CallDigest
        package let agentID: String?
        package let principal: String
        /// The policy under which the person decided.
        package let policyVersion: String

        package init(digest: CallDigest, agentID: String?, principal: String, policyVersion: String) {
            self.digest = digest
            self.agentID = agentID
            self.principal = principal
            self.policyVersion = policyVersion
        }
    }

    package let id: String
    /// The canonical tool.
    package let toolName: String
    /// `nil` for the older clients' form, good for any call of the tool.
    package let binding: Binding?
    package let createdBy: String
    /// Unix seconds, a label only.
    package let createdAt: Double
    /// Seconds since the start of the machine, and which start it was: the clock that decides.
    package let createdSinceBoot: Double
    package let bootID: String
    /// Unix seconds; `nil` while unspent.
    package var spentAt: Double?

    /// Seconds that an approval lives (SECURITY R56).
    package static let lifetime = 300.0

    package init(
        id: String, toolName: String, binding: Binding?, createdBy: String, createdAt: Double,
        createdSinceBoot: Double, bootID: String, spentAt: Double? = nil
    ) {
        self.id = id
        self.toolName = toolName
        self.binding = binding
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.createdSinceBoot = createdSinceBoot
        self.bootID = bootID
        self.spentAt = spentAt
    }
}

/// A call that presents an approval.
package struct ApprovalClaim: Sendable, Hashable {
    package let toolName: String
    package let digest: CallDigest
    package let agentID: String?
    package let principal: String
    package let policyVersion: String
    package let wall: Double
    package let sinceBoot: Double
    package let bootID: String
    /// Whether nobody may spend an approval of their own.
    package let refusesOwn: Bool
    /// Whether an approval for a tool alone, of whatever it is called with, is not enough.
    package var needsBinding = false
}

extension Approval {
    /// Whether the claim may spend this approval; `nil` when it may, else why not.
    package func objection(to claim: ApprovalClaim) -> ApprovalObjection? {
        guard toolName == claim.toolName else { return .otherTool }
        guard spentAt == nil else { return .spent }
        let age = claim.sinceBoot - createdSinceBoot
        guard bootID == claim.bootID, age >= 0, age < Self.lifetime else { return .expired }
        guard !claim.refusesOwn || createdBy != claim.principal else { return .ownApproval }
        guard let binding else { return claim.needsBinding ? .unbound : nil }
        guard binding.digest == claim.digest else { return .otherArguments }
        guard binding.principal == claim.principal else { return .otherCaller }
        guard binding.agentID == nil || binding.agentID == claim.agentID else { return .otherCaller }
        guard binding.policyVersion == claim.policyVersion else { return .policyChanged }
        return nil
    }
}

/// Why an approval does not let a call pass.
package enum ApprovalObjection: String, Error, Sendable, Hashable {
    case unknown = "no such approval exists"
    case otherTool = "the approval is for another tool"
    case spent = "the approval was used before"
    case expired = "the approval has expired"
    case unbound = "the approval names no arguments, and an effect is approved by what it is"
    case otherArguments = "the approval is for other arguments"
    case otherCaller = "the approval is for another caller"
    case ownApproval = "nobody may use an approval of their own here"
    case policyChanged = "the policy changed since the approval was given"
}
