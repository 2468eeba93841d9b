internal import Audit
internal import Engine
internal import Foundation
internal import Gate
internal import LayerTesting
internal import Synchronization
internal import Testing
internal import ToolKit
internal import Tools

/// What outlives a daemon: the workspace, the stores, the clock.
final class PreviewHome: Sendable {
    let folder: String
    let workspace: InMemoryWorkspace
    let store: any EffectStore
    let state = InMemoryState()
    let time = ManualTime()
    let signer = AuditSigner()
    let commits = InMemoryCommits()

    init(_ files: [String: String] = ["a.txt": "one\ntwo\n"], store: any EffectStore = InMemoryEffects()) throws {
        folder = NSTemporaryDirectory() + "preview-\(UUID().uuidString)"
        for name in ["/logs", "/artifacts"] {
            try FileManager.default.createDirectory(atPath: folder + name, withIntermediateDirectories: true)
        }
        workspace = try InMemoryWorkspace(files)
        self.store = store
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}

/// The whole way of a call with the real tools, over a workspace in memory.
final class PreviewFixture: Sendable {
    let home: PreviewHome
    let gate: Gate
    let authenticator: Authenticator
    let engine: Engine
    let desk: InboxDesk
    let effects: EffectDesk
    let administration: Administration
    let log: AuditLog
    let person: Principal
    /// What the next programs do.
    let does = Doing()
    let told = Told()

    static let operatorToken = "the-operators-own-token"

    init(
        _ home: PreviewHome? = nil, policy: String? = nil, settings: [String: JSONValue] = [:],
        tools enabled: [String] = [
            "filesystem_write", "apply_patch", "shell_script", "sandbox_worker_run", "git_commit",
        ]
    ) async throws {
        let home = try home ?? PreviewHome()
        self.home = home
        if let policy { try policy.write(toFile: home.folder + "/policy.yaml", atomically: true, encoding: .utf8) }
        let (state, time, store, workspace) = (home.state, home.time, home.store, home.workspace)
        let policyFile = try PolicyFile(path: home.folder + "/policy.yaml")
        let configuration = try ConfigurationFile(
            path: home.folder + "/configuration.json", knownTools: KnownTools(adding: builtInTools()))
        gate = Gate(
            catalog: try ToolCatalog(
                builtInTools(runsScriptsDirectly: { configuration.current.shellScriptDirect }),
                internalTools: internalTools(
                    effects: EffectLookup(store: store, time: time) { policyFile.version })),
            configuration: configuration, policy: policyFile,
            lockdown: try await Lockdown(store: state, time: time), approvals: state, inbox: state,
            standingGrants: try await StandingGrants(store: state, time: time),
            rateLimits: RateLimits(all: 100_000), workspaceRoots: ["/srv/work"], time: time)
        for tool in enabled { _ = try configuration.setTool(tool, enabled: true) { _ in } }
        if !settings.isEmpty { try configuration.patch(settings) }
        authenticator = try await Authenticator(operatorToken: Self.operatorToken, store: state, time: time)
        person = try authenticator.principal(for: Self.operatorToken, from: "test")
        log = try AuditLog.open(
            AuditLogConfiguration(signer: home.signer) { time.wall }, index: InMemoryAuditIndex(),
            files: try DiskLogStorage(folder: home.folder + "/logs"))
        let recorder = Recorder(log: log, redactor: Redactor(knownSecrets: [Self.operatorToken]), time: time)
        let pool = BlockingPool(width: 4, name: "test")
        let kept = try await ArtifactStore(
            folder: home.folder + "/artifacts", index: InMemoryArtifactIndex(), log: log, redactor: recorder.redactor,
            time: time)
        let contents = workspace.contents
        effects = EffectDesk(
            gate: gate, store: store,
            contents: EffectDesk.Contents(
                contents, base: { workspace.read($0, limit: $1) }, remove: { hashes, _ in contents.remove(hashes) },
                sweep: { needed, _ in contents.sweep(keeping: needed) }),
            applier: workspace, commits: home.commits, recorder: recorder, time: time,
            diff: { old, new, path, limit in
                UnifiedDiff.text(old: old, new: new, path: path, limit: limit).map {
                    EffectDiff(text: $0.text, isTruncated: $0.isTruncated, lines: $0.lines)
                }
            }, tell: { [told] event in told.note(event) })
        let runner = InProcessRunner { [effects, does] _, site, deadline in
            ToolContext(
                files: MemoryFiles(workspace: workspace, effects: site.effects), host: NoHost(),
                commands: MemoryCommands(
                    workspace: workspace, effects: site.effects, does: does.current, commits: home.commits),
                effects: effects.deeds(for: site), deadline: deadline)
        }
        engine = Engine(
            gate: gate, recorder: recorder, artifacts: kept, keys: state, runner: runner, pool: pool, time: time,
            effects: effects)
        administration = Administration(
            gate: gate, recorder: recorder, authenticator: authenticator, running: engine.running, time: time,
            pool: pool)
        desk = InboxDesk(engine: engine, authenticator: authenticator, time: time, pool: pool) { _, _, _ in nil }
        try await effects.recover()
    }

