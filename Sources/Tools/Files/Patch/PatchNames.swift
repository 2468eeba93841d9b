internal import ToolKit

/// The names that a patch takes away and gives, and what of that cannot be meant together.
///
/// A name may go and come again in one patch: a file is deleted and made anew, two files swap their names, a chain of
/// renames moves on. All of them start from the files as they are before the patch, whatever their order in the text.
struct PatchNames {
    private var taken: Set<WorkspacePath> = []
    private var given: Set<WorkspacePath> = []
    private var modified: Set<WorkspacePath> = []
    private var all: Set<WorkspacePath> = []

    mutating func add(_ file: FilePatch, line: Int) throws(ToolFailure) {
        func twice(_ path: WorkspacePath) -> ToolFailure {
            PatchFailure.refused("the patch changes \(path) twice (line \(line))")
        }
        if let path = file.taken {
            guard taken.insert(path).inserted, path != file.given, !modified.contains(path) else { throw twice(path) }
            if case .delete = file.change, given.contains(path) {
                throw PatchFailure.refused("the patch makes \(path) before it deletes it (line \(line))")
            }
        }
        if let path = file.given {
            guard given.insert(path).inserted else { throw twice(path) }
            if case .modify = file.change {
                guard !taken.contains(path) else { throw twice(path) }
                modified.insert(path)
            }
        }
        all.formUnion([file.taken, file.given].compactMap(\.self))
        guard all.count <= PatchFailure.fileLimit else { throw PatchFailure.tooLarge }
    }

    /// - Throws: ``ToolFailure`` with `patch_refused` when a file would have to be a folder as well.
    func requireFolders() throws(ToolFailure) {
        for path in given {
            var folder = path.parent
            while !folder.isRoot {
                if given.contains(folder) {
                    throw PatchFailure.refused("the patch makes \(path), but also a file named \(folder)")
                }
                folder = folder.parent
            }
        }
    }
}
