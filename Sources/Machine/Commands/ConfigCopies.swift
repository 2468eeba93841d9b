#if os(Linux)
    internal import CPlatform
    internal import Crypto
    internal import Sandbox
    internal import ToolKit

    /// Configurations of repositories that hold a password, as programs are to see them. The copies lie in a folder of the
    /// daemon's own, named after their content, and hold no secret.
    struct ConfigCopies: Sendable {
        private static let sizeLimit = 1_048_576
        /// What git fills with names of its own, and where no configuration lies.
        private static let skipped: Set<String> = ["objects", "refs", "logs", "hooks", "info", "lfs"]

        let root: WorkspaceRoot
        /// Absolute and existing; `nil`: a configuration that holds a password is shown as an empty file.
        let folder: String?

        /// What hides the passwords of one `.git` folder, those of its submodules and work trees included.
        ///
        /// - Parameter everything: Sees every file of the workspace.
        func hiding(
            _ control: WorkspacePath, through everything: BeneathFiles, limits: WalkLimits
        ) throws -> (masks: [Profile.Mask], replacements: [Profile.Bind], isWhole: Bool) {
            var masks: [Profile.Mask] = []
            var replacements: [Profile.Bind] = []
            let base = root.path == "/" ? "" : root.path
            let summary = try everything.walk(control, limits: limits) { entry in
                let name = entry.path.name ?? ""
                if entry.kind == .folder {
                    let isSubmodule = entry.path.parent.name == "modules"
                    return Self.skipped.contains(name) && !isSubmodule ? .skipFolder : .goOn
                }
                guard entry.kind == .file, name == "config" || name == "config.worktree" else { return .goOn }
                let path = "\(base)/\(entry.path)"
                let content = try? entry.read(Self.sizeLimit)
                guard let content, !content.isTruncated else {
                    masks.append(.file(path))
                    return .goOn
                }
                guard let clean = GitConfigRedaction.withoutSecrets(content.bytes) else { return .goOn }
                if let copy = copy(of: clean) {
                    replacements.append(Profile.Bind(copy, at: path))
                } else {
                    masks.append(.file(path))
                }
                return .goOn
            }
            return (masks, replacements, summary.stoppedBy == nil)
        }

        /// - Returns: The absolute path of a file with this content, readable for everybody who gets to it; `nil` when
        ///   none can be made.
        private func copy(of content: [UInt8]) -> String? {
            guard let folder else { return nil }
            let name = Hex.encode(SHA256.hash(data: content))
            let number = cp_open_root(folder)
            guard number >= 0 else { return nil }
            let opened = Descriptor(owning: number)
            var facts = cp_facts()
            if cp_facts_in(opened.number, name, &facts) >= 0, facts.size == content.count { return folder + "/" + name }
            let fresh = StagingName.fresh()
            let file = cp_create_in(opened.number, fresh)
            guard file >= 0 else { return nil }
            let written = Descriptor(owning: file)
            let isWritten = content.withUnsafeBytes { cp_write_all(written.number, $0.baseAddress, $0.count) } >= 0
            guard isWritten, cp_set_mode(written.number, 0o444) >= 0,
                cp_rename_in(opened.number, fresh, name) >= 0
            else {
                _ = cp_unlink_in(opened.number, fresh)
                return nil
            }
            return folder + "/" + name
        }
    }
#endif
