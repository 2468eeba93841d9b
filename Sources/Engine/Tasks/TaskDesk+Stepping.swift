package import Gate
internal import Synchronization
internal import ToolKit

/// What taking a task further came to.
package enum Advance: Sendable {
    /// A step was tried; it is as it is afterwards.
    case stepped(AgentTask, TaskStep)
    /// There was nothing to do, or nothing yet; why, as a sentence.
    case idle(AgentTask, String)

    package var task: AgentTask {
        switch self {
        case .stepped(let task, _), .idle(let task, _): task
        }
    }
}

extension TaskDesk {
    /// Takes a task one step further: plan, run, verify, keep.
    ///
    /// - Returns: `nil` for a task that is unknown, or not this caller's.
    /// - Throws: ``Refusal`` during a lockdown, `StoreUnavailable`.
    package func step(_ id: String, by principal: Principal) async throws -> Advance? {
        guard try await controlled(id, by: principal) != nil else { return nil }
        // Whoever asks may hang up: a step that has begun is taken to its end.
        return try await Task { try await self.turns.take(id) { try await self.advance(id, isBackground: false) } }
            .value
    }

    /// The caller has the turn of the task.
    func advance(_ id: String, isBackground: Bool) async throws -> Advance? {
        // Each further round follows a change that somebody made meanwhile, or that was made here.
        for _ in 0..<Self.rounds {
            guard let task = try await store.task(id) else { return nil }
            if let sentence = task.standstill { return .idle(task, sentence) }
            try gate.requireNoLockdown()
            guard task.current <= task.stepCount else {
                if let idle = try await extend(task, isBackground: isBackground) { return idle }
                continue
            }
            guard let step = try await store.step(task.current, ofTask: id) else {
                try await hold(task, "step \(task.current) cannot be read; look at the state database")
                continue
            }
            if step.facts.state == .running || step.facts.state == .waiting, let runID = step.facts.runID {
                if let advance = try await follow(runID, of: task, step, isBackground: isBackground) { return advance }
                continue
            }
            if task.status == .waiting { return .idle(task, "step \(step.number) waits for a person's decision") }
            if let wait = step.facts.notBefore.map({ $0 - time.wall }), wait > 0 {
                return .idle(task, "step \(step.number) is tried again in \(Int(wait.rounded(.up))) s")
            }
            if let advance = try await attempt(step, of: task) { return advance }
        }
        throw Refusal(
            .rateLimited, code: "task_busy", "the task is being changed by others all the time",
            remedy: "look at it, and try again", retryAfterMilliseconds: 1_000)
    }

    private static let rounds = 64

    /// Begins an attempt and takes it to where it stops.
    ///
    /// - Returns: `nil` when somebody changed the task meanwhile, or it came to a halt before the step.
    private func attempt(_ step: TaskStep, of task: AgentTask) async throws -> Advance? {
        let budget = min(task.maxSteps, settings.maxStepsPerRun)
        guard step.number <= budget else {
            try await hold(task, "its \(budget) steps are used up; raise max_steps_per_run, or cancel it")
            return nil
        }
        guard authenticator.principal(named: task.principal) != nil else {
            try await refuse(step, of: task)
            return nil
        }
        let now = time.wall
        var (begun, running) = (task, step)
        let call = ToolCall(
            toolName: step.facts.toolName, arguments: step.arguments, dryRun: step.dryRun, agentID: task.agentID,
            reason: task.goal,
            waitsForApproval: true)
        let run = Run(
            id: Identifier.makeOrdered("run", at: now), call: call, principal: task.principal,
            isIdempotent: gate.catalog.entry(named: step.facts.toolName)?.tool.isIdempotent ?? false,
            step: TaskPlace(taskID: task.id, step: step.number), createdAt: now)
        running.facts.state = .running
        running.facts.attempts += 1
        running.facts.runID = run.id
        running.facts.isUnknown = false
        running.facts.notBefore = nil
        running.facts.startedAt = now
        running.facts.endedAt = nil
        begun.status = .running
        (begun.wakeAt, begun.updatedAt) = (now, now)
        guard try await keep(begun, running, run: run) else { return nil }
        return try await work(on: run.id, of: task, step)
    }

