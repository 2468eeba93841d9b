internal import CPlatform
internal import ToolKit

/// One commit under way. Used by one thread, thrown away at its end.
final class Commit {
    let files: BeneathFiles
    let changes: [FileChange]
    private var folders = MadeFolders()
    /// In the order of the changes.
    private var staged: [(lead: Int, step: any StagedStep)] = []
    private var order: [Int] = []
    /// Of a commit of several files: what the next daemon needs to take it back, should this one be killed.
    private var page: EffectJournal.Page?
    private var record = JournalRecord()

    init(files: BeneathFiles, changes: [FileChange]) {
        self.files = files
        self.changes = changes
    }

    /// Where everything lands and what belongs together. Changes nothing.
    func arrange() throws -> (landings: [Landing], groups: [CommitGroup]) {
        var places: Set<WorkspacePath> = []
        let deleted = Set(changes.filter { $0.deed == .delete }.map(\.path))
        let open = OpenFolders()
        let landings = try changes.map { change in
            let isNew = change.deed != .delete && change.base == .absent
            let landing = try files.landing(
                of: change.path, yielding: Yielding(files: deleted, folder: isNew), folders: open)
            guard places.insert(landing.place).inserted else { throw CommitFailure.sameFile(change.path) }
            try landing.require(change.base)
            if change.deed == .delete, landing.facts == nil { throw FileFailure.notFound(change.path) }
            if landing.isThroughLink, change.deed == .delete { throw CommitFailure.deletedLink(change.path) }
            guard landing.missing.isEmpty || change.createsParents else {
                throw FileFailure.notFound(landing.missingFolders.first ?? change.path)
            }
            return landing
        }
        let groups = try CommitGroup.of(changes, landings)
        for group in groups where group.kind == .fileForFolder {
            let landing = landings[group.lead]
            _ = try contents(group, landings).listed(in: landing.folder.descriptor, name: landing.name)
        }
        return (landings, groups)
    }

    /// Everything that can fail for want of space, permission or a right name fails here, before anything changed.
    func stage() throws {
        let (landings, groups) = try arrange()
        try openJournal(landings)
        let placing = CommitOrder(groups, changes)
        order = placing.order
        for group in groups {
            let index = group.lead
            let landing = landings[index]
            let change = changes[index]
            let step: any StagedStep
            switch group.kind {
            case .single:
                let folder = try naming(change.path) { () throws(SystemError) in try folders.make(landing) }
                step = StagedChange(
                    change: change, landing: landing, folder: folder, template: try template(for: change, landing),
                    keeping: placing.hasCircle ? .kept : .spare)
            case .folderForFile:
                step = FolderForFile(
                    change: change, landing: landing,
                    contents: try group.inner.map { (try content(changes[$0], landings[$0]), landings[$0]) })
            case .fileForFolder:
                step = FileForFolder(
                    change: change, landing: landing, template: try template(for: change, landing),
                    contents: contents(group, landings))
            }
            try files.faults(.foldersMade(index))
            staged.append((index, step))
            try page?.append(JournalRecord.note(staged: step.staged))
            try step.stage()
            try files.faults(.staged(index))
        }
    }

    func place() throws {
        for (_, step) in staged { try step.requireUnmoved(root: files.root) }
        try prepareJournal()
        for number in order {
            try staged[number].step.place()
            try files.faults(.placed(staged[number].lead))
        }
        var synced: Set<WorkspacePath> = []
        for (_, step) in staged where synced.insert(step.landing.place.parent).inserted {
            _ = try naming(step.change.path) { () throws(SystemError) in
                try SystemError.check(cp_sync(step.folder.number))
            }
        }
        try naming(.root) { () throws(SystemError) in try folders.sync() }
        try files.faults(.synced)
    }

    /// One file is old or new whatever happens; of several, some could be old and others new.
    private func openJournal(_ landings: [Landing]) throws {
        guard changes.count > 1, let journal = files.journal else { return }
        record.workspace = Array(files.root.path.utf8)
        record.call = journal.call
        record.made = Set(landings.flatMap(\.missingFolders).compactMap { EffectPath($0) }).sorted()
        page = try journal.applier.journal.open(record)
    }

    private func prepareJournal() throws {
        guard let page else { return }
        record.entries = order.flatMap { staged[$0].step.entries }
        record.removedFolders = staged.flatMap(\.step.removedFolders)
        try page.append(record.preparation(after: page.bytes))
        try page.syncWhole()
    }

    /// What was changed, as it is told to the call, and kept for an undo as far as that is possible.
    func tell(_ effects: CallEffects, keepingIn contents: any EffectContents) {
        let account = CommitAccount(contents: contents)
        for (_, step) in staged { step.tell(account) }
        folders.tell(account)
        account.close(effects)
    }

    /// From here on nothing is taken back.
    func settle() throws {
        try page?.commit()
    }

    func finish() {
        for (_, step) in staged { step.dropBackup() }
        page?.remove()
    }

    /// The other way round: what was placed last goes back first.
    func rollBack() {
        let placed = order.filter { $0 < staged.count }
        for number in placed.reversed() { staged[number].step.rollBack() }
        folders.remove()
        page?.remove()
    }

    func contents(_ group: CommitGroup, _ landings: [Landing]) -> FolderContents {
        FolderContents(
            place: landings[group.lead].place, coverage: files.coverage,
            files: Dictionary(
                group.inner.compactMap { index in landings[index].facts.map { (landings[index].place, $0) } },
                uniquingKeysWith: { first, _ in first }))
    }

    private func content(_ change: FileChange, _ landing: Landing) throws -> NewContent {
        guard case .write(let bytes) = change.deed else { throw FileFailure.conflict(change.path) }
        return NewContent(change: change, bytes: bytes, template: try template(for: change, landing))
    }

    /// Whose owner, mode and attributes the new content takes on; `nil` for a file of its own.
    func template(for change: FileChange, _ landing: Landing) throws -> OpenedFile? {
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
