#if os(Linux)
    internal import CPlatform
    internal import ToolKit

    /// The repository that git would find from a folder, as far as it can be trusted: a real `.git` folder in the workspace.
    struct GitRepository {
        /// Where the `.git` folder lies.
        let folder: WorkspacePath
        let filters: GitConfigScan

        private static let configLimit = 1_048_576

        /// Looks upwards from `start`, never above the workspace. A `.git` that is a file or a link is not followed: git gets
        /// no hint then, and what it finds by itself meets the walls.
        ///
        /// - Returns: `nil` when there is none, or none that can be trusted.
        init?(from start: WorkspacePath, in root: WorkspaceRoot) {
            var components = start.components
            while true {
                var folder = WorkspacePath.root
                for component in components { folder = folder.appending(component: component) }
                let control = folder.appending(component: ".git")
                // A failure here means that there is no such folder, or one that nobody may enter.
                if (try? root.open(control, purpose: CP_OPEN_FOLDER, follow: false)) != nil {
                    self.folder = folder
                    filters = Self.filters(control, in: root)
                    return
                }
                guard !components.isEmpty else { return nil }
                components.removeLast()
            }
        }

        private static func filters(_ control: WorkspacePath, in root: WorkspaceRoot) -> GitConfigScan {
            do throws(SystemError) {
                let config = control.appending(component: "config")
                let descriptor = try root.open(config, purpose: CP_OPEN_READ, follow: false)
                let facts = try descriptor.facts()
                guard FileFacts.Kind(facts.kind) == .file, facts.size <= configLimit else { return .askGit }
                return GitConfigScan(try descriptor.slice(facts: facts, offset: 0, limit: configLimit).bytes)
            } catch {
                return .askGit
            }
        }
    }
#endif
