internal import Audit
internal import Engine
internal import Foundation
internal import Gate
internal import LayerTesting
internal import Synchronization
internal import Testing
internal import ToolKit

/// What stays when a daemon ends.
final class TaskHome: Sendable {
    let folder: String
    let store = FailingTasks()
    let worker: FakeWorker
    let time = ManualTime()
    let signer = AuditSigner()
    /// Texts of the workspace by their path.
    let files = Mutex<[String: String]>([:])

    init() throws {
        worker = FakeWorker(store.state)
        folder = NSTemporaryDirectory() + "tasks-\(UUID().uuidString)"
        for name in ["/logs", "/artifacts"] {
            try FileManager.default.createDirectory(atPath: folder + name, withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}

/// Gate, engine and a desk for tasks over a worker that does what a test says, with clocks that stand still.
final class TaskFixture: Sendable {
    let home: TaskHome
    let gate: Gate
    let authenticator: Authenticator
    let administration: Administration
    let engine: Engine
    let desk: TaskDesk
    let log: AuditLog
    let person: Principal
    let told = Told()

    static let operatorToken = "the-operators-own-token"

    final class Told: Sendable {
        private let state = Mutex<[LiveEvent]>([])
        var events: [LiveEvent] { state.withLock { $0 } }
        func add(_ event: LiveEvent) { state.withLock { $0.append(event) } }
    }

    init(
        _ home: TaskHome? = nil, settings: [String: JSONValue] = [:], planner: (any TaskPlanner)? = nil,
        configuration: String? = nil, tools more: [any Tool] = []
    ) async throws {
        let home = try home ?? TaskHome()
        self.home = home
        let tools: [any Tool] = [ProbeTool(aliases: ["sonde"]), ProbeTool("other"), ReadTool()] + more
        let (state, time) = (home.store.state, home.time)
        if let configuration {
            try configuration.write(toFile: home.folder + "/configuration.json", atomically: true, encoding: .utf8)
        }
        gate = Gate(
            catalog: try ToolCatalog(tools),
            configuration: try ConfigurationFile(
                path: home.folder + "/configuration.json", knownTools: KnownTools(adding: tools)),
            policy: try PolicyFile(path: home.folder + "/policy.yaml"),
            lockdown: try await Lockdown(store: state, time: time), approvals: state, inbox: state,
            standingGrants: try await StandingGrants(store: state, time: time),
            rateLimits: RateLimits(low: 100_000, medium: 100_000, high: 100_000, refusals: 100_000),
            workspaceRoots: ["/srv/work"], time: time)
        authenticator = try await Authenticator(operatorToken: Self.operatorToken, store: state, time: time)
        person = try authenticator.principal(for: Self.operatorToken, from: "test")
        if !settings.isEmpty { try gate.configuration.patch(settings) }
        log = try AuditLog.open(
            AuditLogConfiguration(signer: home.signer) { time.wall }, index: InMemoryAuditIndex(),
            files: try DiskLogStorage(folder: home.folder + "/logs"))
        let recorder = Recorder(log: log, redactor: Redactor(knownSecrets: [Self.operatorToken]), time: time)
        let pool = BlockingPool(width: 2, name: "test")
        let kept = try await ArtifactStore(
            folder: home.folder + "/artifacts", index: InMemoryArtifactIndex(), log: log, redactor: recorder.redactor,
            time: time)
        engine = Engine(
            gate: gate, recorder: recorder, artifacts: kept, keys: state, runner: ReadRunner(home: home), pool: pool,
            time: time)
        administration = Administration(
            gate: gate, recorder: recorder, authenticator: authenticator, running: engine.running, time: time,
            pool: pool)
        desk = TaskDesk(
            engine: engine, store: home.store, findRun: { [worker = home.worker] in try await worker.run($0) },
            working: home.worker, authenticator: authenticator, time: time, planner: planner, dice: { 1 },
            tell: { [told] in told.add($0) })
    }

    /// The daemon ends, and another one starts in the same home.
    func restarted(planner: (any TaskPlanner)? = nil) async throws -> TaskFixture {
        await log.close()
        return try await TaskFixture(home, planner: planner)
    }

    var worker: FakeWorker { home.worker }

    func principal(_ role: Role, named name: String) async throws -> Principal {
        let made = try await authenticator.create(.init(name: name, role: role, tools: nil)) { _ in }
        return try authenticator.principal(for: made.token, from: "test")
    }

    static func step(_ path: String = "a.txt", tool: String = "probe", expect: JSONValue? = nil, retries: Int? = nil)
        -> StepDraft
    {
        StepDraft(toolName: tool, arguments: ["path": .string(path)], expect: expect, maxRetries: retries)
    }

    func create(
        _ steps: [StepDraft]? = [step()], goal: String = "goal", maxSteps: Int = 50, maxRetries: Int = 3,
        by principal: Principal? = nil
    ) async throws -> AgentTask {
        try await desk.create(
            TaskDraft(goal: goal, maxSteps: maxSteps, maxRetries: maxRetries, steps: steps, agentID: "label"),
            from: principal ?? person)
    }

    @discardableResult
    func step(_ task: AgentTask) async throws -> Advance {
        try #require(try await desk.step(task.id, by: person))
    }

    func now(_ task: AgentTask) async throws -> AgentTask { try #require(try await home.store.state.task(task.id)) }

    func facts(_ task: AgentTask, _ number: Int = 1) async throws -> StepFacts {
        try #require(try await home.store.state.step(number, ofTask: task.id)).facts
    }

    func runID(_ task: AgentTask, _ number: Int = 1) async throws -> String {
        try #require(try await facts(task, number).runID)
    }

    /// The code of what is thrown; the fields when they are wrong.
    func refusal(_ body: () async throws -> Void) async throws -> String? {
        do {
            try await body()
            return nil
        } catch let refusal as Refusal {
            return refusal.code
        } catch let problems as ArgumentProblems {
            return problems.problems.map(\.field).joined(separator: " ")
        }
    }
}

/// Reads what a test put into ``TaskHome/files``.
struct ReadTool: Tool {
    struct Arguments: ToolArguments {
        var path: WorkspacePath
        var limit: Int

        static let schema = ArgumentSchema(
            .required("path", .path, "The file."),
            .optional("limit", .integer(1...1_048_576), default: 1_048_576, "Bytes."))
    }

    let name = "filesystem_read"
    let description = "Reads nothing."
    let risk = Risk.low
    let isEnabledByDefault = true
    let isIdempotent = true
    let annotations = ToolAnnotations(title: "Read", readOnly: true)
    let availability = Availability.available

    func access(for arguments: Arguments) -> Access { .read(arguments.path) }
    func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] { [:] }
    func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        ToolOutput([:], summary: "nothing")
    }
}

struct ReadRunner: Runner {
    let home: TaskHome

    func run(_ grant: consuming Grant, at site: CallSite) async -> Outcome {
        let path = grant.admitted.arguments["path"]?.stringValue ?? ""
        guard let text = home.files.withLock({ $0[path] }) else {
            return .failed(ToolFailure("not_found", "\(path) does not exist", remedy: "none"))
        }
        return .succeeded(ToolOutput(["content": .string(text)], summary: "read"))
    }
}
