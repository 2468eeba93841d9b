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
    private var madeFolders: [(parent: Descriptor, name: String)] = []
    private var madeFiles: [(folder: Descriptor, name: String, facts: cp_facts?)] = []

    init(change: FileChange, landing: Landing, contents: [(content: NewContent, landing: Landing)]) {
        self.change = change
        self.landing = landing
        self.contents = contents
        folder = landing.folder.descriptor
    }

    func stage() throws(ToolFailure) {
        let top = try naming(change.path) { () throws(SystemError) in
            hasBeside = true
            let top = try make(beside, in: folder)
            ours = try top.facts()
            return top
        }
        for (content, inner) in contents {
            try naming(content.change.path) { () throws(SystemError) in
                let home = try self.home(of: inner.missing.dropFirst(), below: top)
                madeFiles.append((home, inner.name, nil))
                madeFiles[madeFiles.count - 1].facts = try content.write(as: inner.name, in: home)
            }
        }
        try naming(change.path) { () throws(SystemError) in
            for made in folders.values { try SystemError.check(cp_sync(made.number)) }
            try SystemError.check(cp_sync(top.number))
        }
    }

    private func make(_ name: String, in parent: Descriptor) throws(SystemError) -> Descriptor {
        try SystemError.check(cp_make_folder_in(parent.number, name))
        madeFolders.append((parent, name))
        return Descriptor(owning: try SystemError.check(cp_open_in(parent.number, name, CP_OPEN_FOLDER)))
    }

    private func home(of names: ArraySlice<String>, below top: Descriptor) throws(SystemError) -> Descriptor {
        guard let name = names.last else { return top }
        if let known = folders[Array(names)] { return known }
        let made = try make(name, in: try home(of: names.dropLast(), below: top))
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

    func rollBack() {
        guard hasBeside else { return }
        if isPlaced {
            guard folder.holds(ours, as: landing.name),
                (try? folder.swap(beside, with: landing.name, isFile: false)) != nil
            else { return }
        }
        for (home, name, facts) in madeFiles.reversed() where facts == nil || home.holds(facts, as: name) {
            _ = cp_unlink_in(home.number, name)
        }
        // What somebody else put in meanwhile keeps its folder.
        for (parent, name) in madeFolders.reversed() { _ = cp_remove_folder_in(parent.number, name) }
    }
}
