package import Gate
internal import Logging
package import ToolKit

extension PlaybookDesk {
    /// What a caller asks of a playbook.
    package struct Order: Sendable {
        package var variables: [String: JSONValue]
        /// `nil`: the configuration's.
        package var dryRun: Bool?
        /// A label for the record.
        package var agentID: String?

        package init(variables: [String: JSONValue] = [:], dryRun: Bool? = nil, agentID: String? = nil) {
            self.variables = variables
            self.dryRun = dryRun
            self.agentID = agentID
        }
    }

    /// Runs a playbook to its end, to the first step that fails, or to one that waits for a person. Nothing runs when
    /// anything about the playbook or its variables is wrong.
    ///
    /// - Returns: `nil` for an unknown one.
    /// - Throws: ``ArgumentProblems``, ``Refusal``, `StoreUnavailable`.
    package func run(
        _ id: String, _ order: Order, by principal: Principal, through door: String
    ) async throws -> PlaybookExecution? {
        try principal.require(.runTools)
        try gate.requireNoLockdown()
        guard let playbook = try await playbook(id) else { return nil }
        let settings = gate.configuration.current
        let tools = tools
        let (definition, arguments) = try await engine.blocking {
            // Tools may have changed since it was kept, and what another system kept was never compared with them.
            let definition = try PlaybookDefinition(json: playbook.definition.json, checkedBy: tools)
            return (definition, try Self.filled(definition, with: order.variables, tools))
        }
        guard definition.steps.count <= settings.maxStepsPerRun else {
            throw Refusal(
                .invalid, code: "too_many_steps",
                "the playbook has \(definition.steps.count) steps, and max_steps_per_run is \(settings.maxStepsPerRun)",
                remedy: "have an operator raise max_steps_per_run, or make two playbooks of it")
        }
        if order.dryRun ?? settings.dryRunDefault {
            return await plan(playbook, definition, arguments, order, by: principal, through: door)
        }
        guard let runner else {
            throw Refusal(
                .error, code: "tasks_unavailable", "nothing runs tasks here", remedy: "ask for a dry run instead")
        }
        let draft = definition.draft(
            of: id, arguments, maxRetries: settings.maxRetriesPerTool, agentID: order.agentID, dryRun: false)
        // Whoever asks may hang up: what was begun runs to where it stops.
        return try await Task {
            try await self.run(draft, of: playbook, by: principal, with: runner)
        }.value
    }

    /// The task that a playbook makes with these variables, for whoever makes tasks.
    ///
    /// - Parameter draft: What else was asked for: a goal of one's own, lower limits, a label.
    /// - Returns: `nil` for an unknown one.
    /// - Throws: ``ArgumentProblems``, ``Refusal``, `StoreUnavailable`.
    package func draft(
        _ id: String, _ variables: [String: JSONValue], into draft: TaskDraft, by principal: Principal
    ) async throws -> TaskDraft? {
        try principal.require(.runTools)
        guard let playbook = try await playbook(id) else { return nil }
        let tools = tools
        let (definition, arguments) = try await engine.blocking {
            let definition = try PlaybookDefinition(json: playbook.definition.json, checkedBy: tools)
            return (definition, try Self.filled(definition, with: variables, tools))
        }
        var made = definition.draft(
            of: id, arguments, maxRetries: min(draft.maxRetries, gate.configuration.current.maxRetriesPerTool),
            agentID: draft.agentID)
        if !draft.goal.isEmpty { made.goal = draft.goal }
        made.maxSteps = draft.maxSteps
        return made
    }

    /// The arguments of every step, each checked against its tool.
    private static func filled(
        _ definition: PlaybookDefinition, with variables: [String: JSONValue], _ tools: PlaybookTools
    ) throws(ArgumentProblems) -> [[String: JSONValue]] {
        let arguments = try definition.filled(with: variables)
        var problems: [ArgumentProblem] = []
        for (place, step) in definition.steps.enumerated() {
            for problem in tools.problems(of: arguments[place], toolName: step.toolName) {
                problems.append(
                    ArgumentProblem(
                        field: "steps[\(place)].args.\(problem.field)", reason: problem.reason,
                        leavesWorkspace: problem.leavesWorkspace))
            }
        }
        guard problems.isEmpty else { throw ArgumentProblems(problems) }
        return arguments
    }

