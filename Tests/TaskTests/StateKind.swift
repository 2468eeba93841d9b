internal import Foundation
internal import Gate
internal import Store
internal import Testing
internal import ToolKit

/// The two kinds of state, which have to keep the same promise.
enum StateKind: String, CaseIterable, Sendable {
    case memory
    case database

    /// Runs the body with an empty one.
    func with(_ body: (any TaskStore & RunStore) async throws -> Void) async throws {
        switch self {
        case .memory: try await body(InMemoryState())
        case .database:
            try await TemporaryFolder.with { folder in
                let state = try StateDatabase(path: folder + "/state.sqlite")
                try await body(state)
                try state.close()
            }
        }
    }
}

enum TemporaryFolder {
    static func with(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("tasks-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }
}

/// Tasks and steps as tests need them.
enum Sample {
    static func task(
        _ number: Int = 1, principal: String = "bot", status: AgentTask.Status = .pending, steps: Int = 2,
        goal: String = "goal", createdAt: Double = 1_000, size: Int = 100
    ) -> AgentTask {
        var task = AgentTask(
            id: "task_\(number)", goal: goal, principal: principal, agentID: "planner", source: .given, maxSteps: 9,
            maxRetries: 2, playbookID: "pb_1", createdAt: createdAt, stepCount: steps, size: size)
        task.status = status
        return task
    }

    static func step(_ number: Int = 1, content: String = "text") -> TaskStep {
        TaskStep(
            StepFacts(number: number, toolName: "probe", description: "why", maxRetries: 1),
            arguments: ["path": "a.txt", "deep": ["n": .array([1, 0.5, nil])], "content": .string(content)],
            expect: ["exit": 0])
    }

    /// A step about which all is known that can be.
    static func tried(_ number: Int = 1) -> TaskStep {
        var step = step(number)
        step.facts.state = .failed
        step.facts.attempts = 3
        step.facts.runID = "run_1"
        step.facts.auditID = "aud_1"
        step.facts.isUnknown = true
        step.facts.notBefore = 1_234.5
        step.facts.failure = StepFacts.Failure(code: "c", message: "m\u{0}", fingerprint: "f", count: 2)
        step.facts.summary = "it says"
        step.facts.files = [StepFacts.File(name: "out/a.png", artifactID: "art_1")]
        step.facts.startedAt = 1
        step.facts.endedAt = 2.25
        step.result = ["success": false, "result": ["stdout": "x"]]
        return step
    }

    static func run(_ number: Int = 1, task: String = "task_1", step: Int = 1) -> Run {
        var call = ToolCall(toolName: "probe", arguments: ["path": "a.txt"])
        call.reason = "goal"
        call.waitsForApproval = true
        return Run(
            id: "run_\(number)", call: call, principal: "bot", isIdempotent: true,
            step: TaskPlace(taskID: task, step: step), createdAt: 1_000)
    }
}

/// How many of twenty, all at once, say yes.
func racers(_ body: @escaping @Sendable (Int) async throws -> Bool) async throws -> Int {
    try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<20 { group.addTask { try await body(number) } }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
}
