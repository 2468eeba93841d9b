internal import CPlatform
internal import ToolKit

/// What a commit would change, found out without changing anything.
struct CommitForecast {
    let commit: Commit
    /// Keeps what the files would hold.
    let contents: any EffectContents

    /// - Throws: What the commit itself would be refused for, and ``ToolFailure`` when the new contents cannot be kept.
    func effect() throws -> Effect {
        let (landings, groups) = try commit.arrange()
        var files: [FileEffect] = []
        var folders: [EffectPath: FolderEffect] = [:]
        for (change, landing) in zip(commit.changes, landings) {
            guard let path = EffectPath(landing.place) else { continue }
            guard landing.facts == nil || commit.files.coverage.isOpenToReading(landing.place) else {
                throw CommitFailure.unseen(landing.place)
            }
            for missing in landing.missingFolders {
                guard let folder = EffectPath(missing) else { continue }
                folders[folder] = FolderEffect(folder, before: nil, after: 0o755)
            }
            files.append(FileEffect(path, before: try before(landing), after: try after(change, landing)))
        }
        for group in groups where group.kind == .fileForFolder {
            let landing = landings[group.lead]
            let listed = try commit.contents(group, landings).listed(
                in: landing.folder.descriptor, name: landing.name)
            for folder in listed.folders {
                guard let path = EffectPath(folder.place) else { continue }
                folders[path] = FolderEffect(path, before: folder.mode, after: nil)
            }
        }
        return Effect(files: files, folders: Array(folders.values))
    }

    private func before(_ landing: Landing) throws(ToolFailure) -> FileState? {
        guard let facts = landing.facts else { return nil }
        return try naming(landing.asked) { () throws(SystemError) in
            let number = cp_open_in(landing.folder.descriptor.number, landing.name, CP_OPEN_READ)
            let file = Descriptor(owning: try SystemError.check(number))
            let opened = try file.facts()
            guard FileFacts(opened).identity == FileFacts(facts).identity else { throw .exists }
            let (sha256, size) = try file.hash()
            return FileState(.file, size: size, sha256: sha256, mode: UInt16(truncatingIfNeeded: facts.mode))
        }
    }

    private func after(_ change: FileChange, _ landing: Landing) throws -> FileState? {
        guard case .write(let bytes) = change.deed else { return nil }
        let content = NewContent(change: change, bytes: bytes, template: try commit.template(for: change, landing))
        return FileState(
            .file, size: bytes.count, sha256: try contents.keep(bytes),
            mode: UInt16(truncatingIfNeeded: content.mode))
    }
}
