#if os(Linux)
    internal import Sandbox
    internal import Synchronization
    internal import ToolKit

    /// Files of the workspace that no program may see, because policy does not let them be read without asking: keys, `.env`
    /// and the like. Sockets and pipes as well: through them a program could talk to one of the host's (SECURITY R29).
    ///
    /// Found by a walk and remembered for some seconds, because a walk takes longer than most commands. What appears in
    /// between is seen until the next walk.
    final class HiddenPlaces: Sendable {
        private struct Found {
            var until: ContinuousClock.Instant
            var masks: [Profile.Mask]
            var trusted: [String]
        }

        private static let freshness = Duration.seconds(10)
        private static let patience = Duration.seconds(10)
        private static let entryLimit = 2_000_000
        /// Each is a mount of its own.
        private static let maskLimit = 1_000

        private let root: WorkspaceRoot
        private let found = Mutex<Found?>(nil)

        init(root: WorkspaceRoot) { self.root = root }

        /// Blocks while it walks.
        ///
        /// - Parameter trusted: Absolute folders of toolchains in the workspace. Only sockets and pipes are hidden in them:
        ///   what an operator lists are programs and their packages, and the certificates of a `.venv` look like keys.
        /// - Throws: ``ToolFailure`` when not everything could be looked at: then nothing may run, because a program would
        ///   see what it must not.
        func masks(
            under rules: any PathRules, masked: [WorkspacePath], trusting trusted: [String]
        ) throws -> [Profile.Mask] {
            let remembered = found.withLock { found -> [Profile.Mask]? in
                guard let found, found.until > .now, found.trusted == trusted else { return nil }
                // What is gone cannot be covered any more, and no wall would stand that tries.
                guard found.masks.allSatisfy({ FileIdentity(of: $0.path) != nil }) else { return nil }
                return found.masks
            }
            if let remembered { return remembered }
            let masks = try look(rules, masked, trusted)
            found.withLock { $0 = Found(until: .now + Self.freshness, masks: masks, trusted: trusted) }
            return masks
        }

        private func look(
            _ rules: any PathRules, _ masked: [WorkspacePath], _ trusted: [String]
        ) throws -> [Profile.Mask] {
            let everything = BeneathFiles(root: root, access: .search(.root), rules: NoRules())
            let base = root.path == "/" ? "" : root.path
            var masks = masked.map { Profile.Mask.folder(base + "/" + $0.description) }
            let limits = WalkLimits(entries: Self.entryLimit, deadline: .now + Self.patience)
            let summary = try everything.walk(.root, limits: limits) { entry in
                if masked.contains(where: { entry.path.isInside($0) }) { return .skipFolder }
                if entry.path.components.last == ".git" { return .skipFolder }
                let path = base + "/" + entry.path.description
                let isTrusted = trusted.contains { path == $0 || path.hasPrefix($0 + "/") }
                if isTrusted, entry.kind != .special { return .goOn }
                switch entry.kind {
                case .special: masks.append(.file(path))
                case .file where rules.verdict(entry.path, .read) != .allow: masks.append(.file(path))
                case .folder where rules.verdict(entry.path, .read) != .allow:
                    masks.append(.folder(path))
                    return .skipFolder
                case .link, .file, .folder: break
                }
                return .goOn
            }
            guard summary.stoppedBy == nil, masks.count <= Self.maskLimit else {
                throw ToolFailure(
                    "workspace_too_large",
                    "the workspace could not be looked through for files that programs must not see",
                    remedy: "use a smaller workspace, or one with fewer secrets and sockets in it")
            }
            return masks
        }
    }

    /// Allows every place; the walk that looks for what the real rules say must see all of them.
    private struct NoRules: PathRules {
        func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict { .allow }
    }
#endif
