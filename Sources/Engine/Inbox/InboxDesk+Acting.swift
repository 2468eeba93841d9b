internal import Audit
internal import Gate
internal import Logging
internal import Synchronization
internal import ToolKit

extension InboxDesk {
    /// - Returns: Whether the item was free.
    @discardableResult
    func claim(_ id: String) -> Bool { acting.withLock { $0.insert(id).inserted } }

    func release(_ id: String) { _ = acting.withLock { $0.remove(id) } }

    /// Does what was approved, once, and keeps how it ended. The caller has claimed the item.
    ///
    /// - Returns: The item as it is afterwards, also when that could not be kept.
    func act(on item: InboxItem) async -> InboxItem {
        switch item.kind {
        case .executionRequest, .run: await run(item)
        case .policyChange: await changePolicy(item)
        }
    }

    private func run(_ item: InboxItem) async -> InboxItem {
        guard let principal = authenticator.principal(named: item.principal) else {
            return await finish(
                item, .refused,
                Self.failure(
                    "token_ended", "the token that asked for this was revoked or has expired",
                    "ask again with another token"))
        }
        let auditID = Identifier.makeOrdered("aud", at: time.wall)
        let answer = await engine.answer(item, from: principal, auditID: auditID)
        var begun = item
        begun.execution.auditID = auditID
        switch answer.kind {
        case .outcome: return await finish(begun, answer.isSuccess ? .done : .failed, answer.json)
        // It stays queued, and runs when the lockdown ends or the daemon starts anew.
        case .refusal(.locked), .refusal(.cancelled): return item
        // Nor is it ours to end what somebody else has begun, or what could not be begun for want of the store.
        case .refusal where answer.code == Gate.startedBefore || answer.code == StoreUnavailable.code: return item
        case .refusal, .waiting: return await finish(item, .refused, answer.json)
        case .unrecorded: return await finish(begun, await hasBegun(auditID) ? .indeterminate : .refused, answer.json)
        }
    }

    private func hasBegun(_ auditID: String) async -> Bool {
        do { return try await recorder.log.entry(auditID) != nil } catch { return true }
    }

    private func changePolicy(_ item: InboxItem) async -> InboxItem {
        guard let yaml = item.call.arguments["yaml"]?.stringValue, let base = item.policyBase else { return item }
        do {
            // A crash may have come between the change and this item's end.
            if gate.policy.version != Policy.version(of: yaml) {
                try await pool.run {
                    try gate.policy.replace(with: yaml, base: base) { before, after in
                        try recorder.log.appendAndWait(
                            recorder.change(
                                "change:policy", by: item.decision?.by ?? "daemon",
                                before: ["version": .string(before.version)],
                                after: ["version": .string(after.version), "approval_request_id": .string(item.id)]))
                    }
                }
            }
            await onPolicyChange(gate.policy.version)
            return await finish(
                item, .done,
                [
                    "success": true, "status": "ok",
                    "result": ["policy_version": .string(gate.policy.version)], "error": nil, "dry_run": false,
                ])
        } catch is PolicyConflict {
            return await finish(
                item, .failed,
                Self.failure("policy_conflict", "the policy changed since this was proposed", "propose it again"))
        } catch let unavailable as AuditUnavailable {
            return await finish(
                item, .failed, Self.failure(AuditUnavailable.code, unavailable.message, unavailable.remedy))
        } catch {
            logger.error("an approved policy could not be put in force", metadata: ["error": "\(error)"])
            return await finish(
                item, .failed,
                Self.failure("policy_unwritable", "the policy file could not be written", "see the daemon's log"))
        }
    }

    private func finish(
        _ item: InboxItem, _ state: InboxItem.Execution.State, _ result: JSONValue
    ) async -> InboxItem {
        var ended = item
        ended.execution.state = state
        ended.execution.result = result
        do {
            // A daemon that stops has cancelled whoever waits for this; what happened is kept all the same.
            try await Task { try await store.finish(item.id, state: state, result: result) }.value
        } catch {
            // The next look finds it unfinished and asks the audit what happened.
            logger.error(
                "the end of an approved call could not be kept",
                metadata: ["item.id": "\(item.id)", "error": "\(error)"])
        }
        return ended
    }

    static func failure(_ code: String, _ error: String, _ remedy: String) -> JSONValue {
        [
            "success": false, "status": "error", "result": nil, "error": .string(error), "detail": .string(error),
            "code": .string(code), "remedy": .string(remedy), "dry_run": false,
        ]
    }

    /// Takes up what was approved and is not finished: after a start, when a lockdown ends, and now and then.
    ///
    /// Whether a call had begun is the audit's to say. One without an entry never began and runs now; one whose outcome
    /// is known is finished with it; one of which nobody knows is left to people.
    package func resume() async {
        do {
            for item in try await store.unfinished() {
                guard !gate.lockdown.state.isActive, !Task.isCancelled else { return }
                guard claim(item.id) else { continue }
                await takeUp(item.id)
                release(item.id)
            }
        } catch {
            logger.error("what was approved before could not be taken up", metadata: ["error": "\(error)"])
        }
    }

    private func takeUp(_ id: String) async {
        do {
            // As it is now: it may have ended between the list and the claim.
            guard let item = try await store.item(id), item.status == .approved else { return }
            switch item.execution.state {
            case .running: try await reconcile(item)
            case .queued: _ = await act(on: item)
            case .waiting, .done, .failed, .refused, .indeterminate: return
            }
        } catch {
            logger.error(
                "nobody can say yet what became of an approved call",
                metadata: ["item.id": "\(id)", "error": "\(error)"])
        }
    }

    private func reconcile(_ item: InboxItem) async throws {
        guard let auditID = item.execution.auditID else { return }
        let known = try await recorder.log.entry(auditID)
        // Refused is what was never begun: the store kept the beginning and could not say so.
        guard let entry = known, entry["kind"]?.stringValue != LineKind.refusal.rawValue else {
            try await store.requeue(item.id)
            _ = await act(on: item)
            return
        }
        let status = entry["status"]?.stringValue.flatMap(CallStatus.init(rawValue:)) ?? .unknown
        let state: InboxItem.Execution.State =
            switch status {
            case .ok, .dryRun: .done
            case .unknown: .indeterminate
            default: .failed
            }
        _ = await finish(item, state, RecoveredAnswer.json(of: entry))
    }
}
