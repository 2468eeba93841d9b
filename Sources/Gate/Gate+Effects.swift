package import ToolKit

/// What the gate asks of previews, and of calls that apply or take back what an earlier call did.
extension Gate {
    /// Code of the refusal of a preview that could show nothing.
    package static let nothingToPreview = "nothing_to_preview"

    func requirePreviewable(_ entry: CatalogEntry, _ access: Access) throws(Refusal) {
        // What leaves this machine cannot be thrown away. Programs have no network in a preview.
        let leaves = !access.endpoints.isEmpty || entry.tool.alwaysNeedsApproval
        let commits = access.commands.contains { $0.view == .committing } || access.usesDesktop || leaves
        guard access.runsAsPreview || (!entry.tool.annotations.readOnly && !entry.isInternal && !commits) else {
            throw Refusal(
                .invalid, code: Self.nothingToPreview,
                commits || entry.isInternal
                    ? "\(entry.name) has no preview"
                    : "\(entry.name) cannot change anything, so there is nothing to preview",
                remedy: commits ? "send it with dry_run: true to see what it would do" : "run it")
        }
    }

    /// Agents apply and take back what they did themselves, with tools that they may use; operators, what anybody did
    /// (SECURITY R54).
    func requireOrigin(
        of access: Access, isOpenTo principal: Principal, _ settings: Configuration
    ) throws(Refusal) {
        guard let origin = access.origin else { return }
        guard principal.role == .operator || origin.principal == principal.name else {
            throw Refusal(access.effect == nil ? EffectFailure.unknownCall : EffectFailure.unknownEffect)
        }
        let entry = try catalog.require(origin.toolName, allowsInternal: true)
        try requireEntitlement(of: principal, to: entry)
        // What a tool did before it was switched off can be taken back.
        if access.effect != nil, !entry.isInternal { try requireEnabled(entry, settings) }
    }

    /// An effect that a rule lets pass needs nobody, whatever the mode: the rule is the operator's own word about it.
    package func needsApproval(_ entry: CatalogEntry, _ judgement: Judgement, _ settings: Configuration) -> Bool {
        if entry.tool.alwaysNeedsApproval { return true }
        let isLetPass = judgement.effect?.isLetPass ?? false
        return settings.needsApproval(risk: isLetPass ? .low : entry.tool.risk, verdict: judgement.verdict)
    }

    /// Whether what a call would change can be taken back afterwards, as far as can be known before. One that changes
    /// nothing has nothing to take back.
    package func willBeUndoable(_ call: ToolCall) -> Bool {
        guard let entry = catalog.entry(named: call.toolName, allowsInternal: true),
            !entry.tool.annotations.openWorld, let access = try? prepare(entry, call.arguments).access,
            !access.runsAsPreview
        else { return false }
        let commands = policy.current.judge(access).commands
        return access.origin != nil || access.places.contains { $0.use == .write }
            || access.commands.contains { $0.view == .committing }
            || commands.contains { $0.pinned?.writes.isEmpty == false }
    }

    /// Names what to approve, to the letter.
    static func effectApprovalRefusal(
        _ admitted: AdmittedCall, _ effect: EffectJudgement, principal: String
    ) -> Refusal {
        let body: JSONValue = ["args": .object(admitted.arguments), "principal": .string(principal)]
        let asking = admitted.judgement.matches.first { $0.verdict == .ask }?.sentence
        let why = asking ?? effect.matches.first { $0.verdict == .ask }?.sentence
        var refusal = approvalRefusal(
            "approval_required", why ?? "this effect needs an approval",
            remedy: "send wait_for_approval: true to wait for a person, or have one approve it with "
                + "POST /api/v1/execution/approve?tool_name=\(admitted.toolName) "
                + "\(String(decoding: JSONWriter.write(body), as: UTF8.self)) and apply it with the approval_id")
        refusal.details["effect_verdict"] = effect.json
        return refusal
    }
}

extension Grant.Kind {
    init(of access: Access, isDryRun: Bool, isPreview: Bool = false) {
        self = isDryRun ? .plan : isPreview || access.runsAsPreview ? .preview : .run
    }
}

extension Refusal {
    /// What a tool finds wrong with a call before it begins.
    package init(_ failure: ToolFailure) {
        self.init(.invalid, code: failure.code, failure.message, remedy: failure.remedy)
        details = failure.details
    }
}
