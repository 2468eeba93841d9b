#if os(Linux)
    internal import CPlatform
    internal import Sandbox
    package import ToolKit

    /// Programs for one call: those that the gate pinned for it, behind the walls that each of them asks for.
    package struct ConfinedCommands: CommandRunner {
        let ground: CommandGround
        let granted: [PinnedCommand]
        let rules: any PathRules
        let artifacts: any ArtifactKeeper
        let output: CallOutput

        package func run(
            _ command: Command, limits: CommandLimits, keeping patterns: [KeepPattern]
        ) async throws -> CommandResult {
            let pinned = try pinned(command)
            guard patterns.isEmpty || pinned.command.view == .hidden else {
                throw ToolFailure(
                    "not_supported", "files are kept from a program's own folder only, not from the workspace",
                    remedy: "read the workspace's files with filesystem_read")
            }
            let isSeen = pinned.command.view != .hidden
            let lent = isSeen ? pinned.writes.filter { !$0.isRoot } : []
            try ground.borrowed.lend(lent)
            defer { ground.borrowed.giveBack(lent) }
            let profile = try profile(of: pinned, writing: lent)
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
                "argv": .array(pinned.argv.map(JSONValue.string)), "cwd": .string(command.folder.description),
                "writes": .array(writes), "network": false,
                "timeout_sec": .integer(Int(limits.wallTime.components.seconds)),
                "confinement": .string(ground.pool.host.confinement.label),
            ]
        }

        private func pinned(_ command: Command) throws(ToolFailure) -> PinnedCommand {
            guard let pinned = granted.first(where: { $0.command == command }) else {
                throw ToolFailure(
                    "policy_blocked", "the call was not granted this command",
                    remedy: "send the command in a call of its own")
            }
            return pinned
        }

        private func profile(of pinned: PinnedCommand, writing folders: [WorkspacePath]) throws -> Profile {
            let host = ground.pool.host
            let root = ground.root.path
            // One that is gone is a matter of the programs in it, not of all others.
            let present = pinned.toolchains.filter { FileIdentity(of: $0) != nil }
            guard pinned.command.view != .hidden else {
                var profile = Profile(workspace: .none, runAs: host.runAs(workspace: nil, others: present))
                profile.toolchains = present
                return marked(profile)
            }
            let isWritable = pinned.writes.contains(where: \.isRoot)
            var profile = Profile(
                workspace: isWritable ? .writable(root) : .readOnly(root),
                runAs: host.runAs(workspace: root, others: present))
            let inside = present.filter { $0.hasPrefix(root + "/") }
            profile.toolchains = present.filter { !inside.contains($0) }
            if !isWritable { profile.writableFolders = folders.map(ground.absolute) }
            profile.masks = try ground.hidden.masks(under: rules, masked: ground.masked, trusting: inside)
            // Programs that are trusted by name stay as they are wherever a call may write around them.
            profile.protectedPaths = inside.filter { folder in
                isWritable || profile.writableFolders.contains { folder.hasPrefix($0 + "/") || folder == $0 }
            }
            if isWritable { profile.protectedPaths += try protectedPaths() }
            return marked(profile)
        }

        private func marked(_ profile: Profile) -> Profile {
            let paths =
                profile.masks.map(\.path) + profile.writableFolders + profile.protectedPaths + profile.toolchains
            var profile = profile
            profile.identities = paths.compactMap { FileIdentity(of: $0) }
            return profile
        }

        /// What steers git stays as it is even where everything else may be written (SECURITY R5). Where there is none yet, an
        /// empty folder takes its place.
        private func protectedPaths() throws -> [String] {
            let control = WorkspacePath.root.appending(component: ".git")
            if (try? ground.root.open(control, purpose: CP_OPEN_LOOK, follow: false)) == nil {
                try ground.root.makeFolder(control)
            }
            return [ground.absolute(control)]
        }

        private func invocation(of pinned: PinnedCommand, in profile: Profile) async throws -> ProgramInvocation {
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
            return ProgramInvocation(pinned, workspace: root, repository: repository.folder, filters: filters)
        }

        /// Git itself lists them, behind the same walls.
        private func filters(
            of repository: GitRepository, _ pinned: PinnedCommand, _ profile: Profile
        ) async throws -> [String] {
            let listing = GitInvocation.filterListing(workspace: ground.root.path, repository: repository.folder)
            var limits = CallLimits()
            limits.wallTime = .seconds(10)
            let end = try await ground.pool.run(
                ConfinedCall(
                    pinned.executable, listing.arguments,
                    environment: Self.environment(pinned.searchPath, adding: listing.environment),
                    folder: ground.absolute(repository.folder), limits: limits),
                in: profile)
            guard case .exited(let code) = end.ending, end.stop == nil, code <= 1, !end.stdout.isTruncated else {
                throw ToolFailure(
                    "repository_refused", "git cannot read the repository's configuration",
                    remedy: "look at .git/config; git config --list shows what is wrong with it")
            }
            // `filter.NAME.clean`, a NUL behind each.
            let names = end.stdout.head.split(separator: 0).compactMap { line -> String? in
                let parts = String(decoding: line, as: UTF8.self).split(
                    separator: ".", omittingEmptySubsequences: false)
                return parts.count >= 3 ? parts.dropFirst().dropLast().joined(separator: ".") : nil
            }
            return Array(Set(names)).sorted()
        }

        private func call(
            _ pinned: PinnedCommand, _ invocation: ProgramInvocation, _ limits: CommandLimits
        ) throws -> ConfinedCall {
            var bounds = CallLimits()
            bounds.wallTime = limits.wallTime
            bounds.cpuTime = limits.wallTime * 2
            bounds.keptOutput = limits.keptOutput
            let folder = pinned.command.view == .hidden ? KeepPattern.folder : ground.absolute(pinned.command.folder)
            var call = ConfinedCall(
                invocation.argv[0], Array(invocation.argv.dropFirst()),
                environment: Self.environment(pinned.searchPath, adding: invocation.environment), folder: folder,
                limits: bounds)
            call.umask = 0o022
            return call
        }

        /// Built anew for every program; nothing is inherited (SECURITY R34).
        private static func environment(_ searchPath: [String], adding additions: [String: String]) -> [String: String]
        {
            var environment = ConfinedCall.plainEnvironment
            if !searchPath.isEmpty { environment["PATH"] = searchPath.joined(separator: ":") }
            return environment.merging(additions) { _, added in added }
        }
    }
#endif
