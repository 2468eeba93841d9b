internal import Audit
internal import Gate
internal import Logging
internal import ToolKit

/// What becomes of the account of a call.
struct KeptAccount: Sendable {
    /// Members of the answer.
    var answer: [String: JSONValue] = [:]
    /// Members of the last line of the audit.
    var record: [AuditRecord.Member] = []
    /// What the call came to instead, when its effect could not be kept.
    var outcome: Outcome?
}

extension EffectDesk {
    /// Keeps what a call that ran or was previewed has told of its effect. Blocks.
    func keep(_ account: CallEffects.Account, of ticket: Recorder.Ticket, _ outcome: Outcome) async -> KeptAccount {
        switch ticket.kind {
        case .plan: return KeptAccount()
        case .preview: return await keepPreview(account, of: ticket, outcome)
        case .run:
            if ticket.admitted.access.origin != nil { return Self.applied(outcome) }
            return await keepChange(account, of: ticket)
        }
    }

    /// The tools that apply and undo keep their records themselves, in one step with what they did.
    private static func applied(_ outcome: Outcome) -> KeptAccount {
        guard case .succeeded = outcome else { return KeptAccount() }
        return KeptAccount(answer: ["undoable": true], record: [("undoable", true)])
    }

    private func keepChange(_ account: CallEffects.Account, of ticket: Recorder.Ticket) async -> KeptAccount {
        guard !account.effect.isEmpty || !account.commits.isEmpty || account.undoProblem != nil else {
            return KeptAccount()
        }
        let effect = account.effect
        let contents = effect.contents(before: true, after: false)
        var problem = account.undoProblem
        if contents.values.reduce(0, +) > settings.effectStorageBytes {
            problem = problem ?? "what it replaced is more than effect_storage_bytes lets be kept"
        }
        var undo = UndoRecord(
            auditID: ticket.record.auditID, principal: ticket.record.principal, toolName: ticket.admitted.toolName,
            effect: effect, commits: account.commits, problem: problem, contents: contents, createdAt: time.wall)
        do {
            // Whoever asked may hang up; what happened is kept all the same.
            try await Task { [store, undo] in try await store.insert(undo) }.value
        } catch {
            logger.error(
                "what a call changed could not be kept",
                metadata: ["call.id": "\(ticket.record.auditID)", "error": "\(error)"])
            undo = UndoRecord(
                auditID: undo.auditID, principal: undo.principal, toolName: undo.toolName, effect: effect,
                problem: "what it changed could not be kept", contents: [:], createdAt: undo.createdAt)
        }
        var kept = KeptAccount()
        kept.answer = undo.state.members
        kept.record = kept.answer.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        if !effect.isEmpty {
            // The diffs are the caller's own words, or can be asked for.
            kept.answer["effects"] = EffectView(effect, contents: nil, diff: diff).json
            kept.record.append(("files_changed", .integer(effect.files.count)))
        }
        if !account.omissions.isEmpty {
            kept.answer["omissions"] = .array(account.omissions.map(JSONValue.string))
        }
        return kept
    }

    private func keepPreview(
        _ account: CallEffects.Account, of ticket: Recorder.Ticket, _ outcome: Outcome
    ) async -> KeptAccount {
        switch outcome {
        case .succeeded: break
        // A program that was ended at a limit has done something as well.
        case .failed where !account.effect.isEmpty: break
        case .failed, .planned, .interrupted, .faulted: return KeptAccount()
        }
        let effect = account.effect
        guard effect.contents(before: false, after: true).values.reduce(0, +) <= settings.effectStorageBytes else {
            return KeptAccount(
                outcome: .failed(
                    ToolFailure(
                        "effect_too_large", "the effect is larger than effect_storage_bytes lets be kept",
                        remedy: "preview something smaller, or have an operator raise effect_storage_bytes")))
        }
        let view = view(effect, countsAll: true)
        let record = self.record(of: account, ticket, outcome, lines: view.lines)
        do {
            // Its contents are not synced: what a loss of power takes of a preview is found when it is applied, by its
            // hash, and nothing has happened yet.
            try await makeRoom(for: record.principal)
            try await Task { [store] in try await store.insert(record) }.value
        } catch {
            logger.error(
                "an effect could not be kept",
                metadata: ["call.id": "\(record.auditID)", "error": "\(error)"])
            let unkept = ToolFailure(
                StoreUnavailable.code, "the effect could not be kept", remedy: "see the daemon's log, and repeat it")
            let failure = (error as? ToolFailure) ?? unkept
            return KeptAccount(outcome: .failed(failure))
        }
        tell(record, .previewed)
        var kept = KeptAccount()
        kept.answer = Self.members(of: record)
        kept.answer["effects"] = redacted(view.json)
        kept.answer.merge(verdict(on: record)) { own, _ in own }
        kept.record = [
            ("effect_digest", .string(record.digest)), ("effect_id", .string(record.id)),
            ("files_changed", .integer(effect.files.count)),
        ]
        return kept
    }

    private func record(
        of account: CallEffects.Account, _ ticket: Recorder.Ticket, _ outcome: Outcome, lines: [Int?]
    ) -> EffectRecord {
        let admitted = ticket.admitted
        let now = time.wall
        let answer = Ending(of: outcome, ticket: ticket).answer(
            to: ticket, duration: ticket.record.elapsedMilliseconds, redactor: recorder.redactor)
        let arguments = recorder.redactor.arguments(
            // Whoever decides about the effect of a script wants to read it.
            admitted.arguments, contentArguments: admitted.contentNames.subtracting(["script"]))
        return EffectRecord(
            id: Identifier.make("eff"), principal: ticket.record.principal, agentID: ticket.record.call.agentID,
            toolName: admitted.toolName, arguments: arguments.args,
            callDigest: CallDigest(toolName: admitted.toolName, arguments: admitted.arguments),
            auditID: ticket.record.auditID, effect: account.effect, lines: lines, basis: Self.basis(of: admitted),
            method: account.method, omissions: account.omissions, answer: answer.json,
            policyVersion: gate.policy.version, createdAt: now,
            expiresAt: now + Double(settings.effectTTLSeconds))
    }

    /// What a run of the call could have done without a person.
    private static func basis(of admitted: AdmittedCall) -> EffectFacts.Basis {
        let commands = admitted.judgement.commands
        guard !commands.isEmpty else { return .everything }
        // A throw-away layer of everything is no leave to keep it.
        guard commands.allSatisfy({ $0.verdict == .allow }), !admitted.access.runsAsPreview,
            !admitted.access.commands.contains(where: \.isLayered)
        else { return .nothing }
        return .folders(commands.flatMap { $0.pinned?.writes ?? [] })
    }
}
