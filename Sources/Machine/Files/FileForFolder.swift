internal import CPlatform
internal import ToolKit

/// A folder that gives way to a file, with everything in it deleted: both change places in one step, and only then is
/// the folder taken apart. Used by one thread.
final class FileForFolder: StagedStep {
    let change: FileChange
    let landing: Landing
    let folder: Descriptor
    /// Needed, and held open, until the new content is staged.
    private var template: OpenedFile?
    private let contents: FolderContents
    private let beside = StagingName.fresh(.kept)
    private var hasBeside = false
    private var isPlaced = false
    private var ours: cp_facts?

    /// - Parameter contents: What the folder may hold, and nothing else.
    init(change: FileChange, landing: Landing, template: OpenedFile?, contents: FolderContents) {
        self.change = change
        self.landing = landing
        self.template = template
        self.contents = contents
        folder = landing.folder.descriptor
    }

    func stage() throws(ToolFailure) {
        guard case .write(let bytes) = change.deed else { return }
        let content = NewContent(change: change, bytes: bytes, template: template)
        template = nil
        try naming(change.path) { () throws(SystemError) in
            hasBeside = true
            ours = try content.write(as: beside, in: folder)
        }
    }

    func place() throws(ToolFailure) {
        try renaming { () throws(SystemError) in try folder.swap(beside, with: landing.name, isFile: false) }
        isPlaced = true
        // Looked at again under its new name: what was put in between the check and the swap is not lost.
        guard folder.holds(landing.folderInPlace, as: beside) else { throw FileFailure.conflict(change.path) }
        _ = try contents.listed(in: folder, name: beside)
    }

    func dropBackup() {
        guard isPlaced, let listed = try? contents.listed(in: folder, name: beside) else { return }
        for file in listed.files { _ = cp_unlink_in(file.folder.number, file.name) }
        for folder in listed.folders { _ = cp_remove_folder_in(folder.parent.number, folder.name) }
    }

    func tell(_ account: CommitAccount) {
        guard let path = EffectPath(landing.place) else { return }
        if let listed = try? contents.listed(in: folder, name: beside) {
            for file in listed.files { account.add(file.place, in: file.folder, file.name, after: nil) }
            for folder in listed.folders {
                if let place = EffectPath(folder.place) {
                    account.add(FolderEffect(place, before: folder.mode, after: nil))
                }
            }
        }
        account.add(FileEffect(path, before: nil, after: change.state(ours)))
    }

    var entries: [JournalEntry] {
        guard let path = EffectPath(landing.place), let old = landing.folderInPlace, let ours else { return [] }
        // Of what is in the folder, each file goes by its own name to the end.
        let inner = contents.files.compactMap { place, facts in
            EffectPath(place).map {
                JournalEntry(kind: .doomed, path: $0, beside: EntryName("-"), was: NameTrace(facts), now: nil)
            }
        }
        return inner + [
            JournalEntry(
                kind: .exchange, path: path, beside: EntryName(beside), was: NameTrace(old), now: NameTrace(ours))
        ]
    }

    var removedFolders: [EffectPath] {
        let listed = try? contents.listed(in: folder, name: landing.name)
        return (listed?.folders ?? []).compactMap { EffectPath($0.place) }
    }

    var staged: [EffectPath] { landing.beside(beside) }

    func rollBack() {
        guard hasBeside else { return }
        if isPlaced {
            guard folder.holds(ours, as: landing.name),
                (try? folder.swap(beside, with: landing.name, isFile: false)) != nil
            else { return }
        }
        _ = cp_unlink_in(folder.number, beside)
    }
}
