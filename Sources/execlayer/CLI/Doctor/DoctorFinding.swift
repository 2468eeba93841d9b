internal import ToolKit

/// One line of `execlayer doctor`.
struct DoctorFinding: Sendable, Hashable {
    enum State: String, Sendable {
        case enforced
        case notEnforced = "NOT ENFORCED"
        case missing
        /// Worth knowing; nothing is wrong.
        case note
    }

    /// What is looked at, a few words: `home permissions`.
    let subject: String
    let state: State
    /// One clause about what was found.
    let detail: String
    /// What to do; `nil` when nothing is to be done.
    let fix: String?

    init(_ subject: String, _ state: State, _ detail: String, fix: String? = nil) {
        self.subject = subject
        self.state = state
        self.detail = detail
        self.fix = fix
    }

    var isGood: Bool { state == .enforced || state == .note }

    var json: JSONValue {
        let name = state == .notEnforced ? "not_enforced" : state.rawValue
        return [
            "subject": .string(subject), "state": .string(name), "detail": .string(detail), "fix": JSONValue(fix),
        ]
    }
}
