#if os(Linux)
    internal import ToolKit

    /// Places inside folders that a call may write to, and that it must leave as they are: repositories, whose settings
    /// decide what git runs later (SECURITY R5), and what policy does not let be written. Only what exists can be mounted
    /// read-only; what a program makes anew is left out when its layer is read.
    struct GuardedPlaces {
        /// Each is a mount of its own.
        private static let pathLimit = 1_000

        let root: WorkspaceRoot
        let rules: any PathRules
        /// Folders of the daemon's own, which are not there for a program.
        let masked: [WorkspacePath]

        /// Those that are there now, absolute. Blocks while it walks.
        ///
        /// - Throws: ``ToolFailure`` when not everything could be looked at, or there is more than can be protected: then
        ///   nothing may run.
        func survey(_ folders: [WorkspacePath]) throws -> [String] {
            var paths: [String] = []
            var walk = WritableWalk()
            let base = root.path == "/" ? "" : root.path
            for folder in folders {
                try walk.walk(folder, in: root) { repository in
                    paths.append(base + (repository.isRoot ? "" : "/\(repository)"))
                } visit: { entry in
                    if isMasked(entry.path) { return false }
                    guard entry.isControlFile || isDenied(entry.path) else { return true }
                    // A link cannot be mounted over; where it leads to is a place of its own, or outside.
                    guard entry.kind != .link else { return false }
                    guard let path = entry.path else { throw Self.tooMuch }
                    paths.append("\(base)/\(path)")
                    return false
                }
            }
            guard walk.unseen == 0, paths.count <= Self.pathLimit else { throw Self.tooMuch }
            return paths
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
#endif
