internal import Browser
internal import Desktop
internal import Egress
internal import Engine
internal import Foundation
internal import Logging
internal import Machine
internal import Sandbox
internal import ToolKit
internal import Tools

/// What starts programs, as far as this machine lets it: found out once, by building the walls.
struct Hands: Sendable {
    let availability: Availability
    #if os(Linux)
        private let ground: CommandGround?
    #endif

    /// - Parameters:
    ///   - copies: See ``Machine/CommandGround``.
    ///   - effects: Where what they write goes before it is put in place.
    ///   - planted: False credentials that they find.
    init(
        in workspace: WorkspaceRoot, masked: [WorkspacePath], copies: String, effects: EffectGround,
        planted: @escaping @Sendable () -> PlantedCredentials? = { nil }
    ) async {
        let logger = Logger(label: "sandbox")
        #if os(Linux)
            let host = await SandboxHost.find().examined(workspace: workspace.path)
            if case .unavailable(let reason, let remedy) = host.confinement {
                logger.warning("no program can be started: \(reason). \(remedy)")
                (availability, ground) = (.unavailable(reason: reason, remedy: remedy, dependency: "bubblewrap"), nil)
                return
            }
            do throws(ToolFailure) {
                let pool = try SupervisorPool(host: host, cgroups: CallCgroups())
                ground = CommandGround(
                    root: workspace, masked: masked, pool: pool, copies: copies,
                    layers: LayerGround(
                        folder: effects.layers, contents: effects.contents, applying: effects.applier),
                    planted: planted)
                availability = .available
            } catch {
                logger.warning("no program can be started: \(error.message)")
                ground = nil
                availability = .unavailable(reason: error.message, remedy: error.remedy, dependency: "bubblewrap")
            }
        #else
            availability = Self.availabilityAtFirstSight
            logger.warning("no program can be started: commands are confined on Linux only")
        #endif
    }

    /// Without building anything: for lists of tools that are shown without a daemon.
    static var availabilityAtFirstSight: Availability {
        guard case .unavailable(let reason, let remedy) = SandboxHost.find().confinement else { return .available }
        return .unavailable(reason: reason, remedy: remedy, dependency: "bubblewrap")
    }

    /// The programs of one call, held to what the gate pinned for it.
    ///
    /// - Parameters:
    ///   - revealed: Places that a person let the call read.
    ///   - owner: The caller.
    ///   - effects: Told what they change; decides whether they really do.
    ///   - way: The way out for those that may reach hosts.
    func commands(
        _ pinned: [PinnedCommand], rules: any PathRules, revealing revealed: [WorkspacePath],
        artifacts: any ArtifactKeeper, output: any OutputObserver, owner: String, effects: CallEffects,
        way: @escaping NetworkWay
    ) -> any CommandRunner {
        #if os(Linux)
            if let ground {
                return ground.commands(
                    pinned, rules: rules, revealing: revealed, artifacts: artifacts, output: output, owner: owner,
                    effects: effects, way: way)
            }
        #endif
        return NoCommands()
    }

    /// Browsers for pages; `nil` where there is no program or no sandbox for one.
    func browsers(through egress: Egress) -> BrowserPool? {
        #if os(Linux)
            if let ground, let program = BrowserProgram.find() {
                return BrowserPool(program, in: ground.pool, through: egress)
            }
        #endif
        return nil
    }

    var browserAvailability: Availability { Self.browserAvailability(commands: availability) }

    /// - Parameter commands: Whether programs can be started at all.
    static func browserAvailability(commands: Availability) -> Availability {
        guard case .available = commands, BrowserProgram.find() == nil else { return commands }
        return .unavailable(
            reason: "Chromium is not installed", remedy: BrowserProgram.remedy, dependency: "chromium")
    }

    /// The list of tools as it is shown without a daemon.
    static var toolsAtFirstSight: [any Tool] {
        let commands = availabilityAtFirstSight
        return builtInTools(
            commands: commands, browser: browserAvailability(commands: commands),
            desktop: X11Desktop.availability(
                of: DisplayChoice(environment: ProcessInfo.processInfo.environment)))
    }

    /// Ends everything that runs. Nothing is left when it returns.
    func close() async {
        #if os(Linux)
            await ground?.close()
        #endif
    }
}

extension Hands: CommitMoving {
    func conflicts(_ move: GitMove) throws -> [EffectPath] {
        #if os(Linux)
            if let ground { return try ground.conflicts(move) }
        #endif
        throw Self.noGit
    }

    func make(_ move: GitMove) async throws {
        #if os(Linux)
            if let ground { return try await ground.make(move) }
        #endif
        throw Self.noGit
    }

    private static let noGit = ToolFailure(
        "commands_unavailable", "commits are neither made nor taken back here",
        remedy: "use the daemon on a machine where execlayer doctor finds a sandbox")
}
