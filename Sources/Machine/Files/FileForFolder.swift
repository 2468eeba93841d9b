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
        for (home, name) in listed.files { _ = cp_unlink_in(home.number, name) }
        for (parent, name) in listed.folders { _ = cp_remove_folder_in(parent.number, name) }
    }

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
