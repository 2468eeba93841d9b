package import Gate
internal import ToolKit

extension TaskDesk: PlaybookRunning {
    package func createTask(_ draft: TaskDraft, from principal: Principal) async throws -> String {
        try await create(draft, from: principal).id
    }

    package func startTask(_ taskID: String, from principal: Principal) async throws {
        _ = try await start(taskID, by: principal)
    }

    package func runStep(of taskID: String, from principal: Principal) async throws -> PlaybookProgress {
        while true {
            guard let advance = try await step(taskID, by: principal) else {
                return PlaybookProgress(.stopped(status: AgentTask.Status.failed.rawValue))
            }
            let task = advance.task
            var tried: TaskStep?
            if case .stepped(_, let step) = advance { tried = step }
            switch task.status {
            case .completed: return PlaybookProgress(.completed, step: tried.map(Self.told))
            case .waiting: return PlaybookProgress(.waits(itemID: try await waitingItem(of: task)))
            case .failed, .cancelled, .paused:
                return PlaybookProgress(.stopped(status: task.status.rawValue), step: tried.map(Self.told))
            case .pending, .running:
                if let tried, tried.facts.state == .done { return PlaybookProgress(.goesOn, step: Self.told(tried)) }
            }
            // It failed and is tried again, or somebody else has it in hand.
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
