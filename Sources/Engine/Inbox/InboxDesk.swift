internal import Audit
package import Gate
internal import Logging
internal import Synchronization
package import ToolKit

/// Where people decide about what waits.
///
/// A decision is recorded, then kept, and only then acted on; the first one wins and is final (SECURITY R57). What it
/// starts is a run, which ``RunDesk`` takes further.
package final class InboxDesk: Sendable {
    let engine: Engine
    let store: any InboxStore & RunStore
    let authenticator: Authenticator
    package let runs: RunDesk
    let time: any TimeSource
    let pool: BlockingPool
    /// Shows a change of a text as a unified diff.
    let diff: Diff
    /// One decision at a time: each looks before it records.
    let decisions = AsyncTurn()

    /// - Returns: `nil` for a change that cannot be shown as a whole.
    package typealias Diff = @Sendable (_ old: [UInt8], _ new: [UInt8], _ path: String) -> String?

    var gate: Gate { engine.gate }
    var recorder: Recorder { engine.recorder }

    package init(
        engine: Engine, authenticator: Authenticator, time: any TimeSource, pool: BlockingPool, diff: @escaping Diff,
        onPolicyChange: @escaping @Sendable (_ version: String) async -> Void = { _ in }
    ) {
        self.engine = engine
        store = engine.gate.inbox
        self.authenticator = authenticator
        runs = RunDesk(
            engine: engine, authenticator: authenticator,
            policyChanges: PolicyChanges(
                gate: engine.gate, recorder: engine.recorder, pool: pool, onChange: onPolicyChange),
            time: time)
        self.time = time
        self.pool = pool
        self.diff = diff
    }

    /// Takes up what was approved and is not finished: after a start, when a lockdown ends, and now and then.
    package func resume() async { await runs.sweep() }

    /// An agent asks; a person will decide.
    ///
    /// - Throws: ``Refusal``, `AuditUnavailable`.
    package func request(
        _ call: ToolCall, estimate: Double? = nil, from principal: Principal
    ) async throws -> InboxItem {
        do {
            return try await pool.run {
                let requested = try gate.admitRequest(call, from: principal)
                return try await engine.filing.file(
                    .executionRequest, requested.call, risk: requested.entry.tool.risk, estimate: estimate,
                    from: principal)
            }
        } catch let sighted as HoneytokenSighted {
            let label = CallLabel(auditID: "", principal: principal.name, toolName: call.toolName)
            throw await engine.incidents.open(sighted, at: label, agentID: call.agentID)
        }
    }

    package func item(_ id: String) async throws -> InboxItem? { try await store.item(id) }

    package func item(ofRun id: String) async throws -> InboxItem? { try await store.item(ofRun: id) }

    package func items(_ query: InboxQuery) async throws -> InboxPage { try await store.items(query) }

    /// How much waits, in all and of this caller.
    package func load(of principal: Principal) async throws -> InboxLoad {
        try principal.require(.readOwnRecords)
        return try await store.load(of: principal.name)
    }

    /// What a person decides.
    package struct Verdict: Sendable {
        package var isApproved: Bool
        package var note: String?
        /// `grant` as it was sent.
        package var grant: JSONValue?
        /// What happened, of a run whose end nobody knows; required there and refused elsewhere.
        package var resolution: InboxItem.Resolution?

        package init(isApproved: Bool, note: String? = nil, grant: JSONValue? = nil) {
            self.isApproved = isApproved
            self.note = note
            self.grant = grant
        }

        package init(_ resolution: InboxItem.Resolution, note: String? = nil) {
            isApproved = resolution != .abandon
            self.note = note
            self.resolution = resolution
        }

        /// Whether it lets the run begin.
        var isStart: Bool { resolution.map { $0 == .retry } ?? isApproved }
    }

    /// Decides one item and acts on it.
    ///
    /// - Returns: The item as it is afterwards, with the result of what it ran; `nil` for an unknown one.
    /// - Throws: ``Refusal``, ``ArgumentProblems`` for a bad grant, `AuditUnavailable`. Nothing was decided then.
    package func decide(_ id: String, _ verdict: Verdict, by principal: Principal) async throws -> InboxItem? {
        try principal.require(.decide)
        // Whoever decides may hang up: what was recorded is kept, and what was approved runs to its end.
        return try await Task {
            guard let item = try await decisions.take({ try await settle(id, verdict, by: principal) }) else {
                return nil
            }
            return await act(on: item, isStart: verdict.isStart)
        }.value
    }

    private func act(on item: InboxItem, isStart: Bool) async -> InboxItem {
        var item = item
        do {
            let id = item.execution.runID
            if let run = isStart ? try await runs.work(on: id) : try await store.run(id) {
                item.execution = InboxItem.Execution(run)
                await runs.tell(of: run)
            }
        } catch {
            // It was decided; the next look takes it up.
            Logger(label: "inbox").error(
                "what was decided could not be begun yet", metadata: ["item.id": "\(item.id)", "error": "\(error)"])
        }
        return item
    }

    /// - Returns: The decided item.
    private func settle(_ id: String, _ verdict: Verdict, by principal: Principal) async throws -> InboxItem? {
        guard let item = try await store.item(id) else { return nil }
        try await requireOpen(item)
        try requireEntitled(principal, to: verdict, item)
        let now = time.wall
        var grant: StandingGrant?
        if let wanted = verdict.grant {
            grant = try await pool.run { try self.grant(wanted, for: item, verdict, by: principal, at: now) }
        }
        if item.kind == .incident, !verdict.isApproved { try await revokeToken(of: item, by: principal) }
        let decision = InboxItem.Decision(
            isApproved: verdict.isApproved, by: principal.name, at: now,
            note: verdict.note.map { recorder.redactor.text($0) }, grantID: grant?.id, resolution: verdict.resolution)
        var after = item
        after.status = verdict.isApproved ? .approved : .denied
        after.decision = decision
        var records = [
            recorder.change("change:approval", by: principal.name, before: item.recorded, after: after.recordedDecision)
        ]
        if let grant {
            records.append(recorder.change("change:grant", by: principal.name, before: nil, after: grant.json))
        }
        try await recorder.log.append(records)
        do {
            guard try await store.decide(id, decision, grant: grant, result: decision.result(of: item)) else {
                throw Self.decidedBefore(item)
            }
        } catch {
            // What failed may have been kept all the same.
            guard let kept = try? await store.item(id), kept.decision == decision else {
                await recorder.retract("change:approval", after.recordedDecision)
                if let grant { await recorder.retract("change:grant", grant.json) }
                throw error
            }
        }
        if let grant { gate.standingGrants.add(grant) }
        if item.kind == .incident { gate.pauses.end(of: item.principal, for: item.id) }
        after.execution.state = decision.runState
        return after
    }

    private func requireOpen(_ item: InboxItem) async throws {
        guard item.status == .pending else { throw Self.decidedBefore(item) }
        guard item.isOpen(at: time.wall) else {
            try await expire(item)
            throw Refusal(
                .invalid, code: "approval_expired", "this expired before anybody decided",
                remedy: "have it asked for again")
        }
    }

    private static func decidedBefore(_ item: InboxItem) -> Refusal {
        guard item.status != .withdrawn else {
            return Refusal(
                .invalid, code: "already_decided", "nobody has to decide about this any more",
                remedy: "look at its run")
        }
        guard let decision = item.decision else {
            return Refusal(
                .invalid, code: item.status == .expired ? "approval_expired" : "already_decided",
                item.status == .expired ? "this expired before anybody decided" : "somebody else decided this just now",
                remedy: "look at it again")
        }
        return Refusal(
            .invalid, code: "already_decided",
            "\(decision.by) \(decision.isApproved ? "approved" : "denied") this before",
            remedy: "a decision is final; have it asked for again")
    }

    private func requireEntitled(_ principal: Principal, to verdict: Verdict, _ item: InboxItem) throws {
        if item.principal == principal.name, !gate.configuration.current.approvalSelf {
            throw Refusal(
                .unauthorized, code: "self_approval", "nobody may decide about calls of their own here",
                remedy: "have another person decide")
        }
        guard (item.kind == .indeterminate) == (verdict.resolution != nil) else {
            throw Refusal(
                .invalid, code: "invalid_request",
                item.kind == .indeterminate
                    ? "resolution is needed: nobody knows how this ended"
                    : "resolution belongs to runs of unknown outcome",
                remedy: item.kind == .indeterminate
                    ? "send resolution: happened, retry or abandon" : "send approved: true or false",
                problems: [ArgumentProblem(field: "resolution", reason: "fits the item's request_type only")])
        }
        guard verdict.isStart else { return }
        try gate.requireNoLockdown()
        guard item.kind == .policyChange else { return }
        // Whoever may decide about calls could otherwise take away the rules that say no to all of them.
        try principal.require(.configure)
        guard gate.policy.version == item.policyBase else {
            throw Refusal(
                .invalid, code: "policy_conflict", "the policy changed since this was proposed",
                remedy: "deny it and have it proposed again, against the policy in force")
        }
    }

    private func grant(
        _ json: JSONValue, for item: InboxItem, _ verdict: Verdict, by principal: Principal, at now: Double
    ) throws -> StandingGrant {
        guard verdict.isApproved, verdict.resolution == nil, item.kind != .policyChange, item.kind != .incident else {
            throw Refusal(
                .invalid, code: "invalid_request", "grant belongs to the approval of a call",
                remedy: "leave it out")
        }
        let proposal = try GrantProposal(json, catalog: gate.catalog, roots: gate.workspaceRoots)
        let schema = try gate.catalog.require(item.call.toolName, allowsInternal: true).schema
        guard proposal.rule.toolName == item.call.toolName,
            proposal.rule.covers(
                item.call.arguments, schema: schema, principal: item.principal, agentID: item.call.agentID,
                effect: try gate.effect(of: item.call))
        else {
            throw Refusal(
                .invalid, code: "grant_misses_call", "this grant would not cover the call it is given with",
                remedy: "correct its rule; an argument without one must be left out or have its default")
        }
        return proposal.grant(
            id: Identifier.make("grt"), asking: try gate.rulesAsking(about: item.call), by: principal.name, at: now,
            itemID: item.id)
    }

    /// Ends what nobody decided in time. For the owner to call every few seconds.
    package func expire() async throws {
        while true {
            let overdue = try await store.overdue(at: time.wall, limit: Self.expiryBatch)
            for item in overdue { try await decisions.take { try await expire(item) } }
            guard overdue.count == Self.expiryBatch else { return }
        }
    }

    /// Few at once, because each may be large.
    private static let expiryBatch = 16

    /// Recorded first, like a decision, and within its turn.
    private func expire(_ item: InboxItem) async throws {
        guard let item = try await store.item(item.id), item.status == .pending, !item.isOpen(at: time.wall) else {
            return
        }
        var after = item
        after.status = .expired
        try await recorder.log.append(
            recorder.change("change:approval", by: "daemon", before: item.recorded, after: after.recorded))
        _ = try await store.expire(item.id, at: time.wall)
        if let run = try await store.run(item.execution.runID) { await runs.tell(of: run) }
    }

    /// - Returns: The grant as it was; `nil` when there is none in force of that id.
    package func revokeGrant(_ id: String, by principal: Principal) async throws -> StandingGrant? {
        try principal.require(.decide)
        return try await Task {
            let change: JSONValue = ["grant_id": .string(id), "revoked": true]
            let isRecorded = Mutex(false)
            do {
                return try await gate.standingGrants.revoke(id) { grant in
                    try await recorder.log.append(
                        recorder.change("change:grant", by: principal.name, before: grant.json, after: change))
                    isRecorded.withLock { $0 = true }
                }
            } catch {
                // It goes on letting calls pass, and the record must not say otherwise.
                if isRecorded.withLock({ $0 }) { await recorder.retract("change:grant", change) }
                throw error
            }
        }.value
    }
}

extension InboxItem.Decision {
    /// `Result` of the contract of a run that ends with what a person says of it.
    fileprivate func result(of item: InboxItem) -> JSONValue? {
        switch resolution {
        case .happened:
            [
                "success": true, "status": "ok", "result": nil, "error": nil, "dry_run": false,
                "audit_id": JSONValue(item.execution.auditID), "resolution": "happened", "resolved_by": .string(by),
            ]
        case .abandon:
            Answer.failure(
                "abandoned", "nobody knows how this ended, and \(by) gave it up", "ask for it again if needed")
        case .retry, nil: nil
        }
    }
}

extension InboxItem {
    fileprivate var recordedDecision: JSONValue {
        var members = recorded.objectValue ?? [:]
        members["decided_by"] = (decision?.by).map(JSONValue.string)
        members["note"] = (decision?.note).map(JSONValue.string)
        members["grant_id"] = (decision?.grantID).map(JSONValue.string)
        members["resolution"] = (decision?.resolution).map { .string($0.rawValue) }
        return .object(members)
    }
}
