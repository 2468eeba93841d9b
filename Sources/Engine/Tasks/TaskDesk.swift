package import Gate
internal import Logging
internal import Synchronization
package import ToolKit

/// Takes tasks from step to step.
///
/// An attempt of a step is a run of its own, kept in the same transaction that points the step to it; whoever comes back,
/// after a crash too, finds the run and follows it instead of beginning another. One step of a task is taken at a time
/// here, and what two writers have seen is compared in the store, so no step runs twice.
package final class TaskDesk: Sendable {
    let engine: Engine
    let store: any TaskStore
    let findRun: @Sendable (_ id: String) async throws -> Run?
    let working: any RunWorking & RunInterrupting
    let authenticator: Authenticator
    let time: any TimeSource
    let planner: (any TaskPlanner)?
    /// Between 0 and 1, for the jitter of what is tried again.
    let dice: @Sendable () -> Double
    let tell: @Sendable (LiveEvent) -> Void
    /// Told of every task that has come to its end; it may be told twice.
    let onEnd = Mutex<(@Sendable (AgentTask) async -> Void)?>(nil)
    let logger = Logger(label: "tasks")
    /// Whoever takes a task further has its turn. Pausing and cancelling take none.
    let turns = KeyedTurns()
    /// Tasks that the background takes further at this moment. Owner: ``run()`` and ``goOn()``.
    let going = Mutex<Set<String>>([])
    /// Tasks that could not go on, and until when none is tried again. Owner: ``run()`` and ``goOn()``.
    let resting = Mutex<[String: Double]>([:])
    let alarm = Alarm()

    var gate: Gate { engine.gate }
    var settings: Configuration { gate.configuration.current }

    /// - Parameters:
    ///   - findRun: A run by its id, as it is kept.
    ///   - planner: Asked for the next step of tasks that nobody gave any; `nil`: the built-in plan alone.
    package init(
        engine: Engine, store: any TaskStore, findRun: @escaping @Sendable (_ id: String) async throws -> Run?,
        working: any RunWorking & RunInterrupting, authenticator: Authenticator, time: any TimeSource,
        planner: (any TaskPlanner)? = nil, dice: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        tell: @escaping @Sendable (LiveEvent) -> Void = { _ in }
    ) {
        self.engine = engine
        self.store = store
        self.findRun = findRun
        self.working = working
        self.authenticator = authenticator
        self.time = time
        self.planner = planner
        self.dice = dice
        self.tell = tell
        working.observe { [weak self] run in await self?.observe(run) }
    }

    /// Names somebody who is told of every task that has come to its end.
    package func observeEnds(_ observer: @escaping @Sendable (AgentTask) async -> Void) {
        onEnd.withLock { $0 = observer }
    }

    /// A new task; nothing of it runs yet.
    ///
    /// - Throws: ``ArgumentProblems`` naming every bad field, ``Refusal``, `StoreUnavailable`.
    package func create(_ draft: TaskDraft, from principal: Principal) async throws -> AgentTask {
        try gate.admitTaskChange(from: principal)
        let drafted = try drafted(draft)
        let load = try await room(for: drafted.size, of: principal)
        guard load.tasks < TaskLimits.tasks, load.bytes + drafted.size <= TaskLimits.bytes,
            load.ofPrincipal < TaskLimits.tasksPerPrincipal,
            load.bytesOfPrincipal + drafted.size <= TaskLimits.bytesPerPrincipal
        else {
            throw Refusal(
                .rateLimited, code: "tasks_full", "too many tasks are unfinished already",
                remedy: "finish or cancel some of them first")
        }
        let now = time.wall
        var task = AgentTask(
            id: Identifier.makeOrdered("task", at: now), goal: draft.goal, principal: principal.name,
            agentID: draft.agentID, source: drafted.source,
            maxSteps: min(draft.maxSteps, settings.maxStepsPerRun),
            maxRetries: min(draft.maxRetries, settings.maxRetriesPerTool), playbookID: draft.playbookID,
            createdAt: now, stepCount: drafted.steps.count, size: drafted.size)
        task.note = drafted.note
        // Whoever asks may hang up: what is kept is answered or found in the list.
        let made = task
        _ = try await Task { try await self.store.insert(made, steps: drafted.steps) }.value
        announce(task)
        return task
    }

    /// What there is, once the caller's oldest finished tasks have given way to a new one.
    private func room(for size: Int, of principal: Principal) async throws -> TaskLoad {
        while true {
            let load = try await store.taskLoad(of: principal.name)
            let isFull =
                load.bytes + size > TaskLimits.bytes || load.bytesOfPrincipal + size > TaskLimits.bytesPerPrincipal
            guard isFull,
                try await store.removeFinished(changedBefore: .infinity, of: principal.name, limit: Self.batch) > 0
            else { return load }
        }
    }

    private static let batch = 50

    /// A task that this caller may see.
    package func task(_ id: String, for principal: Principal) async throws -> AgentTask? {
        try principal.require(.readOwnRecords)
        guard Identifier.isWellFormed(id), let task = try await store.task(id),
            principal.role.allows(.readAllRecords) || task.principal == principal.name
        else { return nil }
        return task
    }

    /// A task as the API shows it, with its steps from one on, as many as fit on a page.
    package func shown(_ task: AgentTask, from number: Int = 1) async throws -> JSONValue {
        let steps = try await store.steps(ofTask: task.id, from: number, limit: TaskLimits.steps)
        return task.json(steps: steps, waiting: try await waiting(task))
    }

    package func tasks(_ query: TaskQuery, for principal: Principal) async throws -> TaskPage {
        try principal.require(.readOwnRecords)
        var query = query
        if !principal.role.allows(.readAllRecords) { query.principal = principal.name }
        return try await store.tasks(query)
    }

    /// What a person has to decide for it to go on.
    func waiting(_ task: AgentTask) async throws -> [JSONValue] {
        guard task.status == .waiting, let step = try await store.step(task.current, ofTask: task.id)?.facts,
            let runID = step.runID
        else { return [] }
        var members: [String: JSONValue] = [
            "step": .integer(step.number), "tool_name": .string(step.toolName), "run_id": .string(runID),
            "request_type": step.isUnknown ? "indeterminate" : "task_step",
        ]
        members["approval_request_id"] = try await gate.inbox.item(ofRun: runID).map { .string($0.id) }
        return [.object(members)]
    }

    /// Tells those who watch.
    func announce(_ task: AgentTask, step: StepFacts? = nil) {
        var data: [String: JSONValue] = [
            "task_id": .string(task.id), "goal": .string(String(task.goal.prefix(200))),
            "status": .string(task.status.rawValue), "step_count": .integer(task.stepCount),
            "current_step": .integer(task.current), "updated_at": .number(task.updatedAt),
        ]
        data["note"] = task.note.map(JSONValue.string)
        if let step { data["step"] = .integer(step.number) }
        data["step_status"] = (step?.state.rawValue).map(JSONValue.string)
        tell(LiveEvent(.task, seq: nil, data: .object(data), principal: task.principal))
    }
}

/// How much of it there may be.
package enum TaskLimits {
    /// Unfinished, of one caller and in all.
    package static let tasksPerPrincipal = 20_000
    package static let tasks = 100_000
    package static let bytesPerPrincipal = 134_217_728
    package static let bytes = 536_870_912
    /// Of one task.
    package static let steps = 10_000
    package static let stepBytes = 16 << 20
    package static let retries = 100
    package static let goalBytes = 4_096
}
