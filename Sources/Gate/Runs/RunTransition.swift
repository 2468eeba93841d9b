/// One arrow of the state machine of `docs/run-states.md`. Stores ask this table and know no other arrows.
package struct RunTransition: Sendable, Hashable {
    package let from: RunState
    package let event: RunEvent
    package let to: RunState

    init(_ from: RunState, _ event: RunEvent, _ to: RunState) {
        self.from = from
        self.event = event
        self.to = to
    }

    package static let all: [RunTransition] = [
        RunTransition(.waiting, .approve, .queued),
        RunTransition(.waiting, .deny, .refused),
        RunTransition(.waiting, .cancel, .cancelled),
        RunTransition(.queued, .lease, .leased),
        RunTransition(.queued, .cancel, .cancelled),
        RunTransition(.leased, .giveBack, .queued),
        RunTransition(.leased, .park, .waiting),
        RunTransition(.leased, .refuse, .refused),
        RunTransition(.leased, .cancel, .cancelled),
        RunTransition(.leased, .begin, .running),
        RunTransition(.running, .finish, .done),
        RunTransition(.running, .finish, .failed),
        RunTransition(.running, .finish, .cancelled),
        RunTransition(.running, .requeue, .queued),
        RunTransition(.running, .lose, .indeterminate),
        RunTransition(.indeterminate, .finish, .done),
        RunTransition(.indeterminate, .finish, .failed),
        RunTransition(.indeterminate, .finish, .cancelled),
        RunTransition(.indeterminate, .happened, .done),
        RunTransition(.indeterminate, .retry, .queued),
        RunTransition(.indeterminate, .abandon, .cancelled),
        RunTransition(.indeterminate, .cancel, .cancelled),
    ]

    /// Whether the event may lead from the one state to the other.
    package static func allows(_ from: RunState, _ event: RunEvent, _ to: RunState) -> Bool {
        all.contains(RunTransition(from, event, to))
    }

    /// States in which the event may come.
    package static func sources(of event: RunEvent) -> [RunState] {
        RunState.allCases.filter { state in all.contains { $0.from == state && $0.event == event } }
    }
}

/// What happens to a run.
package enum RunEvent: String, Sendable, Hashable, CaseIterable {
    // A person.
    case approve
    case deny
    case cancel
    case happened
    case retry
    case abandon
    // A worker, with the token of its attempt.
    case lease
    case giveBack = "give_back"
    case park
    case refuse
    case begin
    case finish
    // Whoever finds that a worker is gone.
    case requeue
    case lose
}
