/// A goal and the steps towards it, kept so that it goes on after anything.
package struct AgentTask: Sendable, Hashable {
    /// Where a task stands (`status` of the contract).
    package enum Status: String, Sendable, Hashable, CaseIterable {
        /// No step has begun.
        case pending
        case running
        /// A person has to decide about a step, or to say what became of one.
        case waiting = "waiting_approval"
        /// Somebody, or a failure that came back, stopped it; ``AgentTask/note`` says why.
        case paused
        case completed
        case failed
        case cancelled

        package var isFinished: Bool {
            switch self {
            case .completed, .failed, .cancelled: true
            case .pending, .running, .waiting, .paused: false
            }
        }
    }

    /// Where its steps come from.
    package enum Source: String, Sendable, Hashable, CaseIterable {
        /// From whoever made it, all at once.
        case given
        /// From the built-in planner.
        case builtIn = "built_in"
        /// A model is asked after each step.
        case model
        /// Somebody appends them one by one.
        case outside
    }

    package let id: String
    package let goal: String
    /// Who made it, and whose calls its steps are.
    package let principal: String
    /// A label for the record.
    package let agentID: String?
    package let source: Source
    /// As lowered to the configuration of the moment in which it was made.
    package let maxSteps: Int
    package let maxRetries: Int
    package let playbookID: String?
    /// Unix seconds.
    package let createdAt: Double

    package var status = Status.pending
    /// Whether it runs on in the background.
    package var isStarted = false
    /// Why it is paused or failed, for people.
    package var note: String?
    /// The number of the step that is under way or next; one more than there are when all are done.
    package var current = 1
    package var stepCount: Int
    /// Of all its steps as they were drafted, in bytes.
    package var size: Int
    /// Unix seconds; a started task does not go on before.
    package var wakeAt: Double
    /// Raised by the store with every change: what a writer has seen is compared with it.
    package var revision = 0
    package var updatedAt: Double

    package init(
        id: String, goal: String, principal: String, agentID: String? = nil, source: Source = .given,
        maxSteps: Int = 50,
        maxRetries: Int = 3, playbookID: String? = nil, createdAt: Double, stepCount: Int, size: Int
    ) {
        self.id = id
        self.goal = goal
        self.principal = principal
        self.agentID = agentID
        self.source = source
        self.maxSteps = maxSteps
        self.maxRetries = maxRetries
        self.playbookID = playbookID
        self.createdAt = createdAt
        self.stepCount = stepCount
        self.size = size
        wakeAt = createdAt
        updatedAt = createdAt
    }

    /// Whether the background may take it further at this time.
    package func isDue(at wall: Double) -> Bool {
        isStarted && (status == .pending || status == .running) && wakeAt <= wall
    }

    /// Whether all its steps are done and nobody can say of a further one.
    package var isOver: Bool { current > stepCount && (source == .given || source == .builtIn) }

    /// In bytes, on a page of a list, without its steps.
    package var listedSize: Int { 300 + goal.utf8.count + (note?.utf8.count ?? 0) }
}
