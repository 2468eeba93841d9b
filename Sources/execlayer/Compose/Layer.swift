internal import Audit
internal import Browser
internal import Desktop
internal import Egress
internal import Engine
internal import Foundation
internal import Gate
internal import Logging
internal import Machine
internal import Store
internal import ToolKit
internal import Tools

/// Everything behind the doors, composed once: stores, audit, gate, engine. The daemon and the verbs that work without
/// one build the same.
final class Layer: Sendable {
    let home: Home
    let workspace: WorkspaceRoot
    /// The daemon's own folder where it lies in the workspace.
    let masked: [WorkspacePath]
    let log: AuditLog
    let authenticator: Authenticator
    let gate: Gate
    let engine: Engine
    let administration: Administration
    let desk: InboxDesk
    let tasks: TaskDesk
    let playbooks: PlaybookDesk
    let hub: EventHub
    let pool: BlockingPool
    let time: any TimeSource
    let state: StateDatabase
    let hands: Hands
    let effects: EffectDesk
    let egress: Egress
    /// `nil` where there is no Chromium or no sandbox for it.
    let browsers: BrowserPool?

    /// - Parameter lock: Proof that this process is the only writer of the home.
    /// - Throws: ``HomeProblem``, or what the file at fault says of itself.
    init(_ options: LayerOptions, home: Home, lock: borrowing HomeLock) async throws {
        let logger = Logger(label: "start")
        let time = SystemTime()
        let pool = BlockingPool(width: 8, name: "call")
        let workspace = try WorkspaceChoice.open(options.workspace, isForced: options.isWorkspaceForced)
        let masked = try home.masked(in: workspace.path)
        let configuration = try await pool.run {
            try StartFailure.explaining(ConfigurationFile.name) {
                try ConfigurationFile(
                    path: home.configuration + "/" + ConfigurationFile.name,
                    knownTools: KnownTools(adding: builtInTools()))
            }
        }
        let ground = try await pool.run {
            try EffectGround(in: home, workspace: workspace, masked: masked, settings: configuration.current)
        }
        let planted = try await pool.run { try HoneytokenFile(in: home.honeytokens).planted() }
        let hands = await Hands(
            in: workspace, masked: masked, copies: try home.freshCopies(), effects: ground,
            planted: { configuration.current.honeytokens ? planted.credentials : nil })
        let entries = EntrySource()
        let hub = EventHub { await entries.entry($0) }
        let (policy, state, log) = try await pool.run {
            let policy = try StartFailure.explaining(PolicyFile.name) {
                try PolicyFile(
                    path: home.configuration + "/" + PolicyFile.name, masked: masked, roots: workspace.spellings,
                    domains: options.allowedDomains)
            }
            // Before the audit, which it is a witness of.
            let state = try StartFailure.explaining("data/state.sqlite") {
                try StateDatabase(path: home.data + "/state.sqlite")
            }
            let log = try StartFailure.explaining("the audit") {
                try Self.openLog(of: home, memory: state, hub: hub, onIndexed: options.onIndexed)
            }
            return (policy, state, log)
        }
        if let loss = log.recovery.loss {
            logger.critical(
                "the audit is not what it was: \(loss.sentence); run execlayer audit verify, and ask who changed logs/")
        }
        try await state.removeExpired(bootID: time.bootID, createdBefore: time.sinceBoot - Approval.lifetime)
        for warning in configuration.warnings { logger.warning("\(warning)") }
        let egress = Egress()
        let browsers = hands.browsers(through: egress)
        let catalog = try ToolCatalog(
            builtInTools(
                commands: hands.availability, browser: hands.browserAvailability,
                author: { configuration.current.gitAuthor }, desktop: X11Desktop.availability(of: options.displays),
                runsScriptsDirectly: { configuration.current.shellScriptDirect },
                providers: { configuration.current.consultProviders.all }),
            internalTools: internalTools(
                effects: EffectLookup(store: state, time: time) { policy.version }))
        let gate = Gate(
            catalog: catalog, configuration: configuration, policy: policy,
            lockdown: try await Lockdown(store: state, time: time), approvals: state, inbox: state,
            standingGrants: try await StandingGrants(store: state, time: time), rateLimits: options.rateLimits,
            workspaceRoots: workspace.spellings, time: time,
            budgets: try await BudgetLedger(store: state, time: time), honeytokens: planted.tokens)
        let plannerKey = Self.plannerKey(configuration.current)
        let recorder = Recorder(
            log: log,
            redactor: Redactor(
                knownSecrets: [options.operatorToken, plannerKey?.value].compactMap { $0 },
                honeytokens: planted.tokens),
            time: time)
        let artifacts = try await Self.openArtifacts(of: home, state: state, log, recorder, time, on: pool)
        let effects = EffectDesk(
            gate: gate, store: state, contents: ground.kept, applier: ground.applier, commits: hands,
            recorder: recorder,
            time: time,
            diff: EffectGround.diff, tell: { hub.tell($0) })
        try await pool.run { try await Self.recover(effects, ground) }
        let desktop = X11Desktop(on: options.displays)
        let runner = InProcessRunner { call, site, deadline in
            let rules = policy.current
            return ToolContext(
                files: BeneathFiles(
                    root: workspace, access: call.access, rules: rules, masked: masked, effects: site.effects,
                    contents: ground.contents, journal: CommitJournal(ground.applier, call: site.label.auditID)),
                host: LocalHostFacts(access: call.access, workspaceRoot: workspace.path),
                commands: hands.commands(
                    call.judgement.commands.compactMap(\.pinned), rules: rules, revealing: call.approvedReads,
                    artifacts: site.artifacts, output: site.output, owner: site.label.principal,
                    effects: site.effects,
                    way: { pinned in
                        egress.proxy(
                            rules: NarrowedHosts(rules.hosts, to: pinned.hosts, by: pinned.rules),
                            connections: site.connections)
                    }),
                web: egress.fetcher(
                    granted: call.grantedEndpoints, rules: rules.hosts, connections: site.connections),
                browser: browsers.map { pool -> any WebBrowser in
                    CallBrowser(
                        pool, owner: site.label.principal, granted: call.grantedEndpoints, rules: rules.hosts,
                        connections: site.connections, deadline: deadline)
                } ?? NoBrowser(),
                desktop: call.access.usesDesktop ? desktop : NoDesktop(),
                artifacts: site.artifacts, effects: effects.deeds(for: site), deadline: deadline)
        }
        self.home = home
        self.workspace = workspace
        self.masked = masked
        self.log = log
        self.state = state
        self.hands = hands
        self.effects = effects
        self.egress = egress
        self.browsers = browsers
        self.gate = gate
        self.pool = pool
        self.time = time
        authenticator = try await Authenticator(operatorToken: options.operatorToken, store: state, time: time)
        engine = Engine(
            gate: gate, recorder: recorder, artifacts: artifacts, keys: state, runner: runner, pool: pool, time: time,
            effects: effects)
        administration = Administration(
            gate: gate, recorder: recorder, authenticator: authenticator, running: engine.running, time: time,
            pool: pool
        )
        entries.log = log
        self.hub = hub
        desk = InboxDesk(
            engine: engine, authenticator: authenticator, time: time, pool: pool,
            diff: { old, new, path in
                // More than twice the largest policy: nothing of it is cut.
                let diff = UnifiedDiff.text(old: old, new: new, path: path, limit: 4 << 20)
                return diff.flatMap { $0.isTruncated || $0.text.isEmpty ? nil : $0.text }
            },
            // Only so that the next start does not record it again.
            onPolicyChange: { [state] version in _ = try? await state.remember(version, as: "policy_version") })
        tasks = TaskDesk(
            engine: engine, store: state, findRun: { [runs = desk.runs] in try await runs.run($0) }, working: desk.runs,
            authenticator: authenticator, time: time,
            planner: ModelPlanner(
                transport: PlannerClient(), settings: { configuration.current.planner }, key: plannerKey,
                redactor: recorder.redactor),
            tell: { hub.tell($0) })
        playbooks = PlaybookDesk(engine: engine, store: state, runner: tasks, time: time)
        tasks.observeEnds { [playbooks] task in
            guard task.playbookID != nil else { return }
            await playbooks.ended(task.id, isSuccess: task.status == .completed)
        }
        try await engine.incidents.restore()
        try await recordPolicyChange()
        await importOlderTasks()
        await importOlderPlaybooks()
    }

