internal import CPlatform
internal import ToolKit

/// What a folder holds that is to give way to a file: the files that the commit deletes, and empty folders.
struct FolderContents {
    let place: WorkspacePath
    let coverage: Coverage
    /// Those files under their real places, as they were judged.
    let files: [WorkspacePath: cp_facts]

    /// What has to be taken away, the folders innermost first and the folder itself last.
    struct Listed {
        var files: [(folder: Descriptor, name: String, place: WorkspacePath)] = []
        var folders: [(parent: Descriptor, name: String, place: WorkspacePath, mode: UInt16)] = []
    }

    /// Each folder is held open until the end.
    private static let folderLimit = 128

    /// Looks through the folder, opening each folder in its parent and following no link.
    ///
    /// - Parameter name: The name that the folder goes by at the moment.
    /// - Throws: ``ToolFailure`` with `folder_not_empty` for anything more than the files, with `conflict` when one of
    ///   them is missing or is another one by now.
    func listed(in parent: Descriptor, name: String) throws(ToolFailure) -> Listed {
        var listed = Listed()
        try collect(parent, name, at: place, into: &listed)
        guard listed.files.count == files.count else { throw FileFailure.conflict(place) }
        return listed
    }

    private func collect(
        _ parent: Descriptor, _ name: String, at place: WorkspacePath, into listed: inout Listed
    ) throws(ToolFailure) {
        let folder = try naming(place) { () throws(SystemError) in
            // Found out now, not when the files are to be taken away.
            try SystemError.check(cp_may_write_in(parent.number, name))
            return Descriptor(owning: try SystemError.check(cp_open_in(parent.number, name, CP_OPEN_FOLDER)))
        }
        for name in try names(in: folder, at: place) {
            guard let facts = folder.facts(of: name) else { throw FileFailure.conflict(place) }
            let inner = place.appending(component: name)
            switch FileFacts.Kind(facts.kind) {
            case .file:
                guard let expected = files[inner] else { throw CommitFailure.notEmpty(self.place) }
                guard facts.inode == expected.inode, facts.device == expected.device, facts.size == expected.size,
                    facts.modified_ns == expected.modified_ns
                else { throw FileFailure.conflict(inner) }
                listed.files.append((folder, name, inner))
            case .folder:
                guard !ControlFiles.isProtected(inner), !coverage.isMasked(inner),
                    listed.folders.count < Self.folderLimit
                else { throw CommitFailure.notEmpty(self.place) }
                try collect(folder, name, at: inner, into: &listed)
            case .link, .special:
                throw CommitFailure.notEmpty(self.place)
            }
        }
        let mode = try naming(place) { () throws(SystemError) in try folder.facts().mode }
        listed.folders.append((parent, name, place, UInt16(truncatingIfNeeded: mode)))
    }

    private func names(in folder: Descriptor, at place: WorkspacePath) throws(ToolFailure) -> [String] {
        var listing = cp_listing()
        // One more than there may be, of files and of folders: what is longer is not empty.
        let result = cp_list_folder(folder.number, files.count + Self.folderLimit + 1, &listing)
        defer { cp_listing_free(&listing) }
        _ = try naming(place) { () throws(SystemError) in try SystemError.check(result) }
        guard listing.truncated == 0 else { throw CommitFailure.notEmpty(self.place) }
        guard let offsets = listing.offsets, let bytes = listing.names else { return [] }
        var names: [String] = []
        for index in 0..<listing.count {
            guard let name = String(validatingCString: bytes + Int(offsets[index])) else {
                throw CommitFailure.notEmpty(self.place)
            }
            names.append(name)
        }
        return names
    }
}
