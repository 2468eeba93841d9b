internal import Synchronization
internal import ToolKit

extension InMemoryState: TaskStore {
    package func insert(_ task: AgentTask, steps: [TaskStep]) async throws -> Bool {
        tasks.withLock { $0.insert(task, steps) }
    }

    package func task(_ id: String) async throws -> AgentTask? { tasks.withLock { $0.task(id) } }

    package func step(_ number: Int, ofTask id: String) async throws -> TaskStep? {
        tasks.withLock { tasks in tasks.steps(of: id).first { $0.number == number } }
    }

    package func steps(ofTask id: String, from number: Int, limit: Int) async throws -> [TaskStep] {
        let steps = tasks.withLock { $0.steps(of: id) }.filter { $0.number >= number }.prefix(limit)
        var room = TaskQuery.pageBytes
        return Array(
            steps.enumerated().prefix { place, step in
                room -= step.draftSize + (step.result.map { JSONWriter.write($0).count } ?? 0)
                return place == 0 || room >= 0
            }.map(\.element))
    }

    package func facts(ofTask id: String, from number: Int, limit: Int) async throws -> [StepFacts] {
        let steps = tasks.withLock { $0.steps(of: id) }
        return Array(steps.filter { $0.number >= number }.prefix(limit).map(\.facts))
    }

    /// Nothing of what is in memory outlasts the process, so the run may come a moment later.
    package func change(_ task: AgentTask, steps: [TaskStep], run: Run?) async throws -> Bool {
        guard tasks.withLock({ $0.change(task, steps) }) else { return false }
        if let run { try await insert(run) }
        return true
    }

    package func tasks(_ query: TaskQuery) async throws -> TaskPage { tasks.withLock { $0.page(query) } }

    package func due(at wall: Double, limit: Int) async throws -> [String] {
        tasks.withLock { $0.due(at: wall, limit: limit) }
    }

    package func taskLoad(of principal: String) async throws -> TaskLoad { tasks.withLock { $0.load(of: principal) } }

    package func removeFinished(
        changedBefore wall: Double, of principal: String?, limit: Int
    ) async throws -> Int {
        let removed = tasks.withLock { $0.removeFinished(changedBefore: wall, of: principal, limit: limit) }
        content.withLock { content in content.runs.removeAll { removed.contains($0.step?.taskID ?? "") } }
        return removed.count
    }
}
