#if os(Linux)
    internal import CPlatform
    internal import Sandbox
    internal import ToolKit

    extension ConfinedCommands {
        /// The whole workspace can be written, and nothing of it changes. What would have changed is noted.
        func preview(_ pinned: PinnedCommand, _ limits: CommandLimits) async throws -> CommandResult {
            let layers = try layers()
            let hiding = try hiding(for: pinned)
            let run = try await LayeredRun(
                self, layers, over: [.root], keeping: Self.repositories(hiding), hiding: hiding, of: pinned,
                limits: limits
            ).run(judgesWriting: false)
            guard let found = run.found else { return try run.ending().result() }
            for omission in found.omissions { effects.omit(omission) }
            guard found.conflicts.isEmpty else {
                throw run.conflict(
                    found.conflicts,
                    "files that the program changed were changed by somebody else while it ran, so there is no preview")
            }
            effects.note(found.effect, method: run.method)
            return try run.ending(hasFullFile: found.hasFullFile).result()
        }

        /// What the program writes to the folders is put into the workspace when it has ended, all of it or nothing.
        ///
        /// It begins when no other call writes there: what that one changes would be a conflict, found only at the end.
        func commit(
            _ pinned: PinnedCommand, writing places: [WorkspacePath], _ limits: CommandLimits
        ) async throws -> CommandResult {
            let layers = try layers()
            return try await ground.writers.take(places) {
                let lent = pinned.writes.filter { !$0.isRoot }
                let made = try ground.borrowed.lend(lent)
                defer { ground.borrowed.giveBack(lent) }
                return try await commit(pinned, writing: places, made: made, in: layers, limits)
            }
        }

        private func layers() throws(ToolFailure) -> LayerGround {
            if let layers = ground.layers { return layers }
            throw ToolFailure(
                "layers_unavailable", "there is no place for the layer that a program writes to",
                remedy: "start the daemon with a home folder")
        }

        private func commit(
            _ pinned: PinnedCommand, writing places: [WorkspacePath], made: [WorkspacePath], in layers: LayerGround,
            _ limits: CommandLimits
        ) async throws -> CommandResult {
            let hiding = try hiding(for: pinned)
            // A walk over the whole workspace would cost more than most commands; the layer is judged when it is read.
            let kept =
                places.contains(where: \.isRoot)
                ? Self.repositories(hiding)
                : try GuardedPlaces(root: ground.root, rules: rules, masked: ground.masked).survey(places)
            let run = try await LayeredRun(
                self, layers, over: places, keeping: kept, hiding: hiding, of: pinned, limits: limits
            ).run(judgesWriting: true)
            guard let found = run.found else { return try run.ending().result() }
            var conflicts = found.conflicts
            if conflicts.isEmpty, !found.effect.isEmpty {
                // Whoever stops everything shall not see it come in place afterwards.
                guard !Task.isCancelled else { throw CallInterrupted.cancelled }
                do {
                    try put(found.effect, run.id, layers)
                } catch let conflict as EffectConflict {
                    conflicts = conflict.paths
                } catch let failure as ToolFailure {
                    throw run.failure(failure, found.intrusions)
                }
            }
            guard conflicts.isEmpty else {
                throw run.conflict(
                    conflicts,
                    "files that the program changed were changed by somebody else while it ran, so nothing that it wrote "
                        + "was put into the workspace", found.intrusions)
            }
            for omission in found.omissions { effects.omit(omission) }
            effects.note(adding(made, to: found.effect), method: run.method)
            return try run.ending(found.intrusions, hasFullFile: found.hasFullFile, isCommitted: true).result()
        }

        /// What cannot be kept for an undo keeps no program from cleaning up: then the call says that it cannot be undone.
        private func put(_ effect: Effect, _ id: String, _ layers: LayerGround) throws {
            do {
                try layers.applying.apply(effect, id: id, keepsBefore: true)
            } catch let failure as ToolFailure where TooMuchToKeep.codes.contains(failure.code) {
                try layers.applying.apply(effect, id: id, keepsBefore: false)
                effects.forbidUndo(failure.message)
            }
        }

        /// Those that were found a moment ago. One that was taken away since needs no protection, and what is new is left out
        /// when the layer is read.
        private static func repositories(_ hiding: HiddenPlaces.Hiding) -> [String] {
            hiding.controls.filter { FileIdentity(of: $0) != nil }
        }

        /// Folders that were made for the call, because only what exists can be written, are part of what it did when
        /// something stays in them.
        private func adding(_ made: [WorkspacePath], to effect: Effect) -> Effect {
            let missing = made.compactMap(EffectPath.init).filter { path in
                effect.files.contains { $0.after != nil && $0.path.isInside(path) }
                    || effect.folders.contains { $0.after != nil && $0.path.isInside(path) }
            }
            guard !missing.isEmpty else { return effect }
            var folders = Dictionary(effect.folders.map { ($0.path, $0) }) { first, _ in first }
            for path in missing {
                folders[path] = FolderEffect(path, before: nil, after: folders[path]?.after ?? 0o755)
            }
            return Effect(files: effect.files, folders: Array(folders.values))
        }
    }
#endif
