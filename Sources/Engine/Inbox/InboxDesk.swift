internal import Audit
package import Gate
internal import Logging
internal import Synchronization
package import ToolKit

/// Where people decide about what waits.
///
/// A decision is recorded, then kept, and only then acted on; the first one wins and is final (SECURITY R57). What was
/// approved is begun at most once, whenever the daemon ends: the item knows its audit id before anything starts, and the
/// audit knows whether anything did.
package final class InboxDesk: Sendable {
    let engine: Engine
    let store: any InboxStore
    let authenticator: Authenticator
    let time: any TimeSource
    let pool: BlockingPool
    /// Shows a change of a text as a unified diff.
    let diff: Diff
    /// Told of a policy that is in force by a decision.
    let onPolicyChange: @Sendable (_ version: String) async -> Void
    let logger = Logger(label: "inbox")
    /// One decision at a time: each looks before it records.
    let decisions = AsyncTurn()
    /// Items that somebody acts on at this moment: nobody takes one up beside.
    let acting = Mutex<Set<String>>([])

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
        self.time = time
        self.pool = pool
        self.diff = diff
        self.onPolicyChange = onPolicyChange
    }

    /// An agent asks; a person will decide.
    ///
    /// - Throws: ``Refusal``, `AuditUnavailable`.
    package func request(
        _ call: ToolCall, estimate: Double? = nil, from principal: Principal
    ) async throws -> InboxItem {
        try await pool.run {
            let requested = try gate.admitRequest(call, from: principal)
            return try await engine.filing.file(
                .executionRequest, requested.call, risk: requested.entry.tool.risk, estimate: estimate, from: principal)
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

        package init(isApproved: Bool, note: String? = nil, grant: JSONValue? = nil) {
            self.isApproved = isApproved
            self.note = note
            self.grant = grant
        }
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
            guard verdict.isApproved else { return item }
            defer { release(id) }
            return await act(on: item)
        }.value
    }

    /// - Returns: The decided item, claimed for whoever acts on it when it was approved.
    private func settle(_ id: String, _ verdict: Verdict, by principal: Principal) async throws -> InboxItem? {
        guard let item = try await store.item(id) else { return nil }
        try await requireOpen(item)
        try requireEntitled(principal, to: verdict, item)
        let now = time.wall
        var grant: StandingGrant?
        if let wanted = verdict.grant {
            grant = try await pool.run { try self.grant(wanted, for: item, verdict, by: principal, at: now) }
        }
        let decision = InboxItem.Decision(
            isApproved: verdict.isApproved, by: principal.name, at: now,
            note: verdict.note.map { recorder.redactor.text($0) }, grantID: grant?.id)
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
        // Before anybody can find it in the queue.
        if verdict.isApproved { claim(id) }
        do {
            guard try await store.decide(id, decision, grant: grant) else { throw Self.decidedBefore(item) }
        } catch {
            // What failed may have been kept all the same.
            guard let kept = try? await store.item(id), kept.decision == decision else {
                release(id)
                await recorder.retract("change:approval", after.recordedDecision)
                if let grant { await recorder.retract("change:grant", grant.json) }
                throw error
            }
        }
        if let grant { gate.standingGrants.add(grant) }
        after.execution.state = verdict.isApproved ? .queued : .refused
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
        guard verdict.isApproved else { return }
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
        guard verdict.isApproved, item.kind != .policyChange else {
            throw Refusal(
                .invalid, code: "invalid_request", "grant belongs to the approval of a call",
                remedy: "leave it out")
        }
        let proposal = try GrantProposal(json, catalog: gate.catalog, roots: gate.workspaceRoots)
        let schema = try gate.catalog.require(item.call.toolName).schema
        guard proposal.rule.toolName == item.call.toolName,
            proposal.rule.covers(
                item.call.arguments, schema: schema, principal: item.principal, agentID: item.call.agentID)
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

extension InboxItem {
    fileprivate var recordedDecision: JSONValue {
        var members = recorded.objectValue ?? [:]
        members["decided_by"] = (decision?.by).map(JSONValue.string)
        members["note"] = (decision?.note).map(JSONValue.string)
        members["grant_id"] = (decision?.grantID).map(JSONValue.string)
        return .object(members)
    }
}