    /// Kept files, without what a crash left of some.
    private static func openArtifacts(
        of home: Home, state: StateDatabase, _ log: AuditLog, _ recorder: Recorder, _ time: any TimeSource,
        on pool: BlockingPool
    ) async throws -> ArtifactStore {
        try await pool.run {
            let store = try await ArtifactStore(
                folder: home.artifacts, index: state, log: log, redactor: recorder.redactor, time: time)
            let tidied = try await store.tidy(closed: log.recovery.closedCalls)
            if tidied != ArtifactStore.Tidied() {
                Logger(label: "start").notice(
                    "kept files that nobody was told of were removed",
                    metadata: ["files": "\(tidied.files)", "records": "\(tidied.records)"])
            }
            return store
        }
    }

    /// The policy may have been edited, or its file removed, while nobody watched.
    private func recordPolicyChange() async throws {
        let before = try await state.remember(gate.policy.version, as: "policy_version")
        guard let before, before != gate.policy.version else { return }
        Logger(label: "start").notice("the policy is another one than at the last stop")
        await administration.recordEdit(
            "change:policy", before: ["version": .string(before)], after: ["version": .string(gate.policy.version)])
    }

    private static func openLog(
        of home: Home, memory: StateDatabase, hub: EventHub, onIndexed: (@Sendable (Int, Int) -> Void)?
    ) throws -> AuditLog {
        let signer = try AuditKeyFile.load(from: DiskLogStorage(folder: home.keys))
        var configuration = AuditLogConfiguration(signer: signer) { Date().timeIntervalSince1970 }
        let logger = Logger(label: "audit")
        configuration.onFault = { logger.error("\($0)") }
        configuration.onIndexed = onIndexed ?? { _, _ in }
        configuration.onLines = { hub.note($0) }
        configuration.onSpaceWarning = { free in
            guard let free else { return logger.notice("there is enough disk space for the audit again") }
            logger.warning("the disk of the home folder is nearly full", metadata: ["free_bytes": "\(free)"])
        }
        return try AuditLog.open(
            configuration, index: try AuditIndexStore.open(path: home.data + "/audit-index.sqlite"),
            files: try DiskLogStorage(folder: home.logs), memory: memory)
    }

