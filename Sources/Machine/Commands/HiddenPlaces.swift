#if os(Linux)
    internal import Sandbox
    internal import Synchronization
    internal import ToolKit

    /// Files of the workspace that no program may see, because policy does not let them be read without asking: keys, `.env`
    /// and the like. Sockets and pipes as well: through them a program could talk to one of the host's (SECURITY R29).
    ///
    /// Found by a walk and remembered for some seconds, because a walk takes longer than most commands. What appears in
    /// between is seen until the next walk; a policy that changes is in force at once.
    final class HiddenPlaces: Sendable {
        /// What a profile needs to keep them from its programs.
        struct Hiding {
            var masks: [Profile.Mask] = []
            /// Configurations of repositories, without their passwords.
            var replacements: [Profile.Bind] = []
            /// Repositories' own files and folders, absolute: what no program may change.
            var controls: [String] = []

            fileprivate var paths: [String] { masks.map(\.path) + replacements.map(\.target) }
        }

        private struct Found {
            var until: ContinuousClock.Instant
            var hiding: Hiding
            /// Of everything that is hidden, in its order: what is another file now is looked at again.
            var identities: [Sandbox.FileIdentity?]
            var trusted: [String]
            /// Of the rules; what they say may be another thing in the next one.
            var version: String
        }

        private static let freshness = Duration.seconds(10)
        private static let patience = Duration.seconds(10)
        private static let entryLimit = 2_000_000
        /// Each is a mount of its own.
        private static let maskLimit = 1_000
        private static let controlLimit = 2_000

        private let root: WorkspaceRoot
        private let copies: ConfigCopies
        private let found = Mutex<Found?>(nil)

        /// - Parameter copies: A folder of the daemon's own for configurations without their passwords.
        init(root: WorkspaceRoot, copies: String?) {
            self.root = root
            self.copies = ConfigCopies(root: root, folder: copies)
        }

        /// Blocks while it walks.
        ///
        /// - Parameter trusted: Absolute folders of toolchains in the workspace. Only sockets and pipes are hidden in them:
        ///   what an operator lists are programs and their packages, and the certificates of a `.venv` look like keys.
        /// - Parameter revealed: Places that a person let the call read. They are shown to it with what lies below them, as
        ///   far as policy asks and does not deny; nothing of that is remembered.
        /// - Throws: ``ToolFailure`` when not everything could be looked at: then nothing may run, because a program would
        ///   see what it must not.
        func hiding(
            under rules: any PathRules, masked: [WorkspacePath], trusting trusted: [String],
            revealing revealed: [WorkspacePath] = []
        ) throws -> Hiding {
            guard revealed.isEmpty else {
                return try look(RevealingRules(rules: rules, revealed: revealed), masked, trusted)
            }
            let version = rules.version
            let remembered = found.withLock { found -> Hiding? in
                guard let found, found.until > .now, found.trusted == trusted, found.version == version else {
                    return nil
                }
                // What is gone cannot be covered any more, and no wall would stand that tries. What took the place of a
                // configuration may hold a password that the one before did not.
                let present = found.hiding.paths.map { Sandbox.FileIdentity(of: $0) }
                return present.allSatisfy({ $0 != nil }) && present == found.identities ? found.hiding : nil
            }
            if let remembered { return remembered }
            let hiding = try look(rules, masked, trusted)
            let identities = hiding.paths.map { Sandbox.FileIdentity(of: $0) }
            found.withLock {
                $0 = Found(
                    until: .now + Self.freshness, hiding: hiding, identities: identities, trusted: trusted,
                    version: version)
            }
            return hiding
        }

        private func look(
            _ rules: any PathRules, _ masked: [WorkspacePath], _ trusted: [String]
        ) throws -> Hiding {
            let everything = BeneathFiles(root: root, access: .search(.root), rules: NoRules())
            let base = root.path == "/" ? "" : root.path
            var hiding = Hiding(masks: masked.map { .folder(base + "/" + $0.description) })
            var isWhole = true
            let limits = WalkLimits(entries: Self.entryLimit, deadline: .now + Self.patience)
            let summary = try everything.walk(.root, limits: limits) { entry in
                if masked.contains(where: { entry.path.isInside($0) }) { return .skipFolder }
                if entry.kind != .link, hiding.controls.count < Self.controlLimit,
                    ControlFiles.isProtected(component: entry.path.name ?? "")
                {
                    hiding.controls.append(base + "/" + entry.path.description)
                }
                if entry.path.name == ".git" {
                    guard entry.kind == .folder else { return .goOn }
                    let passwords = try copies.hiding(entry.path, through: everything, limits: limits)
                    hiding.masks += passwords.masks
                    hiding.replacements += passwords.replacements
                    isWhole = isWhole && passwords.isWhole
                    return .skipFolder
                }
                let path = base + "/" + entry.path.description
                let isTrusted = trusted.contains { path == $0 || path.hasPrefix($0 + "/") }
                if isTrusted, entry.kind != .special { return .goOn }
                switch entry.kind {
                case .special: hiding.masks.append(.file(path))
                case .file where rules.verdict(entry.path, .read) != .allow: hiding.masks.append(.file(path))
                case .folder where rules.verdict(entry.path, .read) != .allow:
                    hiding.masks.append(.folder(path))
                    return .skipFolder
                case .link, .file, .folder: break
                }
                return .goOn
            }
            guard summary.stoppedBy == nil, isWhole, hiding.paths.count <= Self.maskLimit else {
                throw ToolFailure(
                    "workspace_too_large",
                    "the workspace could not be looked through for files that programs must not see",
                    remedy: "use a smaller workspace, or one with fewer secrets and sockets in it")
            }
            return hiding
        }
    }

    /// The rules for one call, which a person let read some places.
    private struct RevealingRules: PathRules {
        let rules: any PathRules
        let revealed: [WorkspacePath]

        func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict {
            let verdict = rules.verdict(path, use)
            guard verdict == .ask else { return verdict }
            // The folders above stay closed in every other respect: what else lies in them is judged by itself.
            return revealed.contains { path.isInside($0) || $0.isInside(path) } ? .allow : .ask
        }
    }

    /// Allows every place; the walk that looks for what the real rules say must see all of them.
    private struct NoRules: PathRules {
        func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict { .allow }
    }
#endif
