import Foundation
import Glibc
import Sandbox
import Surroundings
import Testing
import ToolKit

@testable import Machine

/// A workspace with confined commands that write to layers. Everything is gone after ``close()``.
final class Bench: Sendable {
    static let host = SandboxHost.find()
    private static let examined = Task { await host.examined(workspace: nil) }

    /// False without bubblewrap, and inside a sandbox, where no other can be built.
    static func works() async -> Bool {
        guard !Surroundings.isInsideSandbox else { return false }
        return await examined.value.confinement == .full
    }

    let base: String
    let workspace: String
    let layers: String
    let ground: CommandGround
    let contents: MemoryContents
    let applying: PlainApplying
    let rules: Rules

    /// Whose the workspace is.
    enum Owner: Sendable, CaseIterable {
        case own
        /// Of a user, for a daemon that is root.
        case user
    }

    struct Rules: PathRules {
        var unreadable: Set<String> = [".env"]
        var unwritable: Set<String> = []
        /// Told of every place whose writing is judged.
        var judging: @Sendable (WorkspacePath) -> Void = { _ in }

        func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict {
            if use == .write { judging(path) }
            let names = use == .read || use == .search ? unreadable : unwritable
            return path.components.contains(where: names.contains) ? .deny : .allow
        }
    }

    init(
        named name: String = "workspace", owner: Owner = .own, limits: LayerLimits = LayerLimits(),
        copies: Bool = false,
        rules: Rules = Rules(), below place: String = NSTemporaryDirectory(), files: [String: String] = [:],
        prepare: (String) throws -> Void = { _ in }
    ) throws {
        base = (place as NSString).appendingPathComponent("bench-" + UUID().uuidString)
        workspace = base + "/" + name
        layers = base + "/layers"
        self.rules = rules
        for folder in [workspace, layers] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        chmod(layers, 0o700)
        chmod(workspace, 0o755)
        for (path, text) in files {
            let file = URL(fileURLWithPath: workspace + "/" + path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try prepare(workspace)
        if owner == .user { Self.giveAway(workspace) }
        let root = try WorkspaceRoot(opening: workspace)
        contents = MemoryContents()
        applying = PlainApplying(root: workspace, contents: contents)
        ground = CommandGround(
            root: root, masked: [], pool: try SupervisorPool(host: Self.host),
            layers: LayerGround(
                folder: layers, contents: contents, applying: applying, limits: limits, copies: copies))
    }

    private static func giveAway(_ folder: String) {
        let inner = FileManager.default.subpaths(atPath: folder) ?? []
        for path in [folder] + inner.map({ folder + "/" + $0 }) { lchown(path, 12_345, 12_345) }
    }

    static func with<Result>(_ bench: Bench, _ body: (Bench) async throws -> Result) async throws -> Result {
        do {
            let result = try await body(bench)
            await bench.close()
            return result
        } catch {
            await bench.close()
            throw error
        }
    }

    func close() async {
        await ground.close()
        try? FileManager.default.removeItem(atPath: base)
    }

    /// What a script did, or would do.
    struct Done: Sendable {
        let result: CommandResult
        let account: CallEffects.Account
        var effect: Effect { account.effect }
    }

    func preview(_ script: String, in folder: WorkspacePath = .root, wallTime: Duration = .seconds(60)) async throws
        -> Done
    {
        try await run(script, CallEffects(.preview), writing: [], wallTime)
    }

    func commit(_ script: String, writing: [String], wallTime: Duration = .seconds(60)) async throws -> Done {
        try await run(script, CallEffects(.run), writing: writing, wallTime)
    }

    func run(
        _ script: String, _ effects: CallEffects, writing: [String], _ wallTime: Duration = .seconds(60)
    ) async throws -> Done {
        let command = Command(try CommandWords(list: ["bash", "-c", script]))
        let pinned = PinnedCommand(
            command: command, wrapping: [], program: "bash", executable: "/usr/bin/bash", arguments: ["-c", script],
            toolchains: [], environment: [:], searchPath: [],
            writes: try writing.map { $0 == "." ? .root : try WorkspacePath($0) })
        let result = try await ground.commands([pinned], rules: rules, effects: effects).run(
            command, limits: CommandLimits(wallTime: wallTime))
        return Done(result: result, account: effects.current)
    }

    func snapshot() throws -> Snapshot { try Snapshot(of: workspace) }

    func read(_ path: String) throws -> String { try String(contentsOfFile: workspace + "/" + path, encoding: .utf8) }

    func exists(_ path: String) -> Bool { access(workspace + "/" + path, F_OK) == 0 }

    func put(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: workspace + "/" + path))
    }

    /// What is left of layers, once everything that was to go is gone.
    func leftLayers() async throws -> [String] {
        await LayerFolder.settle()
        return try FileManager.default.contentsOfDirectory(atPath: layers)
    }
}

/// All suites that start bubblewrap, one after the other: some of them fill disks and processors.
@Suite(
    "Commands in layers", .serialized,
    .enabled("bubblewrap cannot run here: not installed, or this is a sandbox already") { await Bench.works() })
struct CommandsInLayers {}