    private func work(on runID: String, of task: AgentTask, _ step: TaskStep) async throws -> Advance? {
        // Whoever stops the daemon stops the wait of the background, and with it the run.
        let worked = try await withTaskCancellationHandler {
            try await working.work(on: runID)
        } onCancel: { [working] in
            working.stopWork(on: runID)
        }
        guard let run = worked else { return nil }
        try await absorb(run)
        guard let after = try await store.task(task.id),
            let stepped = try await store.step(step.number, ofTask: task.id)
        else { return nil }
        return .stepped(after, stepped)
    }

    /// Takes up a run that began before.
    ///
    /// - Returns: `nil` when it has ended, and the task has to be looked at anew.
    private func follow(
        _ runID: String, of task: AgentTask, _ step: TaskStep, isBackground: Bool
    ) async throws -> Advance? {
        guard let run = try await findRun(runID) else {
            try await lose(step, of: task)
            return nil
        }
        if run.state == .queued { return try await work(on: runID, of: task, step) }
        try await absorb(run)
        guard !run.state.isFinal else {
            // What could not be verified now is looked at again later.
            guard let after = try await store.task(task.id), after.current == task.current,
                try await store.step(step.number, ofTask: task.id)?.facts.state == .running
            else { return nil }
            return .idle(after, "step \(step.number) has run, and what it was to do cannot be checked at the moment")
        }
        let after = try await store.task(task.id) ?? task
        switch run.state {
        case .waiting: return .idle(after, "step \(step.number) waits for a person's decision")
        case .indeterminate:
            return .idle(after, "nobody knows what step \(step.number) did; a person has to say what happened")
        default:
            if isBackground { try await postpone(after, by: Self.patience) }
            return .idle(after, "step \(step.number) is running")
        }
    }

    /// Seconds until the background looks again at what others have in hand.
    static let patience = 5.0

    /// Leaves a step to a person whose run nobody knows any more.
    private func lose(_ step: TaskStep, of task: AgentTask) async throws {
        var (held, lost) = (task, step)
        lost.facts.state = .failed
        lost.facts.endedAt = time.wall
        lost.facts.failure = Self.failure("run_lost", "its run is gone", after: nil)
        held.status = .paused
        held.note = "the run of step \(step.number) is gone; look in the audit for what it did, then retry it"
        held.updatedAt = time.wall
        _ = try await keep(held, lost)
    }

    /// Ends the task because the token of its principal did.
    private func refuse(_ step: TaskStep, of task: AgentTask) async throws {
        let sentence = "the token that made this task was revoked or has expired"
        var (failed, refused) = (task, step)
        refused.facts.state = .failed
        refused.facts.endedAt = time.wall
        refused.facts.summary = sentence
        refused.facts.failure = Self.failure("token_ended", sentence, after: nil)
        failed.status = .failed
        failed.note = sentence
        failed.updatedAt = time.wall
        _ = try await keep(failed, refused)
    }

    /// Stops it for a person.
    func hold(_ task: AgentTask, _ note: String) async throws {
        var held = task
        held.status = .paused
        held.note = note
        held.updatedAt = time.wall
        _ = try await keep(held)
    }

    func postpone(_ task: AgentTask, by seconds: Double) async throws {
        guard task.isDue(at: time.wall) else { return }
        var later = task
        later.wakeAt = time.wall + seconds
        _ = try await keep(later)
    }

    /// Keeps a change and tells of it; to its end, also when whoever waits for it is cancelled.
    ///
    /// - Returns: Whether nobody changed the task meanwhile.
    func keep(_ task: AgentTask, _ step: TaskStep? = nil, run: Run? = nil) async throws -> Bool {
        let isKept = try await Task {
            try await self.store.change(task, steps: step.map { [$0] } ?? [], run: run)
        }.value
        guard isKept else { return false }
        announce(task, step: step?.facts)
        if task.status.isFinished, let onEnd = onEnd.withLock({ $0 }) { await onEnd(task) }
        return isKept
    }
}

extension AgentTask {
    /// Why nothing of it runs by itself; `nil` when something may.
    fileprivate var standstill: String? {
        switch status {
        case .pending, .running, .waiting: nil
        case .paused: "the task is paused" + (note.map { ": \($0)" } ?? "") + "; resume it first"
        case .completed, .failed, .cancelled: "the task is \(status.rawValue); there is no step left to run"
        }
    }
}
