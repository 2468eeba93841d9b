package import ToolKit

extension Gate {
    /// Tools that nobody may ask for through `POST /request`: their calls are too easily misread.
    package static let unrequestable: Set<String> = ["shell_exec", "shell_script", "filesystem_write"]

    /// The refusal of a run that somebody else has, or that was called off.
    package static let startedBefore = Refusal(
        .approvalRequired, code: "started_before", "the call was started before, or called off",
        remedy: "look at its run; ask for it again if needed")

    /// A call that a person shall decide about, as far as it can be judged now.
    package struct Requested: Sendable {
        package let entry: CatalogEntry
        /// Canonical.
        package let call: ToolCall
    }

    /// Judges what an agent asks a person for. The tool need not be enabled: that is the person's to know.
    ///
    /// - Throws: ``Refusal``.
    package func admitRequest(_ call: ToolCall, from principal: Principal) throws -> Requested {
        do {
            try principal.require(.runTools)
            try requireNoLockdown()
            try requireNotPaused(principal)
            try requireNoHoneytoken(in: call)
            let entry = try catalog.require(call.toolName)
            try requireEntitlement(of: principal, to: entry)
            guard !Self.unrequestable.contains(entry.name) else {
                throw Refusal(
                    .unauthorized, code: "not_requestable", "\(entry.name) may not be requested",
                    remedy: "run it with wait_for_approval: true, or ask for a tool with a narrower effect")
            }
            let arguments = try canonicalArguments(call.arguments, for: entry)
            try requireAllowed(policy.current.judge(try prepare(entry, arguments).access))
            try takeRate(for: entry, principal: principal, label: call.agentID)
            var canonical = call
            canonical.toolName = entry.name
            canonical.arguments = arguments
            // As with any call; what was asked is what is shown and decided.
            canonical.dryRun = call.dryRun ?? configuration.current.dryRunDefault
            return Requested(entry: entry, call: canonical)
        } catch let refusal as Refusal {
            throw limited(refusal, of: call, from: principal)
        }
    }

    /// Whether a caller may propose a policy now. People read each of them, so there is a rate.
    ///
    /// - Throws: ``Refusal``.
    package func admitProposal(from principal: Principal) throws(Refusal) {
        try principal.require(.runTools)
        try requireNoLockdown()
        try requireNotPaused(principal)
        try takeRate(of: "policy proposal", .high, principal: principal, label: nil)
    }

    /// Whether a caller may make a task or add to one now. There is a rate, because both are kept.
    ///
    /// - Throws: ``Refusal``.
    package func admitTaskChange(from principal: Principal) throws(Refusal) {
        try principal.require(.runTools)
        try requireNotPaused(principal)
        try takeRate(of: "task change", .low, principal: principal, label: nil)
    }

    /// A grant of the kind `.plan`, for showing what an item would do; no rate is taken and nothing spent.
    ///
    /// - Throws: ``Refusal``.
    package func admitPlan(of call: ToolCall, from principal: Principal) throws -> Grant {
        let entry = try catalog.require(call.toolName, allowsInternal: true)
        let settings = configuration.current
        try requireUsable(entry, settings)
        let arguments = try canonicalArguments(call.arguments, for: entry)
        var prepared = try prepare(entry, arguments)
        let judgement = policy.current.judge(prepared.access)
        try requireAllowed(judgement)
        var admitted = AdmittedCall(
            toolName: entry.name, arguments: arguments, contentNames: entry.contentNames, access: prepared.access,
            judgement: judgement,
            needsApproval: entry.tool.needsArming
                ? needsArming(entry, judgement, principal) : needsApproval(entry, judgement, settings),
            isIdempotent: entry.tool.isIdempotent)
        if let crossing = knownCrossing(for: admitted, of: entry, call.taskID, principal, settings) {
            admitted.needsApproval = true
            prepared = BudgetedPlan(prepared: prepared, crossing: crossing)
        }
        return Grant(kind: .plan, admitted: admitted, prepared: prepared)
    }

    /// The call in the one form in which it is shown and compared, as it would run.
    ///
    /// - Throws: ``Refusal`` for a call that today's tools do not take.
    package func canonical(_ call: ToolCall) throws(Refusal) -> ToolCall {
        let entry = try catalog.require(call.toolName, allowsInternal: true)
        var canonical = call
        canonical.toolName = entry.name
        canonical.arguments = try canonicalArguments(call.arguments, for: entry)
        canonical.dryRun = false
        return canonical
    }

    /// Rules of today's policy that want a person to look at a call, which is canonical.
    ///
    /// - Throws: ``Refusal``.
    package func rulesAsking(about call: ToolCall) throws -> Set<String> {
        let entry = try catalog.require(call.toolName, allowsInternal: true)
        return policy.current.judge(try prepare(entry, call.arguments).access).asking
    }

    /// What a call, which is canonical, would put onto the workspace; `nil`: nothing that was previewed.
    ///
    /// - Throws: ``Refusal``.
    package func effect(of call: ToolCall) throws -> EffectFacts? {
        try prepare(try catalog.require(call.toolName, allowsInternal: true), call.arguments).access.effect
    }

    /// Admits a run that a person has let pass: judged again by what holds today, and only a no stops it. Whoever runs it
    /// begins it in one durable step before anything happens (SECURITY R55, R57).
    ///
    /// - Parameter principal: Who asked; its token must still be good.
    /// - Throws: ``Refusal``; any other error is a fault of ours.
    package func admit(_ run: Run, from principal: Principal) async throws -> Grant {
        try principal.require(.runTools)
        try requireNoLockdown()
        try requireNotPaused(principal)
        // Only what a person was shown comes here.
        let entry = try catalog.require(run.call.toolName, allowsInternal: true)
        try requireEntitlement(of: principal, to: entry)
        let arguments = try canonicalArguments(run.call.arguments, for: entry)
        // Another version of the tool may read the same words in another way.
        guard CallDigest(toolName: entry.name, arguments: arguments) == run.digest else {
            throw Self.approvalRefusal(
                "approval_invalid", "the call reads differently now than when it was shown",
                remedy: "ask for it again")
        }
        let settings = configuration.current
        try requireUsable(entry, settings)
        let prepared = try prepare(entry, arguments)
        try requireOrigin(of: prepared.access, isOpenTo: principal, settings)
        let judgement = policy.current.judge(prepared.access)
        try requireAllowed(judgement)
        var admitted = AdmittedCall(
            toolName: entry.name, arguments: arguments, contentNames: entry.contentNames, access: prepared.access,
            judgement: judgement, needsApproval: true, isIdempotent: entry.tool.isIdempotent, itemID: run.approvedItem)
        admitted.beginsArming = entry.tool.needsArming
        let kind = Grant.Kind(of: prepared.access, isDryRun: run.call.dryRun ?? false)
        if kind == .run {
            try await chargeAnyway(
                charges(for: admitted, of: entry, run.step?.taskID, principal, settings))
        }
        return Grant(kind: kind, admitted: admitted, prepared: prepared)
    }
}
