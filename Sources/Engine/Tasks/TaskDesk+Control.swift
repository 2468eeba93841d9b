package import Gate
internal import ToolKit

/// What somebody asks of a task. Each answers the task as it is afterwards, `nil` for one that is unknown or not this
/// caller's, and throws ``Refusal`` when it cannot be, and `StoreUnavailable`.
extension TaskDesk {
    /// A task that this caller may control: its own, or any for an operator.
    func controlled(_ id: String, by principal: Principal) async throws -> AgentTask? {
        try principal.require(.runTools)
        guard Identifier.isWellFormed(id), let task = try await store.task(id),
            principal.role == .operator || task.principal == principal.name
        else { return nil }
        return task
    }

    /// Runs on in the background from now on, a paused one too.
    package func start(_ id: String, by principal: Principal) async throws -> AgentTask? {
        try gate.requireNoLockdown()
        let task = try await change(id, by: principal) { [self] task, step in
            try requireUnfinished(task)
            resume(&task, &step)
            task.isStarted = true
        }
        alarm.ring()
        return task
    }

    /// What runs at this moment runs to its end; no further step begins.
    package func pause(_ id: String, by principal: Principal) async throws -> AgentTask? {
        try await change(id, by: principal) { [self] task, _ in
            try requireUnfinished(task)
            guard task.status != .paused else { return }
            task.status = .paused
            task.note = "\(principal.name) paused it"
        }
    }

    /// Goes on where it was paused: in the background when it was started, step by step otherwise.
    package func resume(_ id: String, by principal: Principal) async throws -> AgentTask? {
        try gate.requireNoLockdown()
        let task = try await change(id, by: principal) { [self] task, step in
            try requireUnfinished(task)
            resume(&task, &step)
        }
        alarm.ring()
        return task
    }

    private func resume(_ task: inout AgentTask, _ step: inout TaskStep?) {
        if let facts = step?.facts, facts.state == .failed {
            step?.facts.state = .pending
            step?.facts.failure?.count = 0
        }
        guard task.status == .paused else { return }
        let hasBegun = task.current > 1 || (step?.facts.attempts ?? 0) > 0
        // Its last step may have ended while it was paused.
        task.status =
            task.isOver ? .completed : step?.facts.state == .waiting ? .waiting : hasBegun ? .running : .pending
        task.note = nil
        task.wakeAt = time.wall
    }

    /// Ends it: a call that runs is ended, one that waits is withdrawn.
    package func cancel(_ id: String, by principal: Principal) async throws -> AgentTask? {
        var runID: String?
        let task = try await change(id, by: principal) { [self] task, step in
            if task.status != .cancelled {
                try requireUnfinished(task)
                task.status = .cancelled
                task.note = "\(principal.name) cancelled it"
            }
            // Also of one that was cancelled before: its run may have been out of reach then.
            switch step?.facts.state {
            case .pending: step?.facts.state = .cancelled
            case .running, .waiting: runID = step?.facts.runID
            case .done, .failed, .cancelled, nil: break
            }
        }
        if task != nil, let runID,
            let run = try await working.cancel(runID, reason: "\(principal.name) cancelled its task")
        {
            try await absorb(run)
            return try await store.task(id)
        }
        return task
    }

    /// Has a step that failed tried again, with all its retries.
    package func retry(_ number: Int, of id: String, by principal: Principal) async throws -> AgentTask? {
        try gate.requireNoLockdown()
        let task = try await change(id, by: principal) { task, step in
            guard 1...task.stepCount ~= number || task.stepCount == 0 else { throw Self.unknownStep }
            guard task.status == .failed || !task.status.isFinished, number == task.current, step != nil,
                let facts = step?.facts, facts.state == .failed || (facts.state == .pending && facts.failure != nil)
            else {
                throw Refusal(
                    .invalid, code: "step_not_failed",
                    "step \(number) has not failed, so there is nothing to try again",
                    remedy: "retry the step at which the task stopped")
            }
            step?.facts.state = .pending
            step?.facts.attempts = 0
            step?.facts.failure = nil
            step?.facts.notBefore = nil
            task.status = .running
            task.note = nil
            task.wakeAt = self.time.wall
        }
        alarm.ring()
        return task
    }

    /// Code of the refusal that names a step which is not there.
    package static let unknownStepCode = "unknown_step"

    private static let unknownStep = Refusal(
        .invalid, code: unknownStepCode, "there is no such step", remedy: "look at the task's steps")

    /// Adds the next step, for an outside planner.
    ///
    /// - Throws: ``ArgumentProblems`` naming every bad field.
    package func append(_ draft: StepDraft, to id: String, by principal: Principal) async throws -> AgentTask? {
        while true {
            guard let task = try await controlled(id, by: principal) else { return nil }
            // Its calls are those of whoever made it: another's would be recorded, and approved, under that name.
            guard task.principal == principal.name else {
                throw Refusal(
                    .unauthorized, code: "not_your_task", "only \(task.principal) may add steps to this task",
                    remedy: "make a task of your own")
            }
            try requireUnfinished(task)
            try gate.admitTaskChange(from: principal)
            let limit = min(task.maxSteps, settings.maxStepsPerRun)
            guard task.stepCount < limit else {
                throw Refusal(
                    .invalid, code: "step_limit", "the task has \(task.stepCount) steps, and \(limit) at most may run",
                    remedy: "make another task, or have max_steps_per_run raised")
            }
            guard try await append(draft, to: task) else { continue }
            alarm.ring()
            return try await store.task(id)
        }
    }

    private func requireUnfinished(_ task: AgentTask) throws(Refusal) {
        guard !task.status.isFinished else {
            throw Refusal(
                .invalid, code: "task_finished", "the task is \(task.status.rawValue) already",
                remedy: task.status == .failed
                    ? "retry the step that failed, or make another task" : "make another task")
        }
    }

    /// Changes a task and its current step together, again and again until nobody came in between.
    private func change(
        _ id: String, by principal: Principal, _ edit: (inout AgentTask, inout TaskStep?) throws -> Void
    ) async throws -> AgentTask? {
        while true {
            guard let task = try await controlled(id, by: principal) else { return nil }
            let step = try await store.step(task.current, ofTask: id)
            var after = (task: task, step: step)
            try edit(&after.task, &after.step)
            guard after.task != task || after.step != step else { return task }
            after.task.updatedAt = time.wall
            if try await keep(after.task, after.step == step ? nil : after.step) { return try await store.task(id) }
        }
    }
}
