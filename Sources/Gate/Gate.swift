package import ToolKit

/// The one gate. Every call, whichever door it came through, is judged by ``admit(_:from:)`` and by nothing else.
///
/// It asks in this order and stops at the first no: who are you · lockdown · is the caller paused, or does it send a
/// honeytoken · is there such a tool · are the arguments right · is it enabled and available · what would it touch, and
/// does policy allow that · rate · is an approval needed and valid.
package final class Gate: Sendable {
    package let catalog: ToolCatalog
    package let configuration: ConfigurationFile
    package let policy: PolicyFile
    package let lockdown: Lockdown
    package let workspaceRoots: [String]
    private let rateLimits: RateLimits
    private let rateLimiter = RateLimiter()
    /// Of its own, so that calls cannot crowd out the count of refusals.
    private let refusalLimiter = RateLimiter(capacity: 1_024)
    /// Refused calls that are counted instead of recorded one by one.
    package let refusalTally = RefusalTally()
    /// `nil`: nothing is counted.
    let budgets: BudgetLedger?
    let approvals: any ApprovalStore
    package let inbox: any InboxStore & RunStore
    package let standingGrants: StandingGrants
    /// Callers that wait for a decision about an incident.
    package let pauses: Pauses
    /// Callers that may use the desktop for a while.
    package let arming = Arming()
    /// False credentials that nobody may send; `nil`: there are none.
    package let honeytokens: Honeytokens?
    let time: any TimeSource

    /// - Parameter workspaceRoots: Absolute spellings of the workspace root that callers may use.
    package init(
        catalog: ToolCatalog, configuration: ConfigurationFile, policy: PolicyFile, lockdown: Lockdown,
        approvals: any ApprovalStore, inbox: any InboxStore & RunStore,
        standingGrants: StandingGrants, rateLimits: RateLimits, workspaceRoots: [String], time: any TimeSource,
        budgets: BudgetLedger? = nil, pauses: Pauses = Pauses(), honeytokens: Honeytokens? = nil
    ) {
        self.budgets = budgets
        self.pauses = pauses
        self.honeytokens = honeytokens
        self.catalog = catalog
        self.configuration = configuration
        self.policy = policy
        self.lockdown = lockdown
        self.approvals = approvals
        self.inbox = inbox
        self.standingGrants = standingGrants
        self.rateLimits = rateLimits
        self.workspaceRoots = workspaceRoots
        self.time = time
    }

    /// - Throws: ``Refusal`` with the first no; any other error is a fault of ours.
    package func admit(_ call: ToolCall, from principal: Principal) async throws -> Grant {
        do {
            return try await judge(call, from: principal)
        } catch let refusal as Refusal {
            throw limited(refusal, of: call, from: principal)
        }
    }

    private func judge(_ call: ToolCall, from principal: Principal) async throws -> Grant {
        try principal.require(.runTools)
        try requireNoLockdown()
        try requireNotPaused(principal)
        try requireNoHoneytoken(in: call)
        let entry = try catalog.require(call.toolName, allowsInternal: call.isInternal)
        try requireEntitlement(of: principal, to: entry)
        let arguments = try canonicalArguments(call.arguments, for: entry)
        let settings = configuration.current
        try requireUsable(entry, settings)
        var prepared = try prepare(entry, arguments)
        try requireOrigin(of: prepared.access, isOpenTo: principal, settings)
        let judgement = policy.current.judge(prepared.access)
        try requireAllowed(judgement)
        if call.isPreview { try requirePreviewable(entry, prepared.access) }
        try takeRate(for: entry, principal: principal, label: call.agentID)
        let isArmable = entry.tool.needsArming
        let takesGrants = !isArmable && !entry.tool.alwaysNeedsApproval
        let asks =
            isArmable
            ? needsArming(entry, judgement, principal) : self.needsApproval(entry, judgement, settings)
        let needsApproval = asks && !call.isPreview
        let isDryRun = call.dryRun ?? (settings.dryRunDefault && !call.isPreview)
        let kind = Grant.Kind(of: prepared.access, isDryRun: isDryRun, isPreview: call.isPreview)
        var admitted = AdmittedCall(
            toolName: entry.name, arguments: arguments, contentNames: entry.contentNames, access: prepared.access,
            judgement: judgement, needsApproval: needsApproval, isIdempotent: entry.tool.isIdempotent)
        // What a preview does is thrown away.
        let charges =
            kind == .preview ? [] : charges(for: admitted, of: entry, call.taskID, principal, settings)
        if isDryRun, let crossing = try await crossing(charges) {
            admitted.needsApproval = true
            prepared = BudgetedPlan(prepared: prepared, crossing: crossing)
        } else if !isDryRun, let crossing = try await budgets?.spend(charges) {
            throw crossing.answer(to: call, admitted)
        }
        if needsApproval {
            let candidate = GrantCandidate(
                toolName: entry.name, arguments: arguments, schema: entry.schema, principal: principal.name,
                agentID: call.agentID, asking: judgement.asking, refusesOwn: !settings.approvalSelf,
                effect: prepared.access.effect, origin: prepared.access.origin)
            if isDryRun {
                if takesGrants { admitted.grantID = standingGrants.covering(candidate)?.id }
            } else {
                do {
                    try await spendPermission(call, candidate, &admitted, settings, takesGrants: takesGrants)
                    admitted.beginsArming = isArmable
                } catch {
                    await budgets?.giveBack(charges)
                    throw error
                }
            }
        }
        return Grant(kind: kind, admitted: admitted, prepared: prepared)
    }

    /// - Throws: ``Refusal`` with the status `locked` while the lockdown is on.
    package func requireNoLockdown() throws(Refusal) {
        let state = lockdown.state
        guard !state.isActive else {
            let reason = state.reason.map { ": \($0)" } ?? ""
            throw Refusal(
                .locked, code: "lockdown", "the lockdown is on\(reason)",
                remedy: "an operator ends it with POST /api/v1/execution/lockdown {\"active\": false}")
        }
    }

    func requireEntitlement(of principal: Principal, to entry: CatalogEntry) throws(Refusal) {
        // What those touch belongs to a call of another tool, which is asked about once it is known.
        guard entry.isInternal || principal.mayUse(tool: entry.name) else {
            throw Refusal(
                .unauthorized, code: "tool_not_granted", "this token may not use \(entry.name)",
                remedy: "use a token whose list of tools holds \(entry.name)")
        }
    }

    func canonicalArguments(
        _ arguments: [String: JSONValue], for entry: CatalogEntry
    ) throws(Refusal) -> [String: JSONValue] {
        do throws(ArgumentProblems) {
            return try entry.schema.canonical(arguments, roots: workspaceRoots)
        } catch {
            let isOutside = error.problems.contains(where: \.leavesWorkspace)
            throw Refusal(
                isOutside ? .policyBlocked : .invalid,
                code: isOutside ? "path_outside_workspace" : "invalid_arguments",
                "invalid arguments: \(error)",
                remedy: "GET /api/v1/execution/tools shows the input_schema of \(entry.name)", problems: error.problems)
        }
    }

    func requireUsable(_ entry: CatalogEntry, _ settings: Configuration) throws(Refusal) {
        try requireEnabled(entry, settings)
        if case .unavailable(let reason, let remedy, _) = entry.tool.availability {
            throw Refusal(
                .error, code: "tool_unavailable", "\(entry.name) is unavailable here: \(reason)", remedy: remedy)
        }
    }

    func requireEnabled(_ entry: CatalogEntry, _ settings: Configuration) throws(Refusal) {
        guard settings.isEnabled(entry) else {
            throw Refusal(
                .disabled, code: "tool_disabled", "tool disabled: \(entry.name)",
                remedy: "an operator enables it with PATCH /api/v1/execution/tools/\(entry.name)/enabled?enabled=true")
        }
    }

    func prepare(
        _ entry: CatalogEntry, _ arguments: [String: JSONValue]
    ) throws -> any PreparedCall {
        do {
            return try entry.prepare(arguments)
        } catch let failure as ToolFailure {
            throw Refusal(failure)
        }
    }

    func requireAllowed(_ judgement: Judgement) throws(Refusal) {
        guard let denial = judgement.denial else { return }
        var refusal = Refusal(
            .policyBlocked, code: "policy_blocked", "policy denies this call: \(denial.message)", remedy: denial.remedy)
        refusal.details["effect_verdict"] = judgement.effect?.json
        throw refusal
    }

    func takeRate(for entry: CatalogEntry, principal: Principal, label: String?) throws(Refusal) {
        try takeRate(of: entry.name, entry.tool.risk, principal: principal, label: label)
    }

    func takeRate(of name: String, _ risk: Risk, principal: Principal, label: String?) throws(Refusal) {
        let wait = rateLimiter.take(
            principal: principal.name, label: label, tool: name, perMinute: rateLimits.perMinute(risk),
            at: time.sinceBoot)
        guard let wait else { return }
        throw Refusal(
            .rateLimited, code: "rate_limited", "rate_limited", remedy: "call again in \(wait) ms",
            retryAfterMilliseconds: wait)
    }

    /// Refusals have a rate as well, one for all of a caller's, or a flood of them would fill the disk (SECURITY R59).
    /// Beyond it a refused call is answered `rate_limited` and counted instead of recorded.
    package func limited(_ refusal: Refusal, of call: ToolCall, from principal: Principal) -> Refusal {
        let wait = refusalLimiter.take(
            principal: principal.name, label: nil, tool: "", perMinute: rateLimits.refusals, at: time.sinceBoot)
        guard let wait else { return refusal }
        refusalTally.count(
            principal: principal.name, tool: catalog.entry(named: call.toolName)?.name ?? RefusalTally.unknownTool,
            at: time.wall)
        var limited = Refusal(
            .rateLimited, code: "rate_limited", "rate_limited",
            remedy: "send fewer calls that are refused (the last one: \(refusal.code)); call again in \(wait) ms",
            retryAfterMilliseconds: wait)
        limited.isCounted = true
        return limited
    }

    /// An approval that the call names is spent; without one, a use of a standing grant that covers it.
    private func spendPermission(
        _ call: ToolCall, _ candidate: GrantCandidate, _ admitted: inout AdmittedCall, _ settings: Configuration,
        takesGrants: Bool
    ) async throws {
        if let id = call.approvalID {
            try await spendApproval(id, for: candidate, orOfItsCall: admitted.judgement.verdict == .allow)
            admitted.approvalID = id
        } else if takesGrants, let id = try await standingGrants.use(for: candidate) {
            admitted.grantID = id
        } else if call.waitsForApproval {
            throw ApprovalAwaited(admitted: admitted)
        } else if let effect = admitted.judgement.effect {
            throw Self.effectApprovalRefusal(admitted, effect, principal: candidate.principal)
        } else {
            throw Self.approvalRefusal(
                "approval_required", "\(admitted.toolName) needs an approval",
                remedy: "send wait_for_approval: true to wait for a person, or have one approve it with "
                    + "POST /api/v1/execution/approve?tool_name=\(admitted.toolName) and repeat the call with its "
                    + "approval_id")
        }
    }

    /// - Parameter letsPass: Whether no rule asks about the effect that is applied: it is what a run of its call would have
    ///   done. Then whoever approved that very call has approved this.
    private func spendApproval(_ id: String, for call: GrantCandidate, orOfItsCall letsPass: Bool) async throws {
        func claim(_ toolName: String, _ digest: CallDigest) -> ApprovalClaim {
            ApprovalClaim(
                toolName: toolName, digest: digest, agentID: call.agentID, principal: call.principal,
                policyVersion: policy.version, wall: time.wall, sinceBoot: time.sinceBoot, bootID: time.bootID,
                refusesOwn: call.refusesOwn)
        }
        let own = claim(call.toolName, CallDigest(toolName: call.toolName, arguments: call.arguments))
        var objection = Identifier.isWellFormed(id) ? try await approvals.spend(id, claim: own) : .unknown
        if objection == .otherTool, letsPass, call.effect != nil, let origin = call.origin, let digest = origin.digest {
            var previewed = claim(origin.toolName, digest)
            previewed.needsBinding = true
            objection = try await approvals.spend(id, claim: previewed)
        }
        if let objection {
            throw Self.approvalRefusal(
                "approval_invalid", objection.rawValue, remedy: "have a person approve exactly this call again")
        }
    }

    static func approvalRefusal(_ code: String, _ message: String, remedy: String) -> Refusal {
        Refusal(.approvalRequired, code: code, message, remedy: remedy)
    }
}

/// Not a no: the call is fit to run, and its caller would rather wait for a person than be refused.
package struct ApprovalAwaited: Error {
    package let admitted: AdmittedCall
}
