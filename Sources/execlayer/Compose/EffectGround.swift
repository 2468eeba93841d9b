internal import Engine
internal import Gate
internal import Logging
internal import Machine
internal import ToolKit
internal import Tools

/// Where effects live: contents, the journal of what is being applied, and the layers that programs write to.
struct EffectGround: Sendable {
    let contents: ContentStore
    let applier: EffectApplier
    /// Empty at the start.
    let layers: String
    /// What a daemon that was ended while it applied had left.
    let recovery: EffectRecovery
    private let workspace: WorkspaceRoot
    private let masked: [WorkspacePath]

    /// Finishes or takes back what was under way when the daemon before ended. Before any call is taken. Blocks.
    ///
    /// - Parameter settings: How much may be kept; a later change of that holds for the disk from the next start on.
    init(in home: Home, workspace: WorkspaceRoot, masked: [WorkspacePath], settings: Configuration) throws {
        self.workspace = workspace
        self.masked = masked
        let folders = try home.effects()
        // What calls under way keep, and what gave way and is not removed yet, comes on top.
        let (bytes, isHuge) = settings.effectStorageBytes.multipliedReportingOverflow(by: 2)
        contents = try ContentStore(
            folder: folders.contents, limits: ContentStore.Limits(totalBytes: isHuge ? .max : bytes))
        applier = try EffectApplier(root: workspace, contents: contents, journal: folders.journal, masked: masked)
        layers = folders.layers
        recovery = try applier.recover()
        let logger = Logger(label: "effects")
        for call in recovery.calls {
            logger.notice(
                "a change that was cut short was \(call.end == .finished ? "finished" : "taken back")",
                metadata: ["call.id": "\(call.id)", "left": "\(call.left.count)", "kept": "\(call.kept.map(\.shown))"])
        }
        for name in recovery.unreadable {
            logger.error("a journal of changes cannot be read", metadata: ["file": "\(name)"])
        }
    }

    /// For the desk that answers for them.
    var kept: EffectDesk.Contents {
        EffectDesk.Contents(
            contents, base: { [workspace, masked] path, limit in Self.read(path, limit, in: workspace, masked) },
            taken: { [contents] in contents.usage.bytes },
            remove: { [contents] in contents.remove($0, unlessWantedSince: $1) },
            sweep: { [contents] in contents.sweep(keeping: $0, since: $1) })
    }

    /// Whoever may see it is asked elsewhere; here a file is read as any tool reads it, beneath the root.
    private static func read(
        _ path: EffectPath, _ limit: Int, in workspace: WorkspaceRoot, _ masked: [WorkspacePath]
    ) -> [UInt8]? {
        guard let place = path.workspacePath else { return nil }
        let files = BeneathFiles(root: workspace, access: .read(place), rules: Policy.empty, masked: masked)
        // What is not there any more has no diff.
        return try? files.read(place, offset: 0, limit: limit).bytes
    }

    static let diff: EffectDiff.Maker = { old, new, path, limit in
        UnifiedDiff.text(old: old, new: new, path: path, limit: limit).map {
            EffectDiff(text: $0.text, isTruncated: $0.isTruncated, lines: $0.lines)
        }
    }
}

extension Layer {
    /// What was open when the daemon ended is settled by what the journal and the workspace say.
    static func recover(_ desk: EffectDesk, _ ground: EffectGround) async throws {
        func ids(_ end: EffectRecovery.End) -> Set<String> {
            Set(ground.recovery.calls.filter { $0.end == end }.map(\.id))
        }
        try await desk.recover(finished: ids(.finished), takenBack: ids(.takenBack))
    }

    /// Ends what nobody applied in time, and lets the oldest give way.
    func tickEffects() async {
        await attempt("effects could not be tidied") { try await effects.tidy { engine.running.contains($0) } }
    }

    /// Now and then: contents that no record needs any more.
    func sweepEffects() async {
        await attempt("contents of effects could not be removed") { try await effects.sweep() }
    }

    private func attempt(_ complaint: Logger.Message, _ operation: @Sendable () async throws -> Void) async {
        do {
            try await pool.run { try await operation() }
        } catch {
            Logger(label: "effects").warning(complaint, metadata: ["error": "\(error)"])
        }
    }
}
