internal import CPlatform
package import ToolKit

extension BeneathFiles {
    /// Stages every change beside its target, checks the bases, puts all in place by renames and syncs; any failure on
    /// the way puts everything back (SECURITY R4).
    package func commit(_ changes: [FileChange]) throws {
        for change in changes { try coverage.admit(change.path, .write) }
        // Who takes anything as the base does not mind that somebody else wrote in the same moment.
        let attempts = changes.allSatisfy { $0.base == .anything } ? Self.patience : 1
        for _ in 1..<attempts {
            do {
                return try attempt(changes)
            } catch let failure as ToolFailure where failure.code == FileFailure.conflict(.root).code {
                continue
            }
        }
        try attempt(changes)
    }

    private func attempt(_ changes: [FileChange]) throws {
        let commit = Commit(files: self, changes: changes)
        do {
            try commit.stage()
            try commit.place()
        } catch {
            commit.rollBack()
            throw error
        }
        commit.finish()
    }
}

/// One commit under way. Used by one thread, thrown away at its end.
private final class Commit {
    private let files: BeneathFiles
    private let changes: [FileChange]
    private var folders = MadeFolders()
    private var staged: [StagedChange] = []

    init(files: BeneathFiles, changes: [FileChange]) {
        self.files = files
        self.changes = changes
    }

    /// Everything that can fail for want of space, permission or a right name fails here, before anything changed.
    func stage() throws {
        var places: Set<WorkspacePath> = []
        let landings = try changes.map { change in
            let landing = try files.landing(of: change.path)
            guard places.insert(landing.place).inserted else { throw CommitFailure.sameFile(change.path) }
            try landing.require(change.base)
            if change.deed == .delete, landing.facts == nil { throw FileFailure.notFound(change.path) }
            if landing.isThroughLink, change.deed == .delete {
                throw CommitFailure.deletedLink(change.path)
            }
            return landing
        }
        for (index, (change, landing)) in zip(changes, landings).enumerated() {
            guard landing.missing.isEmpty || change.createsParents else {
                throw FileFailure.notFound(landing.missingFolders.first ?? change.path)
            }
            let folder = try naming(change.path) { () throws(SystemError) in try folders.make(landing) }
            try files.faults(.foldersMade(index))
            let pending = StagedChange(
                change: change, landing: landing, folder: folder, template: try template(for: change, landing))
            staged.append(pending)
            try pending.stage()
            try files.faults(.staged(index))
        }
    }

    func place() throws {
        for pending in staged { try pending.requireUnmoved(root: files.root) }
        for (index, pending) in staged.enumerated() {
            try pending.place()
            try files.faults(.placed(index))
        }
        var synced: Set<WorkspacePath> = []
        for pending in staged where synced.insert(pending.landing.place.parent).inserted {
            _ = try naming(pending.change.path) { () throws(SystemError) in
                try SystemError.check(cp_sync(pending.folder.number))
            }
        }
        try naming(.root) { () throws(SystemError) in try folders.sync() }
        try files.faults(.synced)
    }

    func finish() {
        for pending in staged { pending.dropBackup() }
    }

    func rollBack() {
        for pending in staged.reversed() { pending.rollBack() }
        folders.remove()
    }

    /// Whose owner, mode and attributes the new content takes on; `nil` for a file of its own.
    private func template(for change: FileChange, _ landing: Landing) throws -> OpenedFile? {
        if case .like(let source, _) = change.mode {
            try files.coverage.admit(source, .read)
            return try files.open(source, purpose: CP_OPEN_LOOK, for: .read)
        }
        guard let facts = landing.facts, case .write = change.deed else { return nil }
        let descriptor = try naming(change.path) { () throws(SystemError) in
            try SystemError.check(cp_may_write_in(landing.folder.descriptor.number, landing.name))
            return try SystemError.check(cp_open_in(landing.folder.descriptor.number, landing.name, CP_OPEN_LOOK))
        }
        return OpenedFile(descriptor: Descriptor(owning: descriptor), facts: facts, place: landing.place)
    }
}

private enum CommitFailure {
    static func sameFile(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "same_file_twice", "\(path) is the same file as another one of this call, reached through a link",
            remedy: "change each file once")
    }

    static func deletedLink(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure("link_refused", "\(path) is a link; a link is never deleted", remedy: "name the file itself")
    }
}

extension Landing {
    /// - Throws: ``FileFailure/conflict(_:)`` when the file is not the one that the change was made for.
    fileprivate func require(_ base: FileChange.Base) throws(ToolFailure) {
        let holds =
            switch base {
            case .anything: true
            case .absent: facts == nil
            case .exactly(let identity): facts.map { FileFacts($0).identity == identity } ?? false
            }
        guard holds else { throw FileFailure.conflict(asked) }
    }
}
