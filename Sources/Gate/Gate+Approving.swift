package import ToolKit

/// What a person approves.
package struct ApprovalRequest: Sendable {
    package var toolName: String
    /// Present for a bound approval.
    package var arguments: [String: JSONValue]?
    package var agentID: String?
    /// The token that the call will come from; the asking principal when absent.
    package var principal: String?

    package init(
        toolName: String, arguments: [String: JSONValue]? = nil, agentID: String? = nil, principal: String? = nil
    ) {
        self.toolName = toolName
        self.arguments = arguments
        self.agentID = agentID
        self.principal = principal
    }
}

extension Gate {
    /// Judges what a person wants to approve and makes the approval.
    ///
    /// - Parameter record: Writes the approval into the audit; when it throws, none is given.
    /// - Returns: `nil` when the call would pass without an approval.
    /// - Throws: ``Refusal``.
    package func approve(
        _ request: ApprovalRequest, by principal: Principal, recording record: (Approval) async throws -> Void
    ) async throws -> Approval? {
        try principal.require(.decide)
        try requireNoLockdown()
        let entry = try catalog.require(request.toolName, allowsInternal: true)
        let settings = configuration.current
        let beneficiary = request.principal ?? principal.name
        guard settings.approvalSelf || beneficiary != principal.name else {
            throw Refusal(
                .unauthorized, code: "self_approval", "nobody may approve calls of their own here",
                remedy: "name the principal whose call this is, or have another person approve it")
        }
        guard request.arguments != nil || !settings.approvalStrict && !entry.isInternal else {
            throw Refusal(
                .invalid, code: "unbound_approval", "an approval must be bound to arguments here",
                remedy: "send args, agent_id and principal of the call in the body")
        }
        guard request.arguments != nil || (request.agentID == nil && request.principal == nil) else {
            throw Refusal(
                .invalid, code: "invalid_request", "agent_id and principal bind an approval only together with args",
                remedy: "send args as well, or leave agent_id and principal out")
        }
        guard let binding = try binding(of: request, entry: entry, beneficiary: beneficiary, settings) else {
            return nil
        }
        let approval = Approval(
            id: Identifier.make("apr"), toolName: entry.name, binding: binding.value, createdBy: principal.name,
            createdAt: time.wall, createdSinceBoot: time.sinceBoot, bootID: time.bootID)
        try await record(approval)
        try await approvals.insert(approval)
        return approval
    }

    private struct Bound {
        /// `nil` for an unbound approval.
        let value: Approval.Binding?
    }

    /// - Returns: `nil` when no approval is needed.
    private func binding(
        of request: ApprovalRequest, entry: CatalogEntry, beneficiary: String, _ settings: Configuration
    ) throws -> Bound? {
        guard let arguments = request.arguments else {
            return entry.tool.needsArming || entry.tool.alwaysNeedsApproval
                || settings.needsApproval(risk: entry.tool.risk, verdict: .allow)
                ? Bound(value: nil) : nil
        }
        let canonical = try canonicalArguments(arguments, for: entry)
        let judgement = policy.current.judge(try prepare(entry, canonical).access)
        try requireAllowed(judgement)
        guard entry.tool.needsArming || needsApproval(entry, judgement, settings) else { return nil }
        return Bound(
            value: Approval.Binding(
                digest: CallDigest(toolName: entry.name, arguments: canonical), agentID: request.agentID,
                principal: beneficiary, policyVersion: policy.version))
    }
}
