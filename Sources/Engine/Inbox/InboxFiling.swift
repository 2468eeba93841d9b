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
            item(kind, call, risk: risk, plan: plan, estimate: estimate, from: principal))
    }

    /// A call of `/run` whose caller would rather wait than be refused.
    ///
    /// - Parameter auditID: Of the call; the item's own id follows from it, so that it can be found after a crash.
    func file(
        _ awaited: ApprovalAwaited, of call: ToolCall, auditID: String, from principal: Principal
    ) async throws -> InboxItem {
        let canonical = Self.canonical(call, awaited)
        let risk = try gate.catalog.require(canonical.toolName, allowsInternal: true).tool.risk
        let plan = await plan(of: canonical, from: principal)
        return try await file(
            item(.run, canonical, id: Self.itemID(ofCall: auditID), risk: risk, plan: plan, from: principal))
    }

    /// A run that its worker found to need a person.
    ///
    /// - Returns: The item, with which the run waits from now on.
    func file(
        _ awaited: ApprovalAwaited, of run: Run, from principal: Principal, hold: RunHold
    ) async throws -> InboxItem {
        let canonical = Self.canonical(run.call, awaited)
        let risk = try gate.catalog.require(canonical.toolName, allowsInternal: true).tool.risk
        let plan = await plan(of: canonical, from: principal)
        let item = item(
            run.step == nil ? .run : .taskStep, canonical, risk: risk, plan: plan, runID: run.id, step: run.step,
            from: principal)
        return try await Task {
            try await requireRoom(for: item)
            return try await keep(item) { try await hold.park(item) }
        }.value
    }

    /// A run of which nobody knows how it ended. It is filed however full the inbox is, and waits however long it takes.
    ///
    /// - Parameter keep: Keeps the item and what is known, with the run.
    func file(
        lost run: Run, known: JSONValue, keep: @escaping @Sendable (InboxItem) async throws -> Void
    ) async throws {
        let risk = gate.catalog.entry(named: run.call.toolName, allowsInternal: true)?.tool.risk ?? .high
        let plan: JSONValue = [
            "summary": "nobody can say what this did: the daemon ended while it ran",
            "audit_id": JSONValue(run.auditID),
        ]
        let call = (try? gate.canonical(run.call)) ?? run.call
        let item = InboxItem(
            id: Identifier.make("req"), kind: .indeterminate, call: call, principal: run.principal, risk: risk,
            plan: plan, isUndoable: false, step: run.step, createdAt: time.wall, expiresAt: .infinity,
            execution: InboxItem.Execution(runID: run.id, state: .indeterminate, auditID: run.auditID, result: known))
        _ = try await self.keep(item) { try await keep(item) }
    }

    private static func canonical(_ call: ToolCall, _ awaited: ApprovalAwaited) -> ToolCall {
        var canonical = call
        canonical.toolName = awaited.admitted.toolName
        canonical.arguments = awaited.admitted.arguments
        canonical.dryRun = false
        return canonical
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
            item(.policyChange, call, risk: .high, plan: plan, policyBase: base, from: principal))
    }

    /// What a policy change is called where a tool has its name.
    static let policyChange = "change:policy"

    private func item(
        _ kind: InboxItem.Kind, _ call: ToolCall, id: String? = nil, risk: Risk, plan: JSONValue,
        estimate: Double? = nil, policyBase: String? = nil, runID: String? = nil, step: TaskPlace? = nil,
        from principal: Principal
    ) -> InboxItem {
        let now = time.wall
        return InboxItem(
            id: id ?? Identifier.make("req"), kind: kind, call: call, principal: principal.name, risk: risk,
            plan: recorder.redactor.withoutKnownSecrets(plan),
            isUndoable: kind != .policyChange && gate.willBeUndoable(call), policyBase: policyBase,
            riskEstimate: estimate, step: step, createdAt: now,
            expiresAt: now + Double(gate.configuration.current.inboxTTLSeconds),
            execution: InboxItem.Execution(runID: runID ?? Identifier.make("run")))
    }

    /// To its end, also when the caller hangs up in the middle: what is recorded is kept.
    private func file(_ item: InboxItem) async throws -> InboxItem {
        // A policy can be put in force twice: the second time changes nothing.
        let isIdempotent =
            item.kind == .policyChange
            || gate.catalog.entry(named: item.call.toolName, allowsInternal: true)?.tool.isIdempotent ?? false
        return try await Task {
            try await requireRoom(for: item)
            return try await keep(item) { try await store.insert(item, isIdempotent: isIdempotent) }
        }.value
    }

    private func requireRoom(for item: InboxItem) async throws {
        let load = try await store.load(of: item.principal)
        guard load.items < Self.limit, load.bytes + item.storedSize <= Self.byteLimit,
            load.ofPrincipal < Self.limitPerPrincipal,
            load.bytesOfPrincipal + item.storedSize <= Self.byteLimitPerPrincipal
        else {
            throw Refusal(
                .rateLimited, code: "inbox_full", "too much waits for a decision already",
                remedy: "have people decide about what waits, or wait until some of it expires")
        }
    }

    private func keep(_ item: InboxItem, _ keep: () async throws -> Void) async throws -> InboxItem {
        try await recorder.log.append(
            recorder.change("change:approval", by: item.principal, before: nil, after: item.recorded))
        do {
            try await keep()
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
