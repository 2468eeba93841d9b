internal import CPlatform
internal import ToolKit

/// The folders that a commit made on its way, so that they can be taken away again.
struct MadeFolders {
    private var made: [(parent: Descriptor, name: String, place: WorkspacePath)] = []
    /// Those and the ones that others made, to open each once.
    private var known: [WorkspacePath: Descriptor] = [:]

    /// Makes what is missing, one component at a time, and opens each without following a link.
    ///
    /// A folder that somebody else makes meanwhile is used and stays.
    mutating func make(_ landing: Landing) throws(SystemError) -> Descriptor {
        var folder = landing.folder.descriptor
        for (place, name) in zip(landing.missingFolders, landing.missing) {
            if let open = known[place] {
                folder = open
                continue
            }
            let result = cp_make_folder_in(folder.number, name)
            if result == 0 {
                made.append((folder, name, place))
            } else if SystemError(number: -result) != .exists {
                try SystemError.check(result)
            }
            folder = Descriptor(owning: try SystemError.check(cp_open_in(folder.number, name, CP_OPEN_FOLDER)))
            known[place] = folder
        }
        return folder
    }

    func sync() throws(SystemError) {
        for folder in made { try SystemError.check(cp_sync(folder.parent.number)) }
    }

    /// Takes away what is still empty.
    func remove() {
        for folder in made.reversed() { _ = cp_remove_folder_in(folder.parent.number, folder.name) }
    }

    func tell(_ account: CommitAccount) {
        for folder in made {
            guard let path = EffectPath(folder.place), let facts = folder.parent.facts(of: folder.name) else {
                continue
            }
            account.add(FolderEffect(path, before: nil, after: UInt16(truncatingIfNeeded: facts.mode)))
        }
    }
}
