internal import Audit
internal import Gate
internal import ToolKit

extension TaskDesk {
    /// What happens to a task whose steps are all done.
    ///
    /// - Returns: `nil` when there is a step now, or the task has to be looked at anew.
    func extend(_ task: AgentTask, isBackground: Bool) async throws -> Advance? {
        switch task.source {
        case .given, .builtIn:
            return try await complete(task, note: task.note)
        case .outside:
            guard !isBackground else {
                var idle = task
                idle.wakeAt = Self.never
                guard try await keep(idle) else { return nil }
                return .idle(idle, "it waits for its next step")
            }
            return try await complete(task, note: task.note)
        case .model:
            return try await plan(task)
        }
    }

    /// Until somebody appends a step.
    private static let never = 1e15

    private func complete(_ task: AgentTask, note: String?) async throws -> Advance? {
        var completed = task
        completed.status = .completed
        completed.note = note
        completed.updatedAt = time.wall
        guard try await keep(completed) else { return nil }
        return .idle(completed, "every step is done; the task is completed")
    }

    /// Asks the model.
    private func plan(_ task: AgentTask) async throws -> Advance? {
        let budget = min(task.maxSteps, settings.maxStepsPerRun)
        guard task.stepCount < budget else {
            try await hold(
                task, "its \(budget) steps are used up, and the planner has not said that the goal is reached")
            return nil
        }
        guard let planner else {
            try await hold(task, "no planner is configured any more; append steps, or cancel it")
            return nil
        }
        guard let principal = authenticator.principal(named: task.principal) else {
            try await hold(task, "the token that made this task was revoked or has expired")
            return nil
        }
        let settings = settings
        let tools = gate.catalog.entries.filter { entry in
            guard settings.isEnabled(entry), principal.mayUse(tool: entry.name) else { return false }
            return if case .available = entry.tool.availability { true } else { false }
        }
        let progress = try await store.facts(
            ofTask: task.id, from: max(1, task.stepCount - Self.remembered + 1), limit: Self.remembered)
        let proposal = try await planner.next(for: task, after: progress, tools: tools) { [self] draft in
            let problems = step(draft, number: 1).problems
            return problems.isEmpty ? nil : ArgumentProblems(problems).description
        }
        switch proposal {
        case .none(let sentence):
            try await hold(task, sentence)
            return nil
        case .done(let words):
            let note = words.map { engine.recorder.redactor.text($0, limit: 1_024) }
            return try await complete(task, note: note ?? task.note)
        case .step(let draft):
            _ = try await append(draft, to: task)
            return nil
        }
    }

    /// Steps that the planner is told of.
    private static let remembered = 20

    /// - Returns: Whether nobody changed the task meanwhile.
    func append(_ draft: StepDraft, to task: AgentTask) async throws -> Bool {
        let step = try step(draft, number: task.stepCount + 1).get()
        var longer = task
        longer.stepCount += 1
        longer.size += step.draftSize
        (longer.wakeAt, longer.updatedAt) = (time.wall, time.wall)
        guard longer.size <= TaskLimits.stepBytes else {
            throw Refusal(
                .invalid, code: "step_limit", "the steps of a task have at most \(TaskLimits.stepBytes) bytes in all",
                remedy: "go on in another task")
        }
        return try await keep(longer, step)
    }
}
