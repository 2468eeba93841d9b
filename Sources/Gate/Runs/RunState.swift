/// Where a run stands (`status` of `GET /runs/{run_id}`). ``RunTransition`` says what leads from one to another.
package enum RunState: String, Sendable, Hashable, CaseIterable {
    /// A person has to decide first.
    case waiting = "waiting_approval"
    /// Anybody who runs calls may take it; nothing has begun.
    case queued
    /// A worker has taken it and still judges it; nothing has begun.
    case leased
    /// Begun: its audit entry may exist from here on, and so may its effects.
    case running
    case done
    /// It ran and failed.
    case failed
    /// It never ran: denied, expired, or refused by the gate.
    case refused
    /// Called off: before it began, in the middle, or by a person who gave up an unknown outcome.
    case cancelled
    /// Its worker was lost while it ran; nobody can say what happened, and it is never run again by itself.
    case indeterminate

    /// Whether this is the one recorded outcome.
    package var isFinal: Bool {
        switch self {
        case .done, .failed, .refused, .cancelled: true
        case .waiting, .queued, .leased, .running, .indeterminate: false
        }
    }

    /// Whether a worker has it.
    package var isHeld: Bool { self == .leased || self == .running }
}
