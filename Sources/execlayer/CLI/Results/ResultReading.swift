internal import ToolKit

/// Tells from an answer how a verb ends.
enum ResultReading {
    /// Codes of the gate: nothing ran. Any other failure of a call that was answered with HTTP 200 is the tool's own.
    private static let refusals: Set<String> = [
        "approval_denied", "approval_expired", "approval_invalid", "approval_required", "audit_unavailable",
        "effect_applied", "effect_digest_mismatch", "effect_discarded", "effect_evicted", "effect_expired",
        "effect_under_way", "invalid_arguments", "lockdown", "not_undoable", "nothing_to_preview", "not_entitled",
        "path_outside_workspace", "policy_blocked", "rate_limited", "self_approval", "tool_disabled",
        "tool_not_granted", "tool_unavailable", "unbound_approval", "unknown_tool",
    ]

    /// The status of a `Result`, whichever door it came through.
    static func status(of result: JSONValue) -> CommandStatus {
        if result["success"]?.boolValue == false || result["status"]?.stringValue == "error" {
            return refusals.contains(result["code"]?.stringValue ?? "") ? .refused : .failed
        }
        // A program that ran and failed is an answer to an agent, and a failure to a script.
        return (result["result"]?["returncode"]?.integerValue ?? 0) == 0 ? .success : .failed
    }

    static func status(of answer: DaemonAnswer) -> CommandStatus {
        switch answer.status {
        case 200..<300: status(of: answer.body)
        case 503 where answer.body["code"] == "audit_unavailable": .refused
        case 503: .unreachable
        case 500...: .failed
        default: .refused
        }
    }

    /// What an answer without success says, as an error of ours.
    static func failure(of body: JSONValue, status: CommandStatus) -> CommandFailure {
        let message = body["detail"]?.stringValue ?? body["error"]?.stringValue
        var remedy = CommandLineRemedy.text(body["remedy"]?.stringValue, code: body["code"]?.stringValue)
        if let wait = body["retry_after_ms"]?.integerValue, remedy == nil { remedy = "call again in \(wait) ms" }
        return CommandFailure(status, message ?? "the daemon refused without a reason", remedy: remedy)
    }
}

extension DaemonDoor {
    /// The body of an answer that is a success.
    ///
    /// - Throws: ``CommandFailure`` with the words of the daemon, ``ClientFailure`` without an answer.
    func demand(_ request: DaemonRequest) async throws -> JSONValue {
        let answer = try await send(request)
        guard answer.isSuccess else {
            let status = ResultReading.status(of: answer)
            throw DaemonRefusal(answer: answer, failure: ResultReading.failure(of: answer.body, status: status))
        }
        return answer.body
    }

    /// - Throws: ``DaemonRefusal`` for an answer that is no file.
    func download(_ request: DaemonRequest) async throws -> [UInt8] {
        switch try await fetch(request) {
        case .file(let bytes): return bytes
        case .answer(let answer):
            let status = ResultReading.status(of: answer)
            throw DaemonRefusal(answer: answer, failure: ResultReading.failure(of: answer.body, status: status))
        }
    }
}

/// An answer that is no success, kept whole for `--json`.
struct DaemonRefusal: Error, Sendable {
    let answer: DaemonAnswer
    let failure: CommandFailure
}
