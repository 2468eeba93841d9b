package import Audit
package import Gate
internal import Logging
package import ToolKit

/// Turns what happens to a call into lines of the audit.
package struct Recorder: Sendable {
    package let log: AuditLog
    package let redactor: Redactor
    private let time: any TimeSource
    private let logger = Logger(label: "engine.record")

    package init(log: AuditLog, redactor: Redactor, time: any TimeSource) {
        self.log = log
        self.redactor = redactor
        self.time = time
    }

    /// A call whose intent is recorded and whose outcome is owed.
    struct Ticket: Sendable {
        let record: CallRecord
        let kind: Grant.Kind
        let admitted: AdmittedCall
        /// Who and what, redacted: the members of every line of the call.
        let labels: [AuditRecord.Member]
        /// The arguments in one line, redacted.
        let argsSummary: String
        /// All that the one line of a dry run says of the call; empty for a run.
        let planMembers: [AuditRecord.Member]
        /// What is not in the audit yet: the intent of a call that is over in a moment goes there with its outcome.
        let intent: AuditRecord?
    }

    /// The last line of a call and what to tell the caller once that line is on disk.
    struct Closing: Sendable {
        /// In front of the last line, when it has not been handed over before.
        var intent: AuditRecord?
        /// `nil` for a refusal that the gate only counted.
        let line: AuditRecord?
        let answer: Answer
    }

    /// Records the intent. A call that can change something is on disk when this returns; for one that only reads, the
    /// line is in the queue, in front of its outcome, and shares the outcome's sync. Where all it does is to read single
    /// files, both lines are handed over together at its end: half the visits to the one queue that all calls share.
    ///
    /// A dry run touches nothing and has no intent; it has one line.
    func open(_ grant: borrowing Grant, for record: CallRecord) async throws -> Ticket {
        let admitted = grant.admitted
        let labels = record.labels(toolName: admitted.toolName) { redactor.text($0) }
        let redacted = redactor.arguments(admitted.arguments, contentArguments: admitted.contentNames)
        var members = labels
        if let id = admitted.approvalID { members.append(("approval_id", .string(id))) }
        if let id = admitted.itemID { members.append(("approval_request_id", .string(id))) }
        add(redacted, to: &members)
        // A dry run only says which one would cover it.
        if grant.kind != .plan, let id = admitted.grantID { members.append(("grant_id", .string(id))) }
        if grant.kind == .preview { members.append(("preview", true)) }
        members.append(("ts", .number(record.receivedAt)))
        let runs = grant.kind != .plan
        let intent = AuditRecord(.intent, auditID: record.auditID, members: members)
        let isHeld = runs && admitted.access.isQuick
        if isHeld {
            try log.requireHealth()
        } else if runs, admitted.access.canChange {
            _ = try await log.append(intent)
        } else if runs {
            try log.enqueue(intent)
        }
        return Ticket(
            record: record, kind: grant.kind, admitted: admitted, labels: labels, argsSummary: redacted.summary,
            planMembers: grant.kind == .plan ? members : [], intent: isHeld ? intent : nil)
    }

    /// How a call that ran or was planned ended, and what it has kept.
    ///
    /// - Parameters:
    ///   - effects: What is known of its effect.
    ///   - connections: Whom it has sent requests to.
    ///   - sighted: Where planted credentials were seen.
    ///   - armed: What is left of the caller's armed period, for tools that need one.
    func closing(
        _ ticket: Ticket, with outcome: Outcome, keeping artifacts: [Artifact] = [],
        effects: KeptAccount = KeptAccount(), connections: CallConnections = CallConnections(),
        sighted: HoneytokenAccount = HoneytokenAccount(), armed: Int? = nil
    ) -> Closing {
        let record = ticket.record
        let duration = record.elapsedMilliseconds
        let ending = Ending(of: outcome, ticket: ticket)
        if case .faulted(let description) = outcome {
            logger.error(
                "a tool failed in a way it should not",
                metadata: ["call.id": "\(record.auditID)", "error": "\(redactor.text(description))"])
        }
        // The intent has said what was asked; the outcome adds how it ended.
        var members = ticket.kind == .plan ? ticket.planMembers : ticket.labels
        if !artifacts.isEmpty {
            let kept = artifacts.map {
                ["artifact_id": .string($0.id), "size": .integer($0.size), "sha256": .string($0.sha256)] as JSONValue
            }
            members.append(("artifacts", .array(kept)))
        }
        if let code = ending.code { members.append(("code", .string(code))) }
        if let ledger = connections.json { members.append(("connections", redactor.value(ledger))) }
        members.append(("duration_ms", .number(duration)))
        if let error = ending.error { members.append(("error", .string(redactor.text(error)))) }
        members += sighted.record
        if let summary = ending.summary { members.append(("result_summary", .string(redactor.text(summary)))) }
        members += effects.record
        if let armed { members.append(("armed_seconds_left", .integer(armed))) }
        if ticket.kind == .preview { members.append(("preview", true)) }
        members.append(("status", .string(ending.status.rawValue)))
        if ticket.kind != .plan { members.append(("ts", .number(time.wall))) }
        // A dry run that could not be planned is a refusal: nothing ran, and no intent waits for an outcome.
        let kind: LineKind = ticket.kind == .plan && ending.status != .dryRun ? .refusal : .outcome
        var answer = ending.answer(to: ticket, duration: duration, redactor: redactor)
        answer.more.merge(effects.answer) { own, _ in own }
        answer.more.merge(sighted.answer) { own, _ in own }
        if let armed { answer.more["armed_seconds_left"] = .integer(armed) }
        if ticket.kind == .preview { answer.more["preview"] = true }
        return Closing(
            intent: ticket.intent, line: AuditRecord(kind, auditID: record.auditID, members: members), answer: answer)
    }

    /// A call that the gate refused: one line.
    ///
    /// - Parameter toolName: Of the tool that was meant; `nil` when there is none.
    func closing(_ record: CallRecord, with refusal: Refusal, of toolName: String? = nil) -> Closing {
        guard !refusal.isCounted else { return Closing(line: nil, answer: Answer(refusal, record)) }
        let line = line(
            of: record, toolName ?? record.call.toolName, code: refusal.code,
            ("error", .string(redactor.text(refusal.message))), refusal.status)
        return Closing(line: line, answer: Answer(refusal, record))
    }

    /// A call that was answered before under its key: one line of the kind that says that nothing ran, with the status that
    /// was answered.
    func closing(_ record: CallRecord, replaying first: JSONValue, of toolName: String) -> Closing {
        let answer = Answer(replaying: first, record)
        let status: CallStatus =
            answer.kind == .waiting ? .approvalRequired : answer.isDryRun ? .dryRun : answer.isSuccess ? .ok : .error
        let line = line(
            of: record, toolName, code: answer.code, ("replay_of", .string(answer.auditID)), status)
        return Closing(line: line, answer: answer)
    }

    /// The one line of a call that did not run.
    ///
    /// - Parameter why: `error` or `replay_of`.
    private func line(
        of record: CallRecord, _ toolName: String, code: String?, _ why: AuditRecord.Member, _ status: CallStatus
    ) -> AuditRecord {
        var members = record.labels(toolName: toolName) { redactor.text($0) }
        add(redactor.arguments(record.call.arguments, contentArguments: Self.contentLike), to: &members)
        if let code { members.append(("code", .string(code))) }
        members.append(("duration_ms", .number(record.elapsedMilliseconds)))
        members.append(why)
        members.append(("status", .string(status.rawValue)))
        members.append(("ts", .number(record.receivedAt)))
        return AuditRecord(.refusal, auditID: record.auditID, members: members)
    }

    private func add(_ arguments: Redactor.Arguments, to members: inout [AuditRecord.Member]) {
        members.append(("args", arguments.args))
        members.append(("args_summary", .string(arguments.summary)))
    }

    /// A call that waits in the inbox: one line, because nothing ran yet.
    func closing(_ record: CallRecord, waitingFor item: InboxItem) -> Closing {
        let refusal = Refusal(
            .approvalRequired, code: "waiting_approval", "waits for a person's decision",
            remedy: "ask for the run until somebody has decided")
        guard var line = closing(record, with: refusal, of: item.call.toolName).line else {
            return Closing(line: nil, answer: Answer(waitingFor: item, record))
        }
        line.fields["approval_request_id"] = .string(item.id)
        line.fields["run_id"] = .string(item.execution.runID)
        return Closing(line: line, answer: Answer(waitingFor: item, record))
    }

    /// A change that somebody makes to the daemon, with its secrets removed.
    package func change(
        _ name: String, by principal: String, before: JSONValue, after: JSONValue
    ) -> AuditRecord {
        AuditRecord(
            .change, auditID: Identifier.make("chg"),
            fields: [
                "tool_name": .string(name), "principal": .string(principal), "ts": .number(time.wall),
                "status": "ok", "before": redactor.value(before), "after": redactor.value(after),
            ])
    }

    /// Says of a change that was recorded that it was not kept after all. When even that cannot be recorded, the log of the
    /// operator has it.
    func retract(_ name: String, _ change: JSONValue) async {
        do {
            _ = try await log.append(
                self.change(name, by: "daemon", before: change, after: ["retracted": "it could not be kept"]))
        } catch {
            logger.error(
                "a change that was not kept could not be taken back in the audit", metadata: ["change": "\(name)"])
        }
    }

    /// Puts the last line on disk; only then is there an answer.
    ///
    /// - Parameter done: Called once, at once or on the audit's thread, with the answer that may leave.
    func close(_ closing: Closing, for record: CallRecord, then done: @escaping @Sendable (Answer) -> Void) {
        guard let line = closing.line else { return done(closing.answer) }
        do throws(AuditUnavailable) {
            try log.append(line, behind: closing.intent) { result in
                guard case .success(let receipt) = result else { return done(.unrecorded(record)) }
                var answer = closing.answer
                // An answer that is repeated is the first one's, to the letter.
                if answer.first == nil { answer.receipt = receipt }
                done(answer)
            }
        } catch {
            done(.unrecorded(record))
        }
    }

    /// Every text that a caller chose freely.
    package func withoutSecrets(_ fields: [String: JSONValue]) -> [String: JSONValue] {
        var fields = fields
        for name in Self.callersWords {
            if case .string(let text) = fields[name] { fields[name] = .string(redactor.text(text)) }
        }
        return fields
    }

    private static let callersWords = [
        "tool_name", "called_as", "department", "agent_id", "reason", "caller_trace_id", "path", "method",
    ]

    /// Arguments that hold contents in any tool we know; a refused call may belong to no tool whose schema would tell.
    private static let contentLike: Set<String> = ["content", "text", "patch", "script"]
}
