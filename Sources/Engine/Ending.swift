internal import Audit
internal import Gate
internal import ToolKit

/// An outcome in the words of record and answer.
struct Ending {
    let status: CallStatus
    let result: JSONValue
    let summary: String?
    let error: String?
    let code: String?
    let remedy: String?
    let confinement: String?
    var details: [String: JSONValue] = [:]

    init(of outcome: Outcome, ticket: Recorder.Ticket) {
        switch outcome {
        case .succeeded(let output):
            self.init(.ok, result: output.result, summary: output.summary, confinement: output.confinement)
        case .planned(let plan):
            self.init(.dryRun, result: Self.planned(plan, ticket), summary: plan["summary"]?.stringValue ?? "planned")
        case .failed(let failure):
            self.init(
                Self.status(of: failure), result: failure.result ?? .null, error: failure.message, code: failure.code,
                remedy: failure.remedy, confinement: failure.confinement)
            details = failure.details
        case .interrupted(.timedOut):
            self.init(
                .timeout, error: "timeout: the call took longer than it may", code: "timeout",
                remedy: "ask for less at once")
        case .interrupted(.cancelled):
            self.init(
                .cancelled, error: "cancelled: the daemon ended the call", code: "cancelled", remedy: "repeat the call")
        case .faulted:
            self.init(
                .error, error: "the tool failed unexpectedly", code: "internal_error", remedy: "see the daemon's log")
        }
    }

    private init(
        _ status: CallStatus, result: JSONValue = .null, summary: String? = nil, error: String? = nil,
        code: String? = nil, remedy: String? = nil, confinement: String? = nil
    ) {
        self.status = status
        self.result = result
        self.summary = summary
        self.error = error
        self.code = code
        self.remedy = remedy
        self.confinement = confinement
    }

    /// A file that policy keeps from this call is a matter of policy, whoever noticed it.
    private static func status(of failure: ToolFailure) -> CallStatus {
        switch failure.code {
        case "policy_blocked", "path_outside_workspace": .policyBlocked
        case "timeout": .timeout
        default: .error
        }
    }

    /// `result` of a dry run: nothing was executed.
    private static func planned(_ plan: [String: JSONValue], _ ticket: Recorder.Ticket) -> JSONValue {
        let admitted = ticket.admitted
        var plan = plan
        plan["approval_required"] = .bool(admitted.needsApproval)
        plan["covered_by_grant"] = admitted.grantID.map(JSONValue.string)
        plan["policy"] = [
            "verdict": .string(admitted.judgement.verdict.name),
            "rules": .array(admitted.judgement.sentences.map(JSONValue.string)),
        ]
        return [
            "dry_run": true, "tool": .string(admitted.toolName),
            "args_summary": .string(ticket.argsSummary), "plan": .object(plan),
        ]
    }

    func answer(
        to ticket: Recorder.Ticket, duration: Double, redactor: Redactor
    ) -> Answer {
        var answer = Answer(
            kind: .outcome, isSuccess: error == nil, result: redactor.withoutKnownSecrets(result),
            error: error.map { redactor.text($0) }, code: code, remedy: remedy, auditID: ticket.record.auditID,
            traceID: ticket.record.traceID, isDryRun: ticket.kind == .plan, durationMilliseconds: duration,
            confinement: confinement)
        answer.more = details
        return answer
    }
}
