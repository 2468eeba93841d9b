internal import CPlatform
internal import ToolKit

/// A file that becomes a folder: the folder is made beside it, complete, and swapped with it in one step. Used by one
/// thread.
final class FolderForFile: StagedStep {
    let change: FileChange
    let landing: Landing
    let folder: Descriptor
    /// What the folder holds: each lands below the file that goes.
    private let contents: [(content: NewContent, landing: Landing)]
    private let beside = StagingName.fresh(.kept)
    private var hasBeside = false
    private var isPlaced = false
    private var ours: cp_facts?
    private var folders: [[String]: Descriptor] = [:]
    private var madeFolders: [(parent: Descriptor, name: String, place: WorkspacePath, facts: cp_facts?)] = []
    private var madeFiles: [(folder: Descriptor, name: String, change: FileChange, facts: cp_facts?)] = []

    init(change: FileChange, landing: Landing, contents: [(content: NewContent, landing: Landing)]) {
        self.change = change
        self.landing = landing
        self.contents = contents
        folder = landing.folder.descriptor
    }

    func stage() throws(ToolFailure) {
        let top = try naming(change.path) { () throws(SystemError) in
            hasBeside = true
            let top = try make(beside, in: folder, at: landing.place)
            ours = try top.facts()
            return top
        }
        for (content, inner) in contents {
            try naming(content.change.path) { () throws(SystemError) in
                let home = try self.home(of: inner.missing.dropFirst(), below: top)
                madeFiles.append((home, inner.name, content.change, nil))
                madeFiles[madeFiles.count - 1].facts = try content.write(as: inner.name, in: home)
            }
        }
        try naming(change.path) { () throws(SystemError) in
            for made in folders.values { try SystemError.check(cp_sync(made.number)) }
            try SystemError.check(cp_sync(top.number))
        }
    }

    private func make(
        _ name: String, in parent: Descriptor, at place: WorkspacePath
    ) throws(SystemError) -> Descriptor {
        try SystemError.check(cp_make_folder_in(parent.number, name))
        madeFolders.append((parent, name, place, nil))
        let made = Descriptor(owning: try SystemError.check(cp_open_in(parent.number, name, CP_OPEN_FOLDER)))
        madeFolders[madeFolders.count - 1].facts = try made.facts()
        return made
    }

    private func home(of names: ArraySlice<String>, below top: Descriptor) throws(SystemError) -> Descriptor {
        guard let name = names.last else { return top }
        if let known = folders[Array(names)] { return known }
        let place = names.reduce(landing.place) { $0.appending(component: $1) }
        let made = try make(name, in: try home(of: names.dropLast(), below: top), at: place)
        folders[Array(names)] = made
        return made
    }

    func place() throws(ToolFailure) {
        try renaming { () throws(SystemError) in try folder.swap(beside, with: landing.name, isFile: false) }
        isPlaced = true
        guard let expected = landing.facts, let displaced = folder.facts(of: beside),
            displaced.kind == expected.kind, displaced.device == expected.device, displaced.inode == expected.inode,
            displaced.size == expected.size, displaced.modified_ns == expected.modified_ns
        else { throw FileFailure.conflict(change.path) }
    }

    func dropBackup() {
        if isPlaced { _ = cp_unlink_in(folder.number, beside) }
    }

    func tell(_ account: CommitAccount) {
        account.add(landing.place, in: folder, beside, after: nil)
        for made in madeFolders {
            guard let path = EffectPath(made.place), let facts = made.facts else { continue }
            account.add(FolderEffect(path, before: nil, after: UInt16(truncatingIfNeeded: facts.mode)))
        }
        for (content, inner) in contents {
            guard let path = EffectPath(inner.place) else { continue }
            let made = madeFiles.first { $0.change == content.change }
            account.add(FileEffect(path, before: nil, after: content.change.state(made?.facts)))
        }
    }

    var entries: [JournalEntry] {
        guard let path = EffectPath(landing.place), let old = landing.facts, let ours else { return [] }
        let folders = madeFolders.dropFirst().map { (place: $0.place, facts: $0.facts) }
        let files = zip(contents, madeFiles).map { (place: $0.landing.place, facts: $1.facts) }
        let inner = (folders + files).compactMap { made -> JournalEntry.Inner? in
            guard let path = EffectPath(made.place), let facts = made.facts else { return nil }
            return JournalEntry.Inner(path: path, trace: NameTrace(facts))
        }
        return [
            JournalEntry(
                kind: .exchange, path: path, beside: EntryName(beside), was: NameTrace(old), now: NameTrace(ours),
                inner: inner)
        ]
    }

    var staged: [EffectPath] { landing.beside(beside) }

    func rollBack() {
        guard hasBeside else { return }
        if isPlaced {
            guard folder.holds(ours, as: landing.name),
                (try? folder.swap(beside, with: landing.name, isFile: false)) != nil
            else { return }
        }
        for made in madeFiles.reversed() where made.facts == nil || made.folder.holds(made.facts, as: made.name) {
            _ = cp_unlink_in(made.folder.number, made.name)
        }
        // What somebody else put in meanwhile keeps its folder.
        for made in madeFolders.reversed() { _ = cp_remove_folder_in(made.parent.number, made.name) }
    }
}
