internal import Foundation
internal import Gate
internal import GRDB
internal import Store
internal import Testing
internal import ToolKit

/// The two kinds of state, which have to keep the same promise.
enum StateKind: String, CaseIterable, Sendable {
    case memory
    case database

    /// Runs the body with an empty one.
    func with(_ body: (any InboxStore & RunStore & GrantStore & KeyedCallStore) async throws -> Void) async throws {
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
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("inbox-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }
}

/// Items, runs and grants as tests need them.
enum Sample {
    static let lease = Run.Lease(token: "lse_test", expiresAt: 1_600)

    static func run(
        _ number: Int = 1, principal: String = "bot", isIdempotent: Bool = false, step: TaskPlace? = nil,
        createdAt: Double = 1_000
    ) -> Run {
        var call = item(number).call
        // As every step is.
        call.waitsForApproval = step != nil
        return Run(
            id: "run_\(number)", call: call, principal: principal, isIdempotent: isIdempotent, step: step,
            createdAt: createdAt)
    }

    static func item(
        _ number: Int = 1, kind: InboxItem.Kind = .run, principal: String = "bot", createdAt: Double = 1_000,
        expiresAt: Double = 2_000, content: String = "text", runID: String? = nil
    ) -> InboxItem {
        var call = ToolCall(
            toolName: "filesystem_write",
            arguments: ["path": .string("a\(number).txt"), "content": .string(content), "count": 1, "share": 0.25])
        call.agentID = "planner"
        call.reason = "because of \u{202E}this"
        call.department = "office"
        call.traceID = "label"
        call.dryRun = false
        return InboxItem(
            id: "req_\(number)", kind: kind, call: call, principal: principal, risk: .high,
            plan: ["summary": "would write", "diff": .array(["-a", "+b"])], isUndoable: true,
            policyBase: kind == .policyChange ? "v1" : nil, riskEstimate: 0.75, createdAt: createdAt,
            expiresAt: expiresAt, execution: InboxItem.Execution(runID: runID ?? "run_\(number)"))
    }

    /// What asks a person about a run that was lost.
    static func lost() -> InboxItem {
        InboxItem(
            id: "req_8", kind: .indeterminate, call: item().call, principal: "bot", risk: .high, plan: ["summary": "?"],
            isUndoable: false, createdAt: 1_400, expiresAt: .infinity,
            execution: InboxItem.Execution(runID: "run_1", state: .indeterminate))
    }

    static func decision(_ isApproved: Bool = true, by: String = "ann", at: Double = 1_500) -> InboxItem.Decision {
        InboxItem.Decision(isApproved: isApproved, by: by, at: at, note: "fine", grantID: isApproved ? "grt_1" : nil)
    }

    static func grant(
        _ number: Int = 1, uses: Int? = 1, expiresAt: Double? = nil, createdAt: Double = 1_000
    ) -> StandingGrant {
        let rules: [String: ArgumentRule] = [
            "a": .exact(["deep": .array([1, nil, 0.5])]), "b": .prefix("src"), "c": .type(.path),
            "d": .words([.exact("git"), .prefix("lo"), .any], allowsMore: true),
        ]
        return StandingGrant(
            id: "grt_\(number)",
            rule: GrantRule(toolName: "shell_exec", arguments: rules, agentID: "planner", principal: "bot"),
            asking: ["paths: secrets", "commands: push"], usesLeft: uses, expiresAt: expiresAt, createdBy: "ann",
            createdAt: createdAt, itemID: "req_1")
    }
}

/// How many of twenty tasks, all at once, say yes.
func racers(_ body: @escaping @Sendable (Int) async throws -> Bool) async throws -> Int {
    try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<20 { group.addTask { try await body(number) } }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
}

/// The way of an item's run in one step each, with a worker of the test.
extension RunStore where Self: InboxStore {
    func insert(_ item: InboxItem) async throws { try await insert(item, isIdempotent: false) }

    func decide(_ id: String, _ decision: InboxItem.Decision, grant: StandingGrant?) async throws -> Bool {
        try await decide(id, decision, grant: grant, result: nil)
    }

    func begin(_ id: String, auditID: String) async throws -> InboxItem? {
        guard let run = try await item(id)?.execution.runID,
            try await lease(run, Sample.lease) != nil,
            try await begin(run, token: Sample.lease.token, auditID: auditID)
        else { return nil }
        return try await item(id)
    }

    func finish(_ id: String, state: RunState, result: JSONValue) async throws {
        guard let run = try await item(id)?.execution.runID else { return }
        _ = try await finish(run, token: Sample.lease.token, state: state, result: result)
    }
}
