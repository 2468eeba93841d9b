#if os(Linux)
    internal import CPlatform
    internal import Sandbox
    internal import ToolKit

    /// Places inside folders that a call may write to, and that it must leave as they are: repositories, whose settings
    /// decide what git runs later (SECURITY R5), and what policy does not let be written. Looked for before the call,
    /// because only what exists can be mounted read-only, and again after it, for what was made meanwhile.
    struct GuardedPlaces {
        /// What was there before the call.
        struct Survey {
            /// Absolute; to be read-only.
            fileprivate(set) var paths: [String] = []
            var repositories: Set<Sandbox.FileIdentity> = []
            fileprivate(set) var denied: Set<Sandbox.FileIdentity> = []
            /// FIFOs, sockets and devices.
            var specials: Set<Sandbox.FileIdentity> = []
            /// In nanoseconds, on the clock of file times, which is a tick behind.
            fileprivate let begun = cp_wall_ns() - 100_000_000
        }

        /// What there is after it.
        struct Sweep {
            var intrusions: CommandResult.Intrusions
            /// Whether a file was written up to the limit.
            var hasFullFile: Bool
        }

        /// Each is a mount of its own.
        private static let pathLimit = 1_000

        let root: WorkspaceRoot
        let rules: any PathRules
        /// Folders of the daemon's own, which are not there for a program.
        let masked: [WorkspacePath]

        /// Blocks while it walks.
        ///
        /// - Throws: ``ToolFailure`` when not everything could be looked at, or there is more than can be protected: then
        ///   nothing may run.
        func survey(_ folders: [WorkspacePath]) throws -> Survey {
            var survey = Survey()
            var walk = WritableWalk()
            let base = root.path == "/" ? "" : root.path
            for folder in folders {
                try walk.walk(folder, in: root) { bare in
                    survey.repositories.formUnion([bare.identity].compactMap(\.self))
                    if let path = bare.path { survey.paths.append(base + (path.isRoot ? "" : "/\(path)")) }
                } visit: { entry in
                    if isMasked(entry.path) { return false }
                    if entry.kind == .special { survey.specials.formUnion([entry.identity].compactMap(\.self)) }
                    let isControlFile = entry.isControlFile
                    guard isControlFile || isDenied(entry.path) else { return true }
                    if let identity = entry.identity {
                        if isControlFile {
                            survey.repositories.insert(identity)
                        } else {
                            survey.denied.insert(identity)
                        }
                    }
                    // A link cannot be mounted over; where it leads to is a place of its own, or outside.
                    guard entry.kind != .link else { return false }
                    guard let path = entry.path else { throw Self.tooMuch }
                    survey.paths.append("\(base)/\(path)")
                    return false
                }
            }
            guard walk.unseen == 0, survey.paths.count <= Self.pathLimit else { throw Self.tooMuch }
            return survey
        }

        /// Takes away repositories, FIFOs and devices that are new, and tells what else should not be there. Blocks while it walks.
        ///
        /// - Parameter limit: Bytes that no file may have more of; `nil`: nobody asks for files that have as many.
        func sweep(_ folders: [WorkspacePath], since survey: Survey, fileLimit limit: UInt64?) -> Sweep {
            var found = CommandResult.Intrusions()
            var hasFullFile = false
            var walk = WritableWalk()
            for folder in folders {
                // The visitors throw nothing.
                try? walk.walk(folder, in: root) { bare in
                    guard let identity = bare.identity, !survey.repositories.contains(identity) else { return }
                    found.note(bare.shown, isGone: RepositoryRemoval.disable(bare.folder))
                } visit: { entry in
                    if isMasked(entry.path) { return false }
                    if entry.isControlFile {
                        guard let identity = entry.identity, !survey.repositories.contains(identity) else {
                            return false
                        }
                        found.note(entry.shown, isGone: RepositoryRemoval.remove(entry.name, in: entry.folder))
                        return false
                    }
                    if entry.kind == .special {
                        take(entry, survey, &found)
                        return false
                    }
                    if entry.kind == .file, isFull(entry, limit, survey) { hasFullFile = true }
                    guard isDenied(entry.path) else { return true }
                    guard let identity = entry.identity, !survey.denied.contains(identity) else { return false }
                    found.note(denied: entry.shown)
                    // A repository may hide in a new folder of that kind.
                    return true
                }
            }
            found.unseen = walk.unseen
            return Sweep(intrusions: found, hasFullFile: hasFullFile)
        }

        /// A program of the host's that opens a FIFO waits for its other end, and what it then reads is what a stranger
        /// says. Sockets without their listener are nothing.
        private func take(
            _ entry: WritableWalk.Entry, _ survey: Survey, _ found: inout CommandResult.Intrusions
        ) {
            guard let identity = entry.identity, !survey.specials.contains(identity),
                cp_is_pipe_or_device_in(entry.folder, entry.name) == 1, cp_unlink_in(entry.folder, entry.name) >= 0
            else { return }
            found.note(special: entry.shown)
        }

        /// A program that ignores SIGXFSZ, as Python does, ends with an error of its own; its file tells what it met.
        private func isFull(_ entry: WritableWalk.Entry, _ limit: UInt64?, _ survey: Survey) -> Bool {
            var facts = cp_facts()
            guard let limit, cp_facts_in(entry.folder, entry.name, &facts) >= 0 else { return false }
            return UInt64(clamping: facts.size) == limit && facts.changed_ns >= survey.begun
        }

        private func isMasked(_ path: WorkspacePath?) -> Bool {
            path.map { path in masked.contains { path.isInside($0) } } ?? false
        }

        private func isDenied(_ path: WorkspacePath?) -> Bool {
            path.map { rules.verdict($0, .write) != .allow } ?? false
        }

        private static let tooMuch = ToolFailure(
            "workspace_too_large",
            "the folders that the program may write to could not be looked through for repositories and protected files",
            remedy: "empty the build folders, or have the command's rule list smaller ones under writes")
    }

    extension CommandResult.Intrusions {
        private static let limit = 100

        fileprivate mutating func note(_ repository: String, isGone: Bool) {
            if isGone, removed.count < Self.limit { removed.append(repository) }
            if !isGone, left.count < Self.limit { left.append(repository) }
        }

        fileprivate mutating func note(special name: String) {
            if specials.count < Self.limit { specials.append(name) }
        }

        fileprivate mutating func note(denied name: String) {
            if denied.count < Self.limit { denied.append(name) }
        }
    }
#endif
