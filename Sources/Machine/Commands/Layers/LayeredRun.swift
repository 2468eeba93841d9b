#if os(Linux)
    internal import CPlatform
    internal import Sandbox
    internal import ToolKit

    /// One program in layers over some folders of the workspace, from their making to what was found in them.
    struct LayeredRun {
        /// How it went.
        struct Outcome {
            let id: String
            let method: CallEffects.Method
            let end: CallEnd
            /// `nil` when there is nothing that could be taken over: it did not run, was cancelled, or was too much.
            let found: LayerFindings?
            fileprivate let limits: CommandLimits
            fileprivate let layerLimits: LayerLimits
            fileprivate let confinement: String

            func ending(
                _ intrusions: CommandResult.Intrusions = .init(), hasFullFile: Bool = false, isCommitted: Bool = false
            ) -> CommandEnding {
                var end = end
                if hasFullFile { end.stop = .fileSize }
                return CommandEnding(
                    end, limits: limits, confinement: confinement, intrusions: intrusions, layerLimits: layerLimits,
                    writesAtEnd: isCommitted)
            }

            /// A failure that tells what the program has written all the same.
            func failure(_ failure: ToolFailure, _ intrusions: CommandResult.Intrusions = .init()) -> ToolFailure {
                var failure = failure
                do {
                    failure.result = .object(try ending(intrusions).result().members)
                } catch let own as ToolFailure {
                    failure.result = own.result
                } catch {
                    // Cancelled: nobody asks for its output.
                }
                failure.confinement = confinement
                return failure
            }

            func conflict(
                _ paths: [EffectPath], _ message: String, _ intrusions: CommandResult.Intrusions = .init()
            ) -> ToolFailure {
                var failure = failure(
                    ToolFailure("conflict", message, remedy: "look at the files in conflicts, then repeat the call"),
                    intrusions)
                var members: [String: JSONValue] = [:]
                if case .object(let own)? = failure.result { members = own }
                members["conflicts"] = .array(paths.prefix(100).map { .string($0.shown) })
                failure.result = .object(members)
                return failure
            }
        }

        private let commands: ConfinedCommands
        private let layers: LayerGround
        private let pinned: PinnedCommand
        private let limits: CommandLimits
        private let profile: Profile
        private let places: [WorkspacePath]
        /// Absolute; as the workspace has them, whatever covers the folders around them. Outer ones first.
        private let kept: [String]
        /// Before everything that is looked at for this run: what changes later may be a conflict.
        private let begun = cp_wall_ns()

        /// - Parameters:
        ///   - places: Existing folders; none lies in another.
        ///   - kept: Absolute paths that stay as they are, besides what is hidden and toolchains.
        init(
            _ commands: ConfinedCommands, _ layers: LayerGround, over places: [WorkspacePath], keeping kept: [String],
            hiding: HiddenPlaces.Hiding, of pinned: PinnedCommand, limits: CommandLimits
        ) throws {
            self.commands = commands
            self.layers = layers
            self.pinned = pinned
            self.limits = limits
            profile = try commands.profile(of: pinned, hiding: hiding)
            let ground = commands.ground
            let shut = profile.masks.compactMap { mask -> String? in
                guard case .folder(let path) = mask else { return nil }
                return path
            }
            let unchanged = profile.masks.map(\.path) + profile.replacements.map(\.target)
            let inside = pinned.toolchains.filter { $0.hasPrefix(ground.inside) && FileIdentity(of: $0) != nil }
            // What lies in a folder that is hidden is not there.
            let all = Set(unchanged + inside + kept).filter { path in
                !shut.contains { path != $0 && path.hasPrefix($0 + "/") }
            }
            self.places = places.filter { place in
                let path = ground.absolute(place)
                return !all.contains { path == $0 || path.hasPrefix($0 + "/") }
            }
            let targets = self.places.map { $0.isRoot ? ground.inside : ground.absolute($0) + "/" }
            self.kept = all.filter { path in targets.contains { path.hasPrefix($0) } }.sorted()
        }

        /// - Parameter judgesWriting: Whether what policy keeps from being written is left out.
        /// - Throws: ``ToolFailure`` when it could not be started, or did more than a call may.
        func run(judgesWriting: Bool) async throws -> Outcome {
            // Through the walls of another user's, files of the daemon's own are nobody's there.
            if case .other(_, _, let maps) = profile.runAs, maps.contains(commands.ground.root.path),
                layers.folder.hasPrefix(commands.ground.inside)
            {
                throw ToolFailure(
                    "layer_unavailable",
                    "the daemon's home lies in the workspace, where a daemon that is root can make no layers",
                    remedy: "start it with a --home outside of the workspace, or as the workspace's owner")
            }
            if layers.method == .overlay {
                let outcome = try await run(by: .overlay, judgesWriting)
                guard case .notStarted(.walls(step: "overlay", _)) = outcome.end.ending else { return outcome }
                layers.forbidOverlays()
            }
            return try await run(by: .copy, judgesWriting)
        }

        private func run(by method: CallEffects.Method, _ judgesWriting: Bool) async throws -> Outcome {
            let ground = commands.ground
            let layer = try LayerFolder(in: layers.folder, over: places, of: ground.root, owner: owner)
            defer { layer.remove() }
            guard layer.freeBytes >= layers.limits.spareDisk else { throw layers.limits.diskFull }
            let rules = LayerRules(
                hidden: kept.map { String($0.dropFirst(ground.inside.utf8.count)) }, rules: commands.rules,
                revealing: commands.revealed, judgesWriting: judgesWriting)
            var scan = LayerScan(rules: rules, limits: layers.limits, contents: layers.contents, begun: begun)
            var profile = profile
            var call = try await call()
            switch method {
            case .overlay:
                call.overlays = layer.parts.map { part in
                    .init(over: ground.absolute(part.place), upper: part.upperName, work: part.workName)
                }
                call.protectedPaths = call.overlays.isEmpty ? [] : kept
            case .copy:
                var copy = WorkspaceCopy(rules: rules, limits: layers.limits, owner: copyOwner)
                for part in layer.parts {
                    try copy.fill(part)
                    profile.copies.append(
                        .init(layers.folder + "/" + part.upperName, at: ground.absolute(part.place), isWritable: true))
                }
                scan.isCopy = true
                scan.untouched = copy.record
                let covered = Set(profile.masks.map(\.path) + profile.replacements.map(\.target))
                profile.protectedPaths = kept.filter { !covered.contains($0) }
                profile.landmarks += profile.copies.map { .init($0.target, FileIdentity(of: $0.source)) }
            }
            let end = try await run(call, in: profile, layer, method)
            let found = try read(layer, after: end, with: &scan, fileLimit: call.limits.fileBytes)
            return Outcome(
                id: layer.id, method: method, end: end, found: found, limits: limits, layerLimits: layers.limits,
                confinement: ground.pool.host.confinement.label)
        }

        private func call() async throws -> ConfinedCall {
            let invocation = try await commands.invocation(of: pinned, in: profile)
            return try commands.call(pinned, invocation, limits)
        }

        private func run(
            _ call: ConfinedCall, in profile: Profile, _ layer: LayerFolder, _ method: CallEffects.Method
        ) async throws -> CallEnd {
            var call = call
            let stopper = CallStopper()
            call.stopper = stopper
            var bounds = layers.limits
            if method == .copy {
                bounds.bytes += bounds.copiedBytes
                bounds.entries += bounds.copiedEntries
            }
            let watch = LayerWatch(layer, limits: bounds, stopper: stopper)
            defer { watch.end() }
            let output = commands.output
            let end = try await commands.ground.pool.run(call, in: profile, watcher: output.watcher())
            output.ended(end)
            return end
        }

        /// What stays of a run that was ended at a limit is taken over as well, unless it is the layer's own.
        private func read(
            _ layer: LayerFolder, after end: CallEnd, with scan: inout LayerScan, fileLimit: UInt64?
        ) throws -> LayerFindings? {
            switch end.ending {
            case .notStarted, .lost: return nil
            case .exited, .signalled: break
            }
            switch end.stop {
            case .cancelled, .layerBytes, .layerEntries, .diskSpace: return nil
            default: break
            }
            if case .exited(let code) = end.ending, end.stop == nil, code != 0 { scan.fileLimit = fileLimit }
            do {
                for part in layer.parts { try scan.read(part) }
            } catch let failure as ToolFailure {
                let outcome = Outcome(
                    id: layer.id, method: .overlay, end: end, found: nil, limits: limits, layerLimits: layers.limits,
                    confinement: commands.ground.pool.host.confinement.label)
                throw outcome.failure(failure)
            }
            return scan.found
        }

        /// Whose an upper folder has to be, so that the program finds it as it finds the lower one.
        private func owner(of facts: cp_facts) -> (user: UInt32, group: UInt32) {
            guard case .other(let user, let group, let maps) = profile.runAs, maps.contains(commands.ground.root.path),
                let root = try? commands.ground.root.folder.facts()
            else { return (facts.owner, facts.group) }
            return (
                facts.owner == root.owner ? user : facts.owner, facts.group == root.group ? group : facts.group
            )
        }

        private var copyOwner: (user: UInt32, group: UInt32)? {
            guard case .other(let user, let group, _) = profile.runAs else { return nil }
            return (user, group)
        }
    }
#endif