    /// Takes over what people edited by hand, and records it.
    func pollFiles() async {
        let logger = Logger(label: "files")
        let (configurationEvents, policyEvents) = await pool.run {
            (gate.configuration.poll(), gate.policy.poll())
        }
        for event in configurationEvents {
            switch event {
            case .changed(let before, let after):
                logger.info("the configuration was edited by hand and is in force")
                await administration.recordEdit(
                    "change:config", before: before.configuration.json(), after: after.configuration.json())
            case .broken(let problem):
                logger.error(
                    "the configuration file cannot be used, the last good one stays",
                    metadata: ["problem": "\(problem)"])
            case .mended:
                logger.info("the configuration file is in order again")
            }
        }
        for event in policyEvents {
            switch event {
            case .changed(let before, let after):
                logger.info("the policy was edited by hand and is in force")
                await administration.recordEdit(
                    "change:policy", before: ["version": .string(before.version)],
                    after: ["version": .string(after.version)])
                // Only so that the next start does not record it again.
                _ = try? await state.remember(after.version, as: "policy_version")
            case .broken(let problem):
                logger.error(
                    "the policy file cannot be used, the last good one stays", metadata: ["problem": "\(problem)"])
            case .mended:
                logger.info("the policy file is in order again")
            }
        }
    }

    /// A lockdown leaves nothing that waits to reach out.
    func tickBrowsers() async {
        if gate.lockdown.state.isActive { await browsers?.endIdle() }
    }

    func tickLog() async {
        // Its failure is told to whoever records something next.
        _ = try? await log.tick()
    }

    /// Closes the audit with a signed checkpoint and the stores after it.
    func close() async {
        await desk.runs.stop()
        await browsers?.close()
        await hands.close()
        await log.close()
        await pool.run {
            do {
                try state.close()
            } catch {
                Logger(label: "stop").error("the state database was not closed", metadata: ["error": "\(error)"])
            }
        }
    }
}
