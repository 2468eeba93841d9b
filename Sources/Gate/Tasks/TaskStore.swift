/// Keeps tasks and their steps.
///
/// Every conformer promises: what returned survives a crash; a change is made as a whole or not at all; of any number of
/// concurrent changes of one task that were made of the same revision, one is made.
package protocol TaskStore: Sendable {
    /// A new task with its steps, numbered from 1.
    ///
    /// - Returns: Whether there was none of that id.
    func insert(_ task: AgentTask, steps: [TaskStep]) async throws -> Bool

    func task(_ id: String) async throws -> AgentTask?

    func step(_ number: Int, ofTask id: String) async throws -> TaskStep?

    /// Steps in their order from one on; fewer than asked for when they grow beyond ``TaskQuery/pageBytes``, with one at
    /// least.
    func steps(ofTask id: String, from number: Int, limit: Int) async throws -> [TaskStep]

    /// The facts of the steps in their order, without arguments and results.
    func facts(ofTask id: String, from number: Int, limit: Int) async throws -> [StepFacts]

    /// Changes a task that still has the revision of `task`, and raises it.
    ///
    /// - Parameters:
    ///   - steps: Those that change, of which only facts and result do, and new ones.
    ///   - run: A new run, to which a step points from now on.
    /// - Returns: Whether it had that revision.
    func change(_ task: AgentTask, steps: [TaskStep], run: Run?) async throws -> Bool

    /// A page, newest first. It ends early when it grows beyond ``TaskQuery/pageBytes``, with one task at least.
    func tasks(_ query: TaskQuery) async throws -> TaskPage

    /// Ids of started tasks that may go on, those first that have waited longest.
    func due(at wall: Double, limit: Int) async throws -> [String]

    /// How many are unfinished, and how large all of them are, for the limits.
    func taskLoad(of principal: String) async throws -> TaskLoad

    /// Removes finished tasks that were changed last before this time, the oldest first and at most `limit` of them, with
    /// their steps and runs.
    ///
    /// - Parameter principal: Only of this caller; `nil` for all.
    /// - Returns: How many.
    func removeFinished(changedBefore wall: Double, of principal: String?, limit: Int) async throws -> Int
}

extension TaskStore {
    package func change(_ task: AgentTask, steps: [TaskStep] = []) async throws -> Bool {
        try await change(task, steps: steps, run: nil)
    }
}

/// What a list of tasks asks for.
package struct TaskQuery: Sendable, Hashable {
    /// Of one page.
    package static let pageBytes = 8 << 20
    /// Of each task in a list; the task itself has them all.
    package static let listedSteps = 20

    /// 1…1000.
    package var limit: Int
    /// Tasks made before the one of this cursor only.
    package var before: Int?
    package var status: AgentTask.Status?
    package var principal: String?

    package init(limit: Int = 50, before: Int? = nil, status: AgentTask.Status? = nil, principal: String? = nil) {
        self.limit = min(max(limit, 1), 1_000)
        self.before = before
        self.status = status
        self.principal = principal
    }
}

package struct TaskPage: Sendable, Hashable {
    package struct Listing: Sendable, Hashable {
        package let task: AgentTask
        /// The first ``TaskQuery/listedSteps``.
        package let steps: [StepFacts]

        package init(task: AgentTask, steps: [StepFacts]) {
            self.task = task
            self.steps = steps
        }
    }

    /// Newest first.
    package var listings: [Listing]
    /// The cursor of the next page; `nil` at the end.
    package var next: Int?

    package init(listings: [Listing], next: Int?) {
        self.listings = listings
        self.next = next
    }
}

/// What there is.
package struct TaskLoad: Sendable, Hashable {
    /// That are unfinished.
    package var tasks: Int
    /// Of the steps of all tasks as they were drafted.
    package var bytes: Int
    package var ofPrincipal: Int
    package var bytesOfPrincipal: Int

    package init(tasks: Int, bytes: Int, ofPrincipal: Int, bytesOfPrincipal: Int) {
        self.tasks = tasks
        self.bytes = bytes
        self.ofPrincipal = ofPrincipal
        self.bytesOfPrincipal = bytesOfPrincipal
    }
}
