internal import CPlatform
package import ToolKit

/// Takes away the staging files that a killed daemon left in the workspace. Blocks; meant for a thread in the
/// background, once after the start.
///
/// A walk beneath the root that follows no link finds the files by their names. Those of a living commit have such
/// names too, so nothing is removed yet: first the cleaner waits for a moment without any commit (``CommitPresence``).
/// What was there before that moment and still is there in it belongs to nobody any more, for a commit removes its own
/// files and the next one uses new names.
package struct StagingCleaner {
    private let root: WorkspaceRoot
    private let masked: [WorkspacePath]

    private static let depth = 64
    /// Names of one folder that are held in memory at once.
    private static let namesLimit = 1_000_000

    /// - Parameter masked: Left alone: the daemon's home where it lies in the workspace (SECURITY R65).
    package init(root: WorkspaceRoot, masked: [WorkspacePath] = []) {
        self.root = root
        self.masked = masked
    }

    package struct Report: Sendable, Hashable {
        /// How many files were removed.
        package var removed = 0
        /// What a killed patch moved aside that may be the only copy of something (files that swapped their names, a
        /// file in the place of a folder or the reverse): left for a person. At most 100.
        package var kept: [WorkspacePath] = []
        /// Whether the whole workspace was looked through and everything found was dealt with.
        package var isComplete = true

        package init(removed: Int = 0, kept: [WorkspacePath] = [], isComplete: Bool = true) {
            self.removed = removed
            self.kept = kept
            self.isComplete = isComplete
        }
    }

    private struct Find {
        let folder: WorkspacePath
        let name: String
        let device: UInt64
        let inode: UInt64
    }

    /// - Parameters:
    ///   - entries: Names to look at; 50,000 files take some hundredths of a second.
    ///   - deadline: For the walk and for the waiting together.
    package func clean(entries: Int = 1_000_000, until deadline: ContinuousClock.Instant) -> Report {
        var search = Search(masked: masked, remaining: entries, deadline: deadline)
        search.descend(root.folder, at: .root, depth: 0)
        guard !search.finds.isEmpty else { return search.report }
        let removed = CommitPresence.absent(in: root, until: deadline) { search.finds.count(where: remove) }
        search.report.removed = removed ?? 0
        if removed == nil { search.report.isComplete = false }
        return search.report
    }

    /// Only a regular file, and the very one that was found.
    private func remove(_ find: Find) -> Bool {
        guard let folder = try? root.open(find.folder, purpose: CP_OPEN_FOLDER, follow: false),
            let facts = folder.facts(of: find.name), FileFacts.Kind(facts.kind) == .file,
            facts.inode == find.inode, facts.device == find.device
        else { return false }
        return cp_unlink_in(folder.number, find.name) >= 0
    }

    private struct Search {
        let masked: [WorkspacePath]
        var remaining: Int
        let deadline: ContinuousClock.Instant
        var report = Report()
        var finds: [Find] = []

        mutating func descend(_ folder: Descriptor, at place: WorkspacePath, depth: Int) {
            var listing = cp_listing()
            let result = cp_list_folder(folder.number, namesLimit, &listing)
            defer { cp_listing_free(&listing) }
            guard result >= 0, let names = listing.names, let offsets = listing.offsets, let kinds = listing.kinds
            else { return }
            if listing.truncated != 0 { report.isComplete = false }
            for index in 0..<listing.count {
                guard remaining > 0, ContinuousClock.now < deadline else {
                    report.isComplete = false
                    return
                }
                remaining -= 1
                let kind = Int32(kinds[index])
                // Nearly all are files with other names: those are passed without making a string.
                let isFolder = kind == CP_KIND_FOLDER || kind == CP_KIND_UNKNOWN
                let start = names + Int(offsets[index])
                guard isFolder || StagingName.mayBegin(start), let name = String(validatingCString: start) else {
                    continue
                }
                meet(name, in: folder, at: place, isFolder: isFolder, depth: depth)
            }
        }

        private mutating func meet(
            _ name: String, in folder: Descriptor, at place: WorkspacePath, isFolder: Bool, depth: Int
        ) {
            let path = place.appending(component: name)
            switch StagingName.kind(of: name) {
            case .kept:
                if report.kept.count < 100 { report.kept.append(path) }
            case .spare:
                guard let facts = folder.facts(of: name), FileFacts.Kind(facts.kind) == .file else { return }
                finds.append(Find(folder: place, name: name, device: facts.device, inode: facts.inode))
            case nil:
                // Nothing is ever staged in git's own folders or in the daemon's.
                guard isFolder, !ControlFiles.isProtected(path), !masked.contains(where: { path.isInside($0) }) else {
                    return
                }
                guard depth < StagingCleaner.depth else { return report.isComplete = false }
                let number = cp_open_in(folder.number, name, CP_OPEN_FOLDER)
                guard number >= 0 else { return }
                descend(Descriptor(owning: number), at: path, depth: depth + 1)
            }
        }
    }
}
