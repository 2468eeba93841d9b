#if os(Linux)
    internal import CPlatform
    internal import Sandbox
    package import ToolKit

    /// Programs for one call: those that the gate pinned for it, behind the walls that each of them asks for.
    package struct ConfinedCommands: CommandRunner {
        let ground: CommandGround
        let granted: [PinnedCommand]
        let rules: any PathRules
        /// Places that a person let this very call read although policy hides them from programs.
        let revealed: [WorkspacePath]
        let artifacts: any ArtifactKeeper
        let output: CallOutput
        /// Whom the call is for.
        let owner: String
        let effects: CallEffects
        let way: NetworkWay?
        /// Of the program that runs.
        var passage: (any NetworkPassage)?

        package func run(
            _ command: Command, limits: CommandLimits, keeping patterns: [KeepPattern]
        ) async throws -> CommandResult {
            let pinned = try pinned(command)
            guard patterns.isEmpty || pinned.command.view == .hidden else {
                throw ToolFailure(
                    "not_supported", "files are kept from a program's own folder only, not from the workspace",
                    remedy: "read the workspace's files with filesystem_read")
            }
            guard !pinned.hosts.isEmpty, effects.mode != .preview, let way else {
                return try await run(pinned, limits, keeping: patterns)
            }
            let passage = way(pinned)
            var commands = self
            commands.passage = passage
            do {
                var result = try await commands.run(pinned, limits, keeping: patterns)
                await passage.close()
                result.refused = passage.refusals
                return result
            } catch {
                await passage.close()
                guard var failure = error as? ToolFailure, case .object(var members)? = failure.result,
                    !passage.refusals.isEmpty
                else { throw error }
                members["refused_connections"] = CommandResult.json(passage.refusals)
                failure.result = .object(members)
                throw failure
            }
        }

        private func run(
            _ pinned: PinnedCommand, _ limits: CommandLimits, keeping patterns: [KeepPattern]
        ) async throws -> CommandResult {
            let isSeen = pinned.command.view != .hidden
            if isSeen, pinned.command.view != .readOnly, effects.mode == .preview {
                return try await preview(pinned, limits)
            }
            let places = isSeen ? Self.outermost(pinned.writes) : []
            guard places.isEmpty else { return try await commit(pinned, writing: places, limits) }
            let profile = try profile(of: pinned)
            let invocation = try await invocation(of: pinned, in: profile)
            var call = try call(pinned, invocation, limits)
            call.lendsFolder = !patterns.isEmpty
            let end = try await ground.pool.run(call, in: profile, watcher: output.watcher())
            output.ended(end)
            return try CommandEnding(
                end, kept: await kept(patterns, of: end), limits: limits,
                confinement: ground.pool.host.confinement.label
            ).result()
        }

        /// Without those that lie in another one.
        private static func outermost(_ folders: [WorkspacePath]) -> [WorkspacePath] {
            let folders = Array(Set(folders)).sorted { $0.description < $1.description }
            return folders.filter { folder in !folders.contains { folder != $0 && folder.isInside($0) } }
        }

        /// `nil` when nothing was asked for, or when there will be no result to tell it in.
        private func kept(_ patterns: [KeepPattern], of end: CallEnd) async -> KeptFiles? {
            guard !patterns.isEmpty, end.stop != .cancelled else { return nil }
            switch end.ending {
            case .notStarted, .lost: return nil
            case .exited, .signalled: break
            }
            guard let folder = end.folder else {
                var none = KeptFiles()
                for pattern in patterns { none.omit(pattern.text, "the program's folder could not be opened") }
                return none
            }
            return await FolderHarvest(of: patterns, into: artifacts).gather(from: folder)
        }

        package func plan(_ command: Command, limits: CommandLimits) throws -> [String: JSONValue] {
            let pinned = try pinned(command)
            let writes = pinned.writes.map { JSONValue.string($0.description) }
            return [
                "summary": .string("run \(pinned.program) in \(command.folder)"), "program": .string(pinned.executable),
                "argv": .array(try planned(pinned).map(JSONValue.string)), "cwd": .string(command.folder.description),
                "writes": .array(writes), "network": .bool(!pinned.hosts.isEmpty && way != nil),
                "hosts": .array(pinned.hosts.map { .string($0.description) }),
                "timeout_sec": .integer(Int(limits.wallTime.components.seconds)),
                "confinement": .string(ground.pool.host.confinement.label),
            ]
        }

        /// The words that would be started, the constant additions included.
        func planned(_ pinned: PinnedCommand) throws -> [String] {
            let root = ground.root.path
            guard pinned.program == "git", pinned.command.view != .hidden,
                let repository = GitRepository(from: pinned.command.folder, in: ground.root)
            else { return ProgramInvocation(pinned, workspace: root).argv }
            let trusted = pinned.toolchains.filter { $0.hasPrefix(root + "/") && FileIdentity(of: $0) != nil }
            var profile = Profile(workspace: .readOnly(root), runAs: .daemon)
            profile.masks = try ground.hidden.hiding(
                under: rules, masked: ground.masked, trusting: trusted, revealing: revealed
            ).masks
            return ProgramInvocation(
                pinned, workspace: root, repository: repository.folder,
                hidden: hidden(in: profile, below: repository.folder)
            ).argv
        }

        func pinned(_ command: Command) throws(ToolFailure) -> PinnedCommand {
            guard let pinned = granted.first(where: { $0.command == command }) else {
                throw ToolFailure(
                    "policy_blocked", "the call was not granted this command",
                    remedy: "send the command in a call of its own")
            }
            return pinned
        }

        /// What a program is not to see.
        func hiding(for pinned: PinnedCommand) throws -> HiddenPlaces.Hiding {
            let inside = pinned.toolchains.filter { $0.hasPrefix(ground.inside) && FileIdentity(of: $0) != nil }
            return try ground.hidden.hiding(
                under: rules, masked: ground.masked, trusting: inside, revealing: revealed)
        }

        /// The walls of a program. It reads the workspace, if it sees it at all; commands write to layers over it.
        ///
        /// - Parameters:
        ///   - folder: The one folder of the workspace that it writes itself: ours, in git's.
        ///   - hiding: `nil`: looked for now.
        func profile(
            of pinned: PinnedCommand, writing folder: WorkspacePath? = nil, hiding: HiddenPlaces.Hiding? = nil
        ) throws -> Profile {
            let host = ground.pool.host
            let root = ground.root.path
            // One that is gone is a matter of the programs in it, not of all others.
            let present = pinned.toolchains.filter { FileIdentity(of: $0) != nil }
            guard pinned.command.view != .hidden else {
                var profile = Profile(workspace: .none, runAs: host.runAs(workspace: nil, others: present))
                profile.toolchains = present
                // Nobody of the host's listens on anything in sight.
                profile.unixSockets = present.isEmpty || pinned.unixSockets
                return marked(profile)
            }
            var profile = Profile(
                workspace: .readOnly(root), runAs: host.runAs(workspace: root, others: present))
            profile.unixSockets = pinned.unixSockets
            profile.layers = ground.layers?.folder
            profile.toolchains = present.filter { !$0.hasPrefix(root + "/") }
            let hiding = try hiding ?? self.hiding(for: pinned)
            profile.masks = hiding.masks
            profile.replacements = hiding.replacements
            if let folder { try write(folder, in: &profile) }
            profile.landmarks += (profile.masks.map(\.path) + profile.replacements.map(\.target)).map { .init($0, nil) }
            return marked(profile)
        }

        /// The folder is chosen here for what it is, opened without a link on the way.
        ///
        /// - Throws: ``ToolFailure`` when it is not there any more.
        private func write(_ folder: WorkspacePath, in profile: inout Profile) throws {
            let opened = try? ground.root.open(folder, purpose: CP_OPEN_LOOK, follow: false)
            guard let opened, let identity = FileIdentity(in: opened.number, named: "") else {
                throw ToolFailure(
                    "workspace_changed", "folders of the workspace were moved while the program was prepared",
                    remedy: "repeat the call when no other program moves them")
            }
            profile.writableFolders = [ground.absolute(folder)]
            profile.landmarks.append(.init(ground.absolute(folder), identity))
        }

        private func marked(_ profile: Profile) -> Profile {
            let paths =
                profile.masks.map(\.path) + profile.writableFolders + profile.protectedPaths + profile.toolchains
                + profile.replacements.map(\.target)
            var profile = profile
            if let planted = ground.planted() {
                profile.binds.append(Profile.Bind(planted.folder, at: PlantedCredentials.place))
            }
            profile.identities = paths.compactMap { FileIdentity(of: $0) }
            return profile
        }

        func invocation(
            of pinned: PinnedCommand, in profile: Profile, quarantine: GitQuarantine? = nil
        ) async throws -> ProgramInvocation {
            let root = ground.root.path
            guard pinned.program == "git", pinned.command.view != .hidden else {
                return ProgramInvocation(pinned, workspace: root)
            }
            guard let repository = GitRepository(from: pinned.command.folder, in: ground.root) else {
                return ProgramInvocation(pinned, workspace: root)
            }
            let filters =
                switch repository.filters {
                case .filters(let names): names
                case .askGit: try await self.filters(of: repository, pinned, profile)
                }
            return ProgramInvocation(
                pinned, workspace: root, repository: repository.folder, filters: filters, quarantine: quarantine,
                hidden: hidden(in: profile, below: repository.folder))
        }

        /// What is masked in a repository, relative to it: as much as fits a command line.
        func hidden(in profile: Profile, below folder: WorkspacePath) -> [WorkspacePath] {
            let base = ground.root.path == "/" ? "/" : ground.root.path + "/"
            var room = 256 << 10
            return profile.masks.compactMap { mask in
                guard mask.path.hasPrefix(base), let path = try? WorkspacePath(String(mask.path.dropFirst(base.count))),
                    let relative = path.relative(to: folder), relative != "."
                else { return nil }
                room -= relative.utf8.count
                return room < 0 ? nil : try? WorkspacePath(relative)
            }
        }

        /// Git itself lists them, behind the same walls.
        private func filters(
            of repository: GitRepository, _ pinned: PinnedCommand, _ profile: Profile
        ) async throws -> [String] {
            let listing = GitInvocation.filterListing(workspace: ground.root.path, repository: repository.folder)
            let end = try await ask(listing, in: repository.folder, pinned, profile)
            guard case .exited(let code) = end.ending, end.stop == nil, code <= 1, !end.stdout.isTruncated else {
                throw ToolFailure(
                    "repository_refused", "git cannot read the repository's configuration",
                    remedy: "look at .git/config; git config --list shows what is wrong with it")
            }
            // `filter.NAME.clean`, a NUL behind each.
            let names = (end.stdout.head + end.stdout.tail).split(separator: 0).compactMap { line -> String? in
                let parts = String(decoding: line, as: UTF8.self).split(
                    separator: ".", omittingEmptySubsequences: false)
                return parts.count >= 3 ? parts.dropFirst().dropLast().joined(separator: ".") : nil
            }
            return Array(Set(names)).sorted()
        }

        /// A question of ours to git, behind the walls of a command that was judged.
        ///
        /// - Parameter kept: Bytes of an answer at most; a longer one is truncated.
        func ask(
            _ git: GitInvocation, in folder: WorkspacePath, _ pinned: PinnedCommand, _ profile: Profile,
            keeping kept: Int = 1 << 20
        ) async throws -> CallEnd {
            var limits = CallLimits()
            limits.wallTime = .seconds(10)
            limits.keptOutput = kept
            var call = ConfinedCall(
                pinned.executable, git.arguments,
                environment: Self.environment(pinned.searchPath, adding: git.environment),
                folder: ground.absolute(folder), limits: limits)
            call.owner = owner
            return try await ground.pool.run(call, in: profile)
        }

        func call(
            _ pinned: PinnedCommand, _ invocation: ProgramInvocation, _ limits: CommandLimits
        ) throws -> ConfinedCall {
            var bounds = CallLimits()
            bounds.wallTime = limits.wallTime
            bounds.cpuTime = limits.wallTime * 2
            bounds.keptOutput = limits.keptOutput
            let folder = pinned.command.view == .hidden ? KeepPattern.folder : ground.absolute(pinned.command.folder)
            let planted = ground.planted()?.environment ?? [:]
            let additions = invocation.environment.merging(planted) { own, _ in own }
            var call = ConfinedCall(
                invocation.argv[0], Array(invocation.argv.dropFirst()),
                environment: Self.environment(pinned.searchPath, adding: additions), folder: folder,
                limits: bounds)
            call.umask = 0o022
            call.owner = owner
            if let passage {
                call.network = { passage.serve($0) }
                call.environment.merge(GuardedNetwork.environment) { _, ours in ours }
            }
            return call
        }

        /// Built anew for every program; nothing is inherited (SECURITY R34).
        private static func environment(_ searchPath: [String], adding additions: [String: String]) -> [String: String]
        {
            // The four plain ones go to the others and not the reverse: git has a hundred.
            var environment = additions
            if !searchPath.isEmpty, environment["PATH"] == nil {
                environment["PATH"] = searchPath.joined(separator: ":")
            }
            for (name, value) in ConfinedCall.plainEnvironment where environment[name] == nil {
                environment[name] = value
            }
            return environment
        }
    }
#endif
