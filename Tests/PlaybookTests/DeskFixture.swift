internal import Audit
internal import Engine
internal import Foundation
internal import Gate
internal import LayerTesting
internal import Synchronization
internal import Testing
internal import ToolKit

/// Gate, engine and desk with a real audit, state in memory, and a runner of tasks that does as it is told.
final class DeskFixture: Sendable {
    let gates: GateFixture
    let log: AuditLog
    let engine: Engine
    let store = FailingPlaybooks()
    let runner = ScriptedRunner()
    let desk: PlaybookDesk
    let person: Principal
    private let folder: String

    /// - Parameter hasRunner: Whether anything runs tasks.
    init(hasRunner: Bool = true, policy: String? = nil) async throws {
        folder = NSTemporaryDirectory() + "books-\(UUID().uuidString)"
        for name in ["/logs", "/artifacts"] {
            try FileManager.default.createDirectory(atPath: folder + name, withIntermediateDirectories: true)
        }
        gates = try await GateFixture(
            tools: [ProbeTool(aliases: ["sonde"]), ProbeTool("asleep", isEnabledByDefault: false, use: .write)],
            operatorToken: "the-operators-own-token", policy: policy)
        let time = gates.time
        log = try AuditLog.open(
            AuditLogConfiguration(signer: AuditSigner()) { time.wall }, index: InMemoryAuditIndex(),
            files: try DiskLogStorage(folder: folder + "/logs"))
        let recorder = Recorder(log: log, redactor: Redactor(knownSecrets: []), time: time)
        let artifacts = try await ArtifactStore(
            folder: folder + "/artifacts", index: InMemoryArtifactIndex(), log: log, redactor: recorder.redactor,
            time: time)
        engine = Engine(
            gate: gates.gate, recorder: recorder, artifacts: artifacts, keys: gates.state, runner: PlanningRunner(),
            pool: BlockingPool(width: 2, name: "test"), time: time)
        desk = PlaybookDesk(engine: engine, store: store, runner: hasRunner ? runner : nil, time: time)
        person = try gates.authenticator.principal(for: "the-operators-own-token", from: "test")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func add(_ definition: PlaybookDefinition, by principal: Principal? = nil) async throws -> Playbook {
        try await desk.add(by: principal ?? person) { tools in
            try PlaybookDefinition(json: definition.json, checkedBy: tools)
        }.playbook
    }

    /// Of so many steps, each of which touches the file `{file}`.
    static func definition(_ name: String = "one", _ steps: Int = 2, tool: String = "probe") -> PlaybookDefinition {
        PlaybookDefinition(
            name: name, variables: ["file": PlaybookVariable(.string)],
            steps: (0..<steps).map { number in
                .init(
                    toolName: tool, arguments: ["path": "{file}", "loud": .bool(number == 0)],
                    description: "step \(number)", retriesOnFailure: number == 0, maxRetries: 9)
            })
    }

    func run(
        _ id: String, _ variables: [String: JSONValue] = ["file": "a.txt"], dryRun: Bool = false,
        by principal: Principal? = nil
    ) async throws -> PlaybookExecution {
        try #require(
            try await desk.run(
                id, .init(variables: variables, dryRun: dryRun), by: principal ?? person, through: "test"))
    }

    /// The code of a refusal, or the fields that are wrong.
    func refusal(_ body: () async throws -> Void) async throws -> String? {
        do {
            try await body()
            return nil
        } catch let refusal as Refusal {
            return refusal.code
        } catch let problems as ArgumentProblems {
            return problems.description
        } catch let unavailable as StoreUnavailable {
            return unavailable.message
        }
    }

    func statistics(_ id: String) async throws -> PlaybookStatistics {
        try await store.playbookStatistics()[id] ?? PlaybookStatistics()
    }

    func changes() async throws -> [JSONValue] {
        try await log.page(LogQuery(limit: 1_000, group: .change, toolName: PlaybookDesk.change)).entries
    }
}

/// Plans, and runs nothing.
struct PlanningRunner: Runner {
    func run(_ grant: consuming Grant, at site: CallSite) async -> Outcome {
        .planned(["summary": .string("would touch \(grant.admitted.arguments["path"]?.stringValue ?? "?")")])
    }
}

/// Tasks as a test wants them to go.
final class ScriptedRunner: PlaybookRunning {
    struct State: Sendable {
        var drafts: [TaskDraft] = []
        var started: [String] = []
        var steps = 0
        /// How the step of this number goes; what is not said succeeds.
        var script: [Int: PlaybookProgress.Standing] = [:]
        var refusal: Refusal?
        /// Of the step of this number.
        var refusedStep: Int?
    }

    let state = Mutex(State())

    func createTask(_ draft: TaskDraft, from principal: Principal) async throws -> String {
        try state.withLock { state in
            if let refusal = state.refusal { throw refusal }
            state.drafts.append(draft)
            state.steps = 0
            return "tsk_\(state.drafts.count)"
        }
    }

    func runStep(
        _ number: Int, of taskID: String, from principal: Principal
    ) async throws -> PlaybookProgress {
        try state.withLock { state in
            let draft = state.drafts[state.drafts.count - 1]
            state.steps += 1
            if number == state.refusedStep {
                throw Refusal(.locked, code: "lockdown", "the lockdown is on", remedy: "end it")
            }
            let isLast = number == draft.steps?.count
            let standing = state.script[number] ?? (isLast ? .completed : .goesOn)
            if case .waits = standing { return PlaybookProgress(standing) }
            let isFailed = standing == .stopped(status: "failed")
            let result: JSONValue =
                isFailed
                ? [
                    "success": false, "result": nil, "error": "no such file", "code": "not_found",
                    "remedy": "name another",
                ]
                : ["success": true, "result": ["touched": true], "error": nil, "audit_id": "aud_1"]
            return PlaybookProgress(
                standing,
                step: .init(
                    number: number, toolName: draft.steps?[number - 1].toolName ?? "", isSuccess: !isFailed,
                    result: result, attempts: isFailed ? 3 : 1))
        }
    }

    func startTask(_ taskID: String, from principal: Principal) async throws {
        state.withLock { $0.started.append(taskID) }
    }
}
