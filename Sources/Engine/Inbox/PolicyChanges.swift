internal import Audit
internal import Gate
internal import Logging
internal import ToolKit

/// Puts proposed policies in force that a person has approved. Doing it twice changes nothing the second time.
struct PolicyChanges: Sendable {
    let gate: Gate
    let recorder: Recorder
    let pool: BlockingPool
    /// Told of a policy that is in force by a decision.
    let onChange: @Sendable (_ version: String) async -> Void
    private let logger = Logger(label: "inbox")

    init(
        gate: Gate, recorder: Recorder, pool: BlockingPool,
        onChange: @escaping @Sendable (_ version: String) async -> Void
    ) {
        self.gate = gate
        self.recorder = recorder
        self.pool = pool
        self.onChange = onChange
    }

    /// - Returns: How it ended, and `Result` of the contract.
    func put(_ item: InboxItem) async -> (RunState, JSONValue) {
        guard let yaml = item.call.arguments["yaml"]?.stringValue, let base = item.policyBase else {
            return (.failed, Answer.failure("no_policy", "the item holds no policy", "propose it again"))
        }
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
            await onChange(gate.policy.version)
            return (
                .done,
                [
                    "success": true, "status": "ok",
                    "result": ["policy_version": .string(gate.policy.version)], "error": nil, "dry_run": false,
                ]
            )
        } catch is PolicyConflict {
            return (
                .failed,
                Answer.failure("policy_conflict", "the policy changed since this was proposed", "propose it again")
            )
        } catch let unavailable as AuditUnavailable {
            return (.failed, Answer.failure(AuditUnavailable.code, unavailable.message, unavailable.remedy))
        } catch {
            logger.error("an approved policy could not be put in force", metadata: ["error": "\(error)"])
            return (
                .failed,
                Answer.failure("policy_unwritable", "the policy file could not be written", "see the daemon's log")
            )
        }
    }
}

extension Answer {
    /// `Result` of the contract of something that never became a call.
    static func failure(_ code: String, _ error: String, _ remedy: String) -> JSONValue {
        [
            "success": false, "status": "error", "result": nil, "error": .string(error), "detail": .string(error),
            "code": .string(code), "remedy": .string(remedy), "dry_run": false,
        ]
    }
}
