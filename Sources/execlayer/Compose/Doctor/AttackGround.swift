#if os(Linux)
    internal import CPlatform
    internal import Foundation
    internal import Machine
    internal import Sandbox
    internal import ToolKit

    /// Where doctor's attacks take place: supervisors of this host around a workspace of doctor's own, and the same for the
    /// operator's workspace, which is only ever looked at.
    final class AttackGround: Sendable {
        let scratch: ScratchFolder
        let host: SandboxHost
        let pool: SupervisorPool
        let outside: OutsideRun
        let canaries: HostCanaries
        /// The folder of this executable, and those of libraries that it was linked with.
        let toolchains: [String]
        let rules: any PathRules
        private let commands: CommandGround

        var workspace: String { scratch.path + "/workspace" }
        static let home = "home"

        /// - Parameter host: As it was examined around the operator's workspace.
        init(host: SandboxHost, rules: any PathRules) async throws {
            scratch = try ScratchFolder()
            for (name, text) in [
                ("notes.txt", "plain\n"), (".git/config", "[core]\n"), (".git/hooks/sample", "true\n"),
                (Self.home + "/data/secret", "secret\n"),
            ] {
                try scratch.write(text, to: "workspace/" + name)
            }
            canaries = try HostCanaries(folder: scratch.path, workspace: scratch.path + "/workspace")
            let root = try WorkspaceRoot(opening: scratch.path + "/workspace")
            // The folder for temporary files may lie on another file system than the operator's workspace.
            let examined = await host.examined(workspace: root.path)
            self.host = examined
            self.rules = rules
            pool = try SupervisorPool(host: examined, cgroups: CallCgroups())
            outside = OutsideRun(executable: ProcessProbes.link("/proc/self/exe"))
            toolchains = Self.toolchains(of: outside.executable)
            let masked = [try WorkspacePath(Self.home)]
            let contents = try ContentStore(folder: scratch.folder("effects/contents"))
            let applier = try EffectApplier(
                root: root, contents: contents, journal: scratch.folder("effects/journal"), masked: masked)
            commands = try CommandGround(
                root: root, masked: masked, pool: pool,
                layers: LayerGround(folder: scratch.folder("effects/layers"), contents: contents, applying: applier))
        }

        /// Nothing of the attacks is left when it returns.
        func close() async { await commands.close() }

        var profile: Profile {
            var profile = Profile(
                workspace: .writable(workspace), runAs: host.runAs(workspace: workspace, others: toolchains))
            profile.toolchains = toolchains
            // The harder case, which a rule of the operator's can make.
            profile.unixSockets = true
            return profile
        }

        /// The hostile program behind both walls, with limits of the attack's choice.
        func run(
            _ probe: Probe, _ words: [String] = [], watcher: OutputWatcher? = nil,
            limits change: (inout CallLimits) -> Void = { _ in }
        ) async throws -> CallEnd {
            var call = ConfinedCall(outside.executable, Self.words(probe, words), folder: workspace)
            call.limits.wallTime = .seconds(8)
            call.limits.grace = .milliseconds(200)
            change(&call.limits)
            return try await pool.run(call, in: profile, watcher: watcher)
        }

        /// - Throws: ``Undecided`` when it did not come to its end.
        func inside(_ probe: Probe, _ words: [String] = []) async throws -> ProbeReport {
            let end = try await run(probe, words)
            guard end.isSuccess else { throw Undecided(Self.reason(end)) }
            return ProbeReport(text: end.stdout.text)
        }

        /// As a tool's command is run: with everything that hides and protects parts of a workspace.
        func asCommand(
            _ probe: Probe, _ words: [String], writes: Bool, on ground: CommandGround? = nil
        ) async throws -> ProbeReport {
            let arguments = Self.words(probe, words)
            let command = Command(try CommandWords(list: [outside.executable] + arguments))
            let pinned = PinnedCommand(
                command: command, wrapping: [], program: "execlayer", executable: outside.executable,
                arguments: arguments, toolchains: toolchains, environment: [:], searchPath: [],
                writes: writes ? [.root] : [])
            let result = try await (ground ?? commands).commands([pinned], rules: rules).run(
                command, limits: CommandLimits(wallTime: .seconds(8)))
            guard result.returnCode == 0 else {
                throw Undecided("the attempt ended with \(result.returnCode): \(result.stderr.text.prefix(200))")
            }
            return ProbeReport(text: result.stdout.text)
        }

        private static func words(_ probe: Probe, _ words: [String]) -> [String] {
            ["doctor", "probe", probe.rawValue] + words
        }

        static func reason(_ end: CallEnd) -> String {
            switch end.ending {
            case .notStarted(let problem): "the attempt did not start: \(problem.message)"
            case .lost(let reason): "the sandbox ended under the attempt: \(reason)"
            case .exited(let code): "the attempt ended with \(code): \(end.stderr.text.prefix(200))"
            case .signalled(let signal): "the attempt was ended by signal \(signal)"
            }
        }

        /// A build with shared Swift libraries finds them where this process found them.
        private static func toolchains(of executable: String) -> [String] {
            var folders: Set<String> = [(executable as NSString).deletingLastPathComponent]
            withUnsafeMutablePointer(to: &folders) { folders in
                cp_each_library(
                    { path, folders in
                        guard let path, let folders else { return }
                        folders.assumingMemoryBound(to: Set<String>.self).pointee.insert(
                            (String(cString: path) as NSString).deletingLastPathComponent)
                    }, folders)
            }
            let system = ["/usr", "/lib", "/lib64", "/bin", "/sbin"]
            return folders.filter { folder in
                !system.contains { folder == $0 || folder.hasPrefix($0 + "/") }
            }.sorted()
        }
    }
#endif
