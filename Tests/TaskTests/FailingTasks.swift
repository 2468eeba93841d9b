internal import Gate
internal import Synchronization

/// Tasks in memory of which one write fails: before anything of it is kept, or after all of it is.
final class FailingTasks: TaskStore {
    struct Fault: Sendable, Hashable {
        /// Counted from 1.
        let write: Int
        let isKept: Bool
    }

    let state = InMemoryState()
    private let course = Mutex<(fault: Fault?, writes: Int, isLocked: Bool)>((nil, 0, false))

    func fail(_ fault: Fault?) { course.withLock { $0 = (fault, 0, false) } }

    /// Whether nothing can be written or read.
    func lock(_ isLocked: Bool) { course.withLock { $0.isLocked = isLocked } }

    private func write<Value>(_ body: () async throws -> Value) async throws -> Value {
        let fault = try course.withLock { course -> Fault? in
            guard !course.isLocked else { throw Self.unavailable }
            course.writes += 1
            return course.fault?.write == course.writes ? course.fault : nil
        }
        guard let fault else { return try await body() }
        if fault.isKept { _ = try await body() }
        throw Self.unavailable
    }

    private static let unavailable = StoreUnavailable("the state database cannot be written", remedy: "wait")

    func insert(_ task: AgentTask, steps: [TaskStep]) async throws -> Bool {
        try await write { try await state.insert(task, steps: steps) }
    }

    func change(_ task: AgentTask, steps: [TaskStep], run: Run?) async throws -> Bool {
        try await write { try await state.change(task, steps: steps, run: run) }
    }

    func removeFinished(changedBefore wall: Double, of principal: String?, limit: Int) async throws -> Int {
        try await write { try await state.removeFinished(changedBefore: wall, of: principal, limit: limit) }
    }

    func task(_ id: String) async throws -> AgentTask? {
        guard !course.withLock({ $0.isLocked }) else { throw Self.unavailable }
        return try await state.task(id)
    }

    func step(_ number: Int, ofTask id: String) async throws -> TaskStep? {
        try await state.step(number, ofTask: id)
    }

    func steps(ofTask id: String, from number: Int, limit: Int) async throws -> [TaskStep] {
        try await state.steps(ofTask: id, from: number, limit: limit)
    }

    func facts(ofTask id: String, from number: Int, limit: Int) async throws -> [StepFacts] {
        try await state.facts(ofTask: id, from: number, limit: limit)
    }

    func tasks(_ query: TaskQuery) async throws -> TaskPage { try await state.tasks(query) }

    func due(at wall: Double, limit: Int) async throws -> [String] { try await state.due(at: wall, limit: limit) }

    func taskLoad(of principal: String) async throws -> TaskLoad { try await state.taskLoad(of: principal) }
}
