internal import Audit
internal import Engine
internal import Foundation
internal import Gate
internal import LayerTesting
internal import Synchronization
internal import Testing
internal import ToolKit

/// What stays when a daemon ends: its files, its state, and what its calls have done to the world.
final class DeskHome: Sendable {
    let folder: String
    let state = FailingState()
    let budgets = InMemoryBudgets()
    let time = ManualTime()
    let signer = AuditSigner()
    /// The path of every probe that ran, in order.
    let touched = Mutex<[String]>([])

    init() throws {
        folder = NSTemporaryDirectory() + "desk-\(UUID().uuidString)"
        for name in ["/logs", "/artifacts"] {
            try FileManager.default.createDirectory(atPath: folder + name, withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var effects: [String] { touched.withLock { $0 } }
}

/// Gate, engine, desk and a real audit, with state in memory and clocks that stand still. Every call of the tool `probe`
/// needs an approval.
final class DeskFixture: Sendable {
    let home: DeskHome
    let gate: Gate
    let authenticator: Authenticator
    let engine: Engine
    let administration: Administration
    let desk: InboxDesk
    let log: AuditLog
    let hub: EventHub
    let waiting = Waiting()

    static let operatorToken = "the-operators-own-token"
    /// What the fixture's diff cannot show.
    static let unshowable = "more than fits"

    /// - Parameter home: Of an earlier life.
    init(
        _ home: DeskHome? = nil, policy: String? = nil, settings: [String: JSONValue] = [:],
        callsPerMinute: Int = 100_000, refusalsPerMinute: Int? = nil, honeytokens: Honeytokens? = nil
    ) async throws {
        let home = try home ?? DeskHome()
        self.home = home
        if let policy { try policy.write(toFile: home.folder + "/policy.yaml", atomically: true, encoding: .utf8) }
        let tools: [any Tool] = [
            ProbeTool(aliases: ["sonde"], risk: .high, isIdempotent: false, use: .write),
            ProbeTool("filesystem_write", risk: .high, use: .write), ProbeTool("calm"), ProbeTool("shell_exec"),
            ProbeTool("asleep", risk: .high, isEnabledByDefault: false, use: .write),
            CommandTool(), BudgetTool("jotter"), HandsTool(),
        ]
        let (state, time) = (home.state, home.time)
        gate = Gate(
            catalog: try ToolCatalog(tools),
            configuration: try ConfigurationFile(
                path: home.folder + "/configuration.json", knownTools: KnownTools(adding: tools)),
            policy: try PolicyFile(path: home.folder + "/policy.yaml"),
            lockdown: try await Lockdown(store: state.state, time: time), approvals: state.state, inbox: state,
            standingGrants: try await StandingGrants(store: state, time: time),
            rateLimits: RateLimits(
                low: callsPerMinute, medium: callsPerMinute, high: callsPerMinute,
                refusals: refusalsPerMinute ?? callsPerMinute),
            workspaceRoots: ["/srv/work"], time: time,
            budgets: try await BudgetLedger(store: home.budgets, time: time), honeytokens: honeytokens)
        authenticator = try await Authenticator(operatorToken: Self.operatorToken, store: state.state, time: time)
        person = try authenticator.principal(for: Self.operatorToken, from: "test")
        try gate.configuration.patch(
            ["approval_mode": "require_approval"].merging(settings) { $1 })
        let holder = LogHolder()
        hub = EventHub { try? await holder.log?.indexedEntry($0) }
        var configuration = AuditLogConfiguration(signer: home.signer) { time.wall }
        configuration.onLines = { [hub] in hub.note($0) }
        log = try AuditLog.open(
            configuration, index: InMemoryAuditIndex(), files: try DiskLogStorage(folder: home.folder + "/logs"))
        holder.hold(log)
        let recorder = Recorder(
            log: log, redactor: Redactor(knownSecrets: [Self.operatorToken], honeytokens: honeytokens), time: time)
        let pool = BlockingPool(width: 4, name: "test")
        let runner = ProbeRunner { [waiting] path in
            if let wait = waiting.closure { try await wait() }
            home.touched.withLock { $0.append(path) }
        }
        let kept = try await ArtifactStore(
            folder: home.folder + "/artifacts", index: InMemoryArtifactIndex(), log: log, redactor: recorder.redactor,
            time: time)
        engine = Engine(
            gate: gate, recorder: recorder, artifacts: kept, keys: state.state, runner: runner, pool: pool, time: time)
        administration = Administration(
            gate: gate, recorder: recorder, authenticator: authenticator, running: engine.running, time: time,
            pool: pool)
        desk = InboxDesk(engine: engine, authenticator: authenticator, time: time, pool: pool) { old, new, path in
            new.contains(Self.unshowable.utf8)
                ? nil
                : "--- \(path)\n-\(String(decoding: old, as: UTF8.self))\n+\(String(decoding: new, as: UTF8.self))"
        }
    }

    /// What every probe waits for before it touches anything.
    final class Waiting: Sendable {
        private let value = Mutex<(@Sendable () async throws -> Void)?>(nil)
        var closure: (@Sendable () async throws -> Void)? { value.withLock { $0 } }
        func set(_ closure: (@Sendable () async throws -> Void)?) { value.withLock { $0 = closure } }
    }

    /// The log is told of its lines before anybody can hold it.
    private final class LogHolder: Sendable {
        private let held = Mutex<AuditLog?>(nil)
        var log: AuditLog? { held.withLock { $0 } }
        func hold(_ log: AuditLog) { held.withLock { $0 = log } }
    }

    var time: ManualTime { home.time }
    var state: FailingState { home.state }
    let person: Principal

    func principal(_ role: Role, named name: String? = nil, tools: [String]? = nil) async throws -> Principal {
        let made = try await authenticator.create(
            .init(name: name ?? role.rawValue, role: role, tools: tools)
        ) { _ in }
        return try authenticator.principal(for: made.token, from: "test")
    }

    func call(_ path: String = "a.txt", tool: String = "probe", agent: String? = nil) -> ToolCall {
        var call = ToolCall(toolName: tool, arguments: ["path": .string(path)])
        call.agentID = agent
        return call
    }

    /// An item that waits: a call of `/run` whose caller would rather wait.
    func waitingItem(
        _ path: String = "a.txt", tool: String = "probe", from principal: Principal
    ) async throws -> InboxItem {
        var call = call(path, tool: tool)
        call.waitsForApproval = true
        let answer = await engine.answer(call, from: principal, through: "test")
        let id = try #require(answer.waiting?.itemID)
        return try #require(try await desk.item(id))
    }

    func approve(_ item: InboxItem, by principal: Principal? = nil, grant: JSONValue? = nil) async throws -> InboxItem {
        try #require(try await decide(item, true, by: principal, grant: grant))
    }

    func decide(
        _ item: InboxItem, _ isApproved: Bool, by principal: Principal? = nil, grant: JSONValue? = nil
    ) async throws -> InboxItem? {
        try await desk.decide(
            item.id, InboxDesk.Verdict(isApproved: isApproved, note: "so be it", grant: grant),
            by: principal ?? person)
    }

    /// The code of the refusal of a decision; `nil` when it passed.
    func refusal(
        _ item: InboxItem, _ isApproved: Bool = true, by principal: Principal? = nil, grant: JSONValue? = nil
    ) async throws -> String? {
        do {
            _ = try await decide(item, isApproved, by: principal, grant: grant)
            return nil
        } catch let refusal as Refusal {
            return refusal.code
        }
    }

    /// Changes of this name in the audit, newest first.
    func changes(_ name: String) async throws -> [JSONValue] {
        try await log.page(LogQuery(limit: 1_000, group: .change, toolName: name)).entries
    }

    func calls() async throws -> [JSONValue] {
        try await log.page(LogQuery(limit: 1_000, group: .call)).entries
    }
}

/// Touches what the call names, and plans without touching.
struct ProbeRunner: Runner {
    let touch: @Sendable (_ path: String) async throws -> Void

    func run(_ grant: consuming Grant, at site: CallSite) async -> Outcome {
        let path = grant.admitted.arguments["path"]?.stringValue ?? "?"
        guard grant.kind == .run else { return .planned(["summary": .string("would touch \(path)")]) }
        do {
            try await touch(path)
            return .succeeded(ToolOutput(["touched": .string(path)], summary: "touched \(path)"))
        } catch let failure as ToolFailure {
            return .failed(failure)
        } catch is CancellationError {
            return .interrupted(.cancelled)
        } catch {
            return .faulted(description: "\(error)")
        }
    }
}

/// A command as the real tools have one, and nothing behind it.
struct CommandTool: Tool {
    struct Arguments: ToolArguments {
        var command: JSONValue
        var cwd: WorkspacePath?
        var timeout: Int
        var script: String?

        static let schema = ArgumentSchema(
            .required(
                "command", .either([.string(maxLength: 4_096), .array(of: .string(maxLength: 4_096), count: 1...256)]),
                aliases: ["cmd"],
                "Words."),
            .optional("cwd", .path, "Where."),
            .optional("timeout", .integer(1...60), default: 30, "Seconds."),
            .optional("script", .content(maxLength: 65_536), "A text."))
    }

    let name = "command"
    let description = "Runs nothing."
    let risk = Risk.high
    let isEnabledByDefault = true
    let isIdempotent = false
    let annotations = ToolAnnotations(title: "Command", readOnly: false)
    let availability = Availability.available

    func access(for arguments: Arguments) -> Access { Access(places: []) }
    func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] { [:] }
    func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        ToolOutput([:], summary: "nothing")
    }
}
