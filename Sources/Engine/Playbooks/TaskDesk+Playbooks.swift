package import Gate
internal import ToolKit

extension TaskDesk: PlaybookRunning {
    package func createTask(_ draft: TaskDraft, from principal: Principal) async throws -> String {
        try await create(draft, from: principal).id
    }

    package func startTask(_ taskID: String, from principal: Principal) async throws {
        _ = try await start(taskID, by: principal)
    }

    package func runStep(
        _ number: Int, of taskID: String, from principal: Principal
    ) async throws -> PlaybookProgress {
        while true {
            guard let task = try await store.task(taskID), let step = try await store.step(number, ofTask: taskID)
            else { return PlaybookProgress(.stopped(status: AgentTask.Status.failed.rawValue)) }
            if step.facts.state == .done {
                return PlaybookProgress(number < task.stepCount ? .goesOn : .completed, step: Self.told(step))
            }
            switch task.status {
            case .waiting: return PlaybookProgress(.waits(itemID: try await waitingItem(of: task)))
            case .completed, .failed, .cancelled, .paused:
                let hasEnded = step.facts.state == .failed || step.facts.state == .cancelled
                return PlaybookProgress(
                    .stopped(status: task.status.rawValue), step: hasEnded ? Self.told(step) : nil)
            case .pending, .running: break
            }
            let advance = try await self.step(taskID, by: principal)
            // It failed and is tried again, or somebody else has it in hand.
            if case .stepped(_, let tried)? = advance, tried.facts.state == .done { continue }
            try await Task.sleep(for: try await delay(of: task))
        }
    }

    /// Until the step may be tried again.
    private func delay(of task: AgentTask) async throws -> Duration {
        let notBefore = try await store.step(task.current, ofTask: task.id)?.facts.notBefore
        return .seconds(min(max((notBefore ?? 0) - time.wall, 0.05), Self.patience))
    }

    private func waitingItem(of task: AgentTask) async throws -> String? {
        guard let run = try await store.step(task.current, ofTask: task.id)?.facts.runID else { return nil }
        return try await gate.inbox.item(ofRun: run)?.id
    }

    private static func told(_ step: TaskStep) -> PlaybookProgress.Step {
        let isDone = step.facts.state == .done
        var result = step.result?.objectValue ?? [:]
        // A call may succeed and still not be what was expected of it.
        if !isDone, let failure = step.facts.failure {
            result["error"] = .string(failure.message)
            result["code"] = .string(failure.code)
            result["success"] = false
        }
        return PlaybookProgress.Step(
            number: step.number, toolName: step.facts.toolName, isSuccess: isDone, result: .object(result),
            attempts: step.facts.attempts)
    }
}
