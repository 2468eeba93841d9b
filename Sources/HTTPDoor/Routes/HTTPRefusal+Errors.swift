internal import Audit
internal import Engine
internal import Gate
internal import ToolKit

extension HTTPRefusal {
    init(_ failure: AuthenticationFailure) {
        switch failure {
        case .missing:
            self.init(
                401, code: "token_required", "a token is required",
                remedy: "send it in the header X-Execution-Token, or as Authorization: Bearer")
        case .wrong:
            self.init(
                401, code: "invalid_token", "the token is not valid",
                remedy: "use EXECUTION_TOKEN or a token from execlayer token create")
        case .sessionOver:
            self.init(
                401, code: "session_over", "this sign-in has ended, or was made by another page",
                remedy: "sign in again with a token")
        case .tooMany(let seconds):
            self.init(
                429, code: "too_many_failures", "too many wrong tokens came from this address",
                remedy: "try again in \(seconds) s; a right token passes at once", retryAfterSeconds: seconds)
        }
    }

    /// What an error of ours means to a client; one that means nothing is thrown on, as a fault.
    init(of error: any Error) throws {
        switch error {
        case let refusal as HTTPRefusal: self = refusal
        case let refusal as Refusal: self.init(refusal)
        case let refusal as ConfigurationRefusal:
            self.init(refusal.httpStatus, code: refusal.code, refusal.message, remedy: refusal.remedy)
        case let problems as ArgumentProblems: self = .fields(problems)
        case is AuditUnavailable:
            self.init(
                503, code: "audit_unavailable", "the audit log cannot be written, so nothing was changed",
                remedy: "free space on the disk of the home folder, or see the daemon's log", retryAfterSeconds: 5)
        case let unavailable as StoreUnavailable:
            self.init(
                503, code: StoreUnavailable.code, unavailable.message, remedy: unavailable.remedy, retryAfterSeconds: 5)
        default: throw error
        }
    }

    private init(_ refusal: Refusal) {
        let status =
            switch (refusal.status, refusal.code) {
            case (.locked, _): 423
            case (.unauthorized, _), (.policyBlocked, _): 403
            case (_, "unknown_tool"), (_, TaskDesk.unknownStepCode), (_, EffectFailure.unknownEffect.code): 404
            case (_, "operator_first"), (_, "last_operator"), (_, "name_taken"), (_, "already_decided"),
                (_, "approval_expired"), (_, "policy_conflict"), (_, "task_finished"), (_, "step_not_failed"),
                (_, "step_limit"), (_, "built_in_playbook"), (_, "playbooks_full"),
                (_, EffectFailure.underWay.code), (_, EffectFailure.otherDigest.code), (_, "effect_applied"),
                (_, "effect_discarded"), (_, "effect_expired"), (_, "effect_evicted"):
                409
            case (.rateLimited, _): 429
            default: 422
            }
        self.init(
            status, code: refusal.code, refusal.message, remedy: refusal.remedy,
            retryAfterSeconds: status == 429 ? max(1, (refusal.retryAfterMilliseconds ?? 60_000) / 1_000) : nil,
            more: refusal.problems.isEmpty ? [:] : ["fields": Self.list(refusal.problems)])
    }

    /// 422 with every bad field of the envelope.
    static func fields(_ problems: ArgumentProblems) -> HTTPRefusal {
        HTTPRefusal(
            422, code: "invalid_request", "invalid request: \(problems)", remedy: "correct the fields that are named",
            more: ["fields": list(problems.problems)])
    }

    static func field(_ name: String, _ reason: String) -> HTTPRefusal {
        fields(ArgumentProblems([ArgumentProblem(field: name, reason: reason)]))
    }

    static func unknown(_ what: String) -> HTTPRefusal {
        HTTPRefusal(
            404, code: "unknown_\(what)", "there is no such \(what)", remedy: "list what there is and use its id")
    }

    private static func list(_ problems: [ArgumentProblem]) -> JSONValue {
        .array(problems.map { ["field": .string($0.field), "reason": .string($0.reason)] })
    }
}
