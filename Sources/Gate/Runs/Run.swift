package import ToolKit

/// One call on its way to one recorded outcome: begun at most once when it cannot be repeated.
package struct Run: Sendable, Hashable {
    package let id: String
    /// Canonical, when it was judged before.
    package private(set) var call: ToolCall
    package private(set) var digest: CallDigest
    /// Who asked.
    package let principal: String
    /// Whether it may be begun anew when nobody knows how far it came.
    package let isIdempotent: Bool
    /// The task whose step it is.
    package let step: TaskPlace?
    /// Unix seconds.
    package let createdAt: Double
    package var state: RunState
    /// Of the worker that has it, or had it last.
    package var lease: Lease?
    /// How often a worker has begun it.
    package var beginnings = 0
    /// Of the call that ran last; made before it begins, so that a crash leaves a trace to look for.
    package var auditID: String?
    /// The inbox item with which a person has let it pass.
    package var approvedItem: String?
    /// `Result` of the contract.
    package var result: JSONValue?

    package init(
        id: String, call: ToolCall, principal: String, isIdempotent: Bool, step: TaskPlace? = nil, createdAt: Double,
        state: RunState = .queued, auditID: String? = nil, result: JSONValue? = nil
    ) {
        self.id = id
        var call = call
        call.taskID = step?.taskID
        self.call = call
        digest = CallDigest(toolName: call.toolName, arguments: call.arguments)
        self.principal = principal
        self.isIdempotent = isIdempotent
        self.step = step
        self.createdAt = createdAt
        self.state = state
        self.auditID = auditID
        self.result = result
    }

    /// Its call as a person is shown it: what is shown is what runs.
    package mutating func show(_ item: InboxItem) {
        call = item.call
        digest = item.digest
    }
}

extension Run {
    /// A worker's right to a run: whoever has another token, or none, changes nothing.
    package struct Lease: Sendable, Hashable {
        package let token: String
        /// Unix seconds; the worker is taken for lost from then on.
        package let expiresAt: Double

        package init(token: String, expiresAt: Double) {
            self.token = token
            self.expiresAt = expiresAt
        }
    }
}

/// Which step of which task.
package struct TaskPlace: Sendable, Hashable {
    package let taskID: String
    /// From 1.
    package let step: Int

    package init(taskID: String, step: Int) {
        self.taskID = taskID
        self.step = step
    }
}
