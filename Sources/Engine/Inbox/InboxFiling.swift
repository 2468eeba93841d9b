internal import Audit
internal import Gate
internal import ToolKit

/// Puts things into the inbox: recorded first, then kept.
package struct InboxFiling: Sendable {
    private let gate: Gate
    private let store: any InboxStore
    private let recorder: Recorder
    private let runner: any Runner
    private let time: any TimeSource

    /// What may wait at most, for one caller and in all; beyond, people have long lost sight of it.
    package static let limitPerPrincipal = 20_000
    package static let limit = 100_000
    package static let byteLimit = 536_870_912
    package static let byteLimitPerPrincipal = 134_217_728

    init(gate: Gate, recorder: Recorder, runner: any Runner, time: any TimeSource) {
        self.gate = gate
        store = gate.inbox
        self.recorder = recorder
        self.runner = runner
        self.time = time
    }

    /// - Parameter call: Canonical.
    /// - Throws: ``Refusal`` when too much waits already, ``AuditUnavailable``.
    func file(
        _ kind: InboxItem.Kind, _ call: ToolCall, risk: Risk, estimate: Double? = nil, from principal: Principal
    ) async throws -> InboxItem {
        let plan = await plan(of: call, from: principal)
        return try await file(
            item(kind, call, risk: risk, plan: plan, estimate: estimate, policyBase: nil, from: principal))
    }

    /// A call of `/run` whose caller would rather wait than be refused.
    ///
    /// - Parameter auditID: Of the call; the item's own id follows from it, so that it can be found after a crash.
    func file(
        _ awaited: ApprovalAwaited, of call: ToolCall, auditID: String, from principal: Principal
    ) async throws -> InboxItem {
        var canonical = call
        canonical.toolName = awaited.admitted.toolName
        canonical.arguments = awaited.admitted.arguments
        canonical.dryRun = false
        let risk = try gate.catalog.require(canonical.toolName).tool.risk
        let plan = await plan(of: canonical, from: principal)
        return try await file(
            item(
                .run, canonical, id: Self.itemID(ofCall: auditID), risk: risk, plan: plan, estimate: nil,
                policyBase: nil, from: principal))
    }

    /// The id of the item of a call that waits.
    static func itemID(ofCall auditID: String) -> String {
        "req_" + (auditID.firstIndex(of: "_").map { String(auditID[auditID.index(after: $0)...]) } ?? auditID)
    }

    /// A proposed policy.
    ///
    /// - Parameter plan: Its diff.
    func file(policy yaml: String, base: String, reason: String?, plan: JSONValue, from principal: Principal)
        async throws -> InboxItem
    {
        var call = ToolCall(toolName: Self.policyChange, arguments: ["yaml": .string(yaml)])
        call.reason = reason
        return try await file(
            item(.policyChange, call, risk: .high, plan: plan, estimate: nil, policyBase: base, from: principal))
    }

    /// What a policy change is called where a tool has its name.
    static let policyChange = "change:policy"

    private func item(
        _ kind: InboxItem.Kind, _ call: ToolCall, id: String? = nil, risk: Risk, plan: JSONValue, estimate: Double?,
        policyBase: String?, from principal: Principal
    ) -> InboxItem {
        let now = time.wall
        return InboxItem(
            id: id ?? Identifier.make("req"), kind: kind, call: call, principal: principal.name, risk: risk,
            plan: recorder.redactor.withoutKnownSecrets(plan), isUndoable: false, policyBase: policyBase,
            riskEstimate: estimate, createdAt: now,
            expiresAt: now + Double(gate.configuration.current.inboxTTLSeconds),
            execution: InboxItem.Execution(runID: Identifier.make("run")))
    }

    /// To its end, also when the caller hangs up in the middle: what is recorded is kept.
    private func file(_ item: InboxItem) async throws -> InboxItem {
        try await Task { try await keep(item) }.value
    }

    private func keep(_ item: InboxItem) async throws -> InboxItem {
        let load = try await store.load(of: item.principal)
        guard load.items < Self.limit, load.bytes + item.storedSize <= Self.byteLimit,
            load.ofPrincipal < Self.limitPerPrincipal,
            load.bytesOfPrincipal + item.storedSize <= Self.byteLimitPerPrincipal
        else {
            throw Refusal(
                .rateLimited, code: "inbox_full", "too much waits for a decision already",
                remedy: "have people decide about what waits, or wait until some of it expires")
        }
        try await recorder.log.append(
            recorder.change("change:approval", by: item.principal, before: nil, after: item.recorded))
        do {
            try await store.insert(item)
        } catch {
            // What failed may have been kept all the same.
            if let kept = try? await store.item(item.id), kept.digest == item.digest { return item }
            await recorder.retract("change:approval", item.recorded)
            throw error
        }
        return item
    }

    /// What the call would do, or why it would be refused today.
    private func plan(of call: ToolCall, from principal: Principal) async -> JSONValue {
        do {
            let label = CallLabel(auditID: "", principal: principal.name, toolName: call.toolName)
            switch await runner.run(try gate.admitPlan(of: call, from: principal), at: CallSite(label: label)) {
            case .planned(let plan): return .object(plan)
            case .failed(let failure): return Self.unplanned(failure.code, failure.message)
            case .succeeded, .interrupted, .faulted: return Self.unplanned("no_plan", "it could not be planned")
            }
        } catch let refusal as Refusal {
            return Self.unplanned(refusal.code, refusal.message)
        } catch {
            return Self.unplanned("no_plan", "it could not be planned")
        }
    }

    private static func unplanned(_ code: String, _ message: String) -> JSONValue {
        ["summary": .string("as things stand it would fail: \(message)"), "code": .string(code), "fails": true]
    }
}
