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
        /// A policy that somebody proposes.
        case policyChange = "policy_change"
    }

    package enum Status: String, Sendable, CaseIterable {
        case pending
        case approved
        case denied
        case expired
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
    /// Unix seconds.
    package let createdAt: Double
    package let expiresAt: Double
    package var status = Status.pending
    package var decision: Decision?
    /// What approving starts.
    package var execution: Execution

    package init(
        id: String, kind: Kind, call: ToolCall, principal: String, risk: Risk, plan: JSONValue, isUndoable: Bool,
        policyBase: String? = nil, riskEstimate: Double? = nil, createdAt: Double, expiresAt: Double,
        execution: Execution
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
        case .denied, .expired: true
        case .approved: execution.state != .queued && execution.state != .running
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

        package init(isApproved: Bool, by: String, at: Double, note: String?, grantID: String? = nil) {
            self.isApproved = isApproved
            self.by = by
            self.at = at
            self.note = note
            self.grantID = grantID
        }
    }

    /// How far the call of an item has come.
    package struct Execution: Sendable, Hashable {
        /// `status` of a run, as `GET /runs/{run_id}` shows it.
        package enum State: String, Sendable, CaseIterable {
            case waiting = "waiting_approval"
            /// Approved; nothing has begun.
            case queued
            /// Begun: its audit entry may exist from here on.
            case running
            case done
            /// It ran and failed.
            case failed
            /// It never ran: denied, expired, or refused by the gate at the decision.
            case refused
            /// The daemon ended while it ran; nobody can say what happened.
            case indeterminate
        }

        package let runID: String
        package var state: State
        /// Of the call that ran; made before it begins, so that a crash leaves a trace to look for.
        package var auditID: String?
        /// `Result` of the contract.
        package var result: JSONValue?

        package init(runID: String, state: State = .waiting, auditID: String? = nil, result: JSONValue? = nil) {
            self.runID = runID
            self.state = state
            self.auditID = auditID
            self.result = result
        }
    }
}