    /// Every step as the gate and its tool would answer it now; a step that is refused shows its refusal.
    private func plan(
        _ playbook: Playbook, _ definition: PlaybookDefinition, _ arguments: [[String: JSONValue]], _ order: Order,
        by principal: Principal, through door: String
    ) async -> PlaybookExecution {
        var execution = PlaybookExecution(playbookID: playbook.id, stepCount: definition.steps.count, status: .dryRun)
        for (place, step) in definition.steps.enumerated() {
            let call = ToolCall(
                toolName: step.toolName, arguments: arguments[place], dryRun: true, agentID: order.agentID,
                reason: "playbook \(definition.name), step \(place + 1)")
            let answer = await engine.answer(call, from: principal, through: door)
            execution.add(
                number: place + 1, toolName: step.toolName, isSuccess: answer.isSuccess, answer.json, attempts: 0)
        }
        return execution
    }

    private func run(
        _ draft: TaskDraft, of playbook: Playbook, by principal: Principal, with runner: any PlaybookRunning
    ) async throws -> PlaybookExecution {
        let taskID = try await runner.createTask(draft, from: principal)
        var execution = PlaybookExecution(
            playbookID: playbook.id, stepCount: playbook.definition.steps.count, status: .paused)
        execution.executionID = taskID
        await count {
            try await store.playbookRunBegan(
                PlaybookRun(executionID: taskID, playbookID: playbook.id, begunAt: time.wall))
        }
        for number in 1...max(1, playbook.definition.steps.count) {
            let progress: PlaybookProgress
            do {
                // Before anything of it runs: the daemon, or whoever asked, may be gone before it has ended.
                if number == 1 { try await runner.startTask(taskID, from: principal) }
                progress = try await runner.runStep(number, of: taskID, from: principal)
            } catch {
                // There is a task by now, and its steps so far; whoever asked has to know.
                guard let obstacle = PlaybookExecution.Obstacle(error) else { throw error }
                execution.obstacle = obstacle
                return execution
            }
            if let step = progress.step {
                execution.add(
                    number: step.number, toolName: step.toolName, isSuccess: step.isSuccess, step.result,
                    attempts: step.attempts)
                execution.executedCount += 1
            }
            switch progress.standing {
            case .goesOn: continue
            case .waits(let itemID):
                execution.status = .waiting
                execution.itemID = itemID
            case .completed:
                execution.status = .completed
                await ended(taskID, isSuccess: true)
            case .stopped(let status):
                execution.status = PlaybookExecution.Status(rawValue: status) ?? .failed
                if execution.status == .failed || execution.status == .cancelled {
                    await ended(taskID, isSuccess: false)
                }
            }
            return execution
        }
        return execution
    }

    /// For whoever takes tasks further: the task has ended. It may be told twice, and of tasks that no playbook made.
    package func ended(_ taskID: String, isSuccess: Bool) async {
        await count { _ = try await store.playbookRunEnded(taskID, isSuccess: isSuccess, at: time.wall) }
    }

    /// No run fails for want of its statistics.
    private func count(_ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            logger.warning("a run of a playbook was not counted", metadata: ["error": "\(error)"])
        }
    }
}

extension PlaybookExecution.Obstacle {
    /// - Returns: `nil` for a fault of ours.
    fileprivate init?(_ error: any Error) {
        switch error {
        case let refusal as Refusal:
            self.init(code: refusal.code, message: refusal.message, remedy: refusal.remedy)
        case let unavailable as StoreUnavailable:
            self.init(code: StoreUnavailable.code, message: unavailable.message, remedy: unavailable.remedy)
        default: return nil
        }
    }
}

extension PlaybookDefinition {
    /// The task that a run of it is.
    fileprivate func draft(
        of id: String, _ arguments: [[String: JSONValue]], maxRetries: Int, agentID: String?, dryRun: Bool? = nil
    ) -> TaskDraft {
        let steps = zip(steps, arguments).map { step, arguments in
            StepDraft(
                toolName: step.toolName, arguments: arguments, expect: step.expect,
                description: step.description.isEmpty ? nil : step.description,
                maxRetries: step.retriesOnFailure ? min(step.maxRetries, maxRetries) : 0, dryRun: dryRun)
        }
        return TaskDraft(
            goal: "playbook \(name)", maxSteps: steps.count, maxRetries: maxRetries, steps: steps, playbookID: id,
            agentID: agentID)
    }
}