    final class Doing: Sendable {
        private let value = Mutex<[String: String?]>([:])

        func withLock(_ body: @Sendable (inout [String: String?]) -> Void) { value.withLock { body(&$0) } }
        var current: [String: String?] { value.withLock { $0 } }
    }

    /// What those were told who watch.
    final class Told: Sendable {
        private let events = Mutex<[JSONValue]>([])

        var current: [JSONValue] { events.withLock { $0 } }

        func note(_ event: LiveEvent) {
            guard let json = try? JSONReader.read(event.data) else { return }
            events.withLock { $0.append(json) }
        }
    }

    var texts: [String: String] { home.workspace.texts }

    func principal(_ role: Role, named name: String? = nil, tools: [String]? = nil) async throws -> Principal {
        let made = try await authenticator.create(.init(name: name ?? role.rawValue, role: role, tools: tools)) { _ in }
        return try authenticator.principal(for: made.token, from: "test")
    }

    static func write(_ path: String, _ content: String) -> ToolCall {
        ToolCall(toolName: "filesystem_write", arguments: ["path": .string(path), "content": .string(content)])
    }

    func run(_ call: ToolCall, from principal: Principal? = nil) async -> Answer {
        await engine.answer(call, from: principal ?? person, through: "test")
    }

    func preview(_ call: ToolCall, from principal: Principal? = nil) async -> JSONValue {
        var call = call
        call.isPreview = true
        return await run(call, from: principal).json
    }

    /// Previews a change of one file and says what waits.
    func previewed(
        _ path: String = "a.txt", _ content: String = "one\n2\n", from principal: Principal? = nil
    ) async throws -> (id: String, digest: String) {
        try Self.effect(of: await preview(Self.write(path, content), from: principal))
    }

    static func effect(of answer: JSONValue) throws -> (id: String, digest: String) {
        (try #require(answer["effect_id"]?.stringValue), try #require(answer["effect_digest"]?.stringValue))
    }

    static func apply(
        _ effect: (id: String, digest: String), approval: String? = nil, waits: Bool = false
    ) -> ToolCall {
        var call = ToolCall(
            toolName: EffectDesk.applyName,
            arguments: ["effect_id": .string(effect.id), "effect_digest": .string(effect.digest)])
        call.isInternal = true
        call.approvalID = approval
        call.waitsForApproval = waits
        return call
    }

    func apply(_ effect: (id: String, digest: String), from principal: Principal? = nil) async -> JSONValue {
        await run(Self.apply(effect), from: principal).json
    }

    func undo(_ auditID: String, dryRun: Bool = false, from principal: Principal? = nil) async -> JSONValue {
        var call = ToolCall(toolName: EffectDesk.undoName, arguments: ["audit_id": .string(auditID)])
        call.isInternal = true
        call.dryRun = dryRun
        return await run(call, from: principal).json
    }

    func changes(_ name: String) async throws -> [JSONValue] {
        try await log.page(LogQuery(limit: 1_000, group: .change, toolName: name)).entries
    }
}

extension JSONValue {
    var code: String? { self["code"]?.stringValue }
    var isSuccess: Bool { self["success"] == true }
    var auditID: String { self["audit_id"]?.stringValue ?? "" }
    var files: [JSONValue] { self["effects"]?["files"]?.arrayValue ?? [] }
}
