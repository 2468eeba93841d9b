package import ToolKit

/// Something that waits for a person: a call, or a change of the policy.
///
/// What is shown is what runs: the call is kept in its canonical form, and ``digest`` holds it to that (SECURITY R54).
package struct InboxItem: Sendable, Hashable {
    /// Why it is there (`request_type` of the contract).
    package enum Kind: String, Sendable, CaseIterable {
        /// An agent asked with `POST /request`.
        case executionRequest = "execution_request"
        /// A call of `/run` that waits for its approval.
        case run
        /// A step of a task that needs an approval.
        case taskStep = "task_step"
        /// A policy that somebody proposes.
        case policyChange = "policy_change"
        /// A run of which nobody knows how it ended: a person says what happened.
        case indeterminate
        /// A honeytoken was seen: its caller is paused until a person lets it go on, or ends its token.
        case incident
    }

    package enum Status: String, Sendable, CaseIterable {
        case pending
        case approved
        case denied
        case expired
        /// Nobody has to decide any more: its run was called off, or its end became known after all.
        case withdrawn
    }

    package let id: String
    package let kind: Kind
    /// Canonical name and arguments; for a policy change `change:policy` and the whole file as `yaml`.
    package let call: ToolCall
    package let digest: CallDigest
    /// Who asked.
    package let principal: String
    package let risk: Risk
    /// What would happen, as it was when the item was made.
    package let plan: JSONValue
    package let isUndoable: Bool
    /// For a policy change: the version that it was written against. Another one in force since is a conflict.
    package let policyBase: String?
    /// What the asker thinks of the risk, from 0 to 1; shown, never believed.
    package let riskEstimate: Double?
    /// The task whose step waits.
    package let step: TaskPlace?
    /// Unix seconds.
    package let createdAt: Double
    /// Infinite for what has to be answered, however late.
    package let expiresAt: Double
    package var status = Status.pending
    package var decision: Decision?
    /// What approving starts.
    package var execution: Execution

    package init(
        id: String, kind: Kind, call: ToolCall, principal: String, risk: Risk, plan: JSONValue, isUndoable: Bool,
        policyBase: String? = nil, riskEstimate: Double? = nil, step: TaskPlace? = nil, createdAt: Double,
        expiresAt: Double, execution: Execution
    ) {
        self.id = id
        self.kind = kind
        self.call = call
        digest = CallDigest(toolName: call.toolName, arguments: call.arguments)
        self.principal = principal
        self.risk = risk
        self.plan = plan
        self.isUndoable = isUndoable
        self.policyBase = policyBase
        self.riskEstimate = riskEstimate
        self.step = step
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.execution = execution
    }

    /// Whether a decision may still be made at this time.
    package func isOpen(at wall: Double) -> Bool { status == .pending && wall < expiresAt }

    /// Whether nothing more will happen to it by itself.
    package var isSettled: Bool {
        switch status {
        case .pending: false
        case .denied, .expired, .withdrawn: true
        case .approved: execution.state.isFinal
        }
    }

    /// In bytes, as it is kept, without the result.
    package var storedSize: Int {
        JSONWriter.write(call.stored).count + JSONWriter.write(plan).count
    }
}

extension InboxItem {
    /// Final: no second one ever replaces it (SECURITY R57).
    package struct Decision: Sendable, Hashable {
        package let isApproved: Bool
        /// The principal who decided.
        package let by: String
        /// Unix seconds.
        package let at: Double
        package let note: String?
        /// The standing grant that was made with it.
        package let grantID: String?
        /// What became of a run of unknown outcome.
        package let resolution: Resolution?

        package init(
            isApproved: Bool, by: String, at: Double, note: String?, grantID: String? = nil,
            resolution: Resolution? = nil
        ) {
            self.isApproved = isApproved
            self.by = by
            self.at = at
            self.note = note
            self.grantID = grantID
            self.resolution = resolution
        }

        /// What it does to the run.
        package var event: RunEvent {
            switch resolution {
            case .happened: .happened
            case .retry: .retry
            case .abandon: .abandon
            case nil: isApproved ? .approve : .deny
            }
        }

        /// Where it takes the run.
        package var runState: RunState {
            switch resolution {
            case .happened: .done
            case .abandon: .cancelled
            case .retry: .queued
            case nil: isApproved ? .queued : .refused
            }
        }
    }

    /// What a person says of a run that nobody knows the end of.
    package enum Resolution: String, Sendable, Hashable, CaseIterable {
        /// It did what it should: the run is done.
        case happened
        /// It did nothing, or nothing that matters: it runs again.
        case retry
        /// It is given up as it is.
        case abandon
    }

    /// How far the call of an item has come: as much of its ``Run`` as people are shown.
    package struct Execution: Sendable, Hashable {
        package let runID: String
        package var state: RunState
        /// Of the call that ran; made before it begins, so that a crash leaves a trace to look for.
        package var auditID: String?
        /// `Result` of the contract.
        package var result: JSONValue?

        package init(runID: String, state: RunState = .waiting, auditID: String? = nil, result: JSONValue? = nil) {
            self.runID = runID
            self.state = state
            self.auditID = auditID
            self.result = result
        }

        package init(_ run: Run) {
            self.init(runID: run.id, state: run.state, auditID: run.auditID, result: run.result)
        }
    }

    /// The run that waits with a new item.
    ///
    /// - Parameter isIdempotent: Whether its call may be repeated.
    package func run(isIdempotent: Bool) -> Run {
        Run(
            id: execution.runID, call: call, principal: principal, isIdempotent: isIdempotent, step: step,
            createdAt: createdAt, state: execution.state)
    }
}
