internal import CPlatform
package import ToolKit

/// Where one change lands: an open folder, a name in it, and what that name is now.
struct Landing {
    let asked: WorkspacePath
    /// The real place of the deepest folder on the way that exists.
    let folder: OpenedFile
    /// Names of the folders between `folder` and the file that do not exist yet.
    let missing: [String]
    let name: String
    /// Whether the name that was asked for is itself a link.
    let isThroughLink: Bool
    /// `nil` for a new file; a regular file otherwise.
    let facts: cp_facts?
    /// The folder that is to give way to the file.
    let folderInPlace: cp_facts?

    var place: WorkspacePath {
        missing.reduce(folder.place) { $0.appending(component: $1) }.appending(component: name)
    }

    var missingFolders: [WorkspacePath] {
        var place = folder.place
        return missing.map { name in
            place = place.appending(component: name)
            return place
        }
    }
}

/// The folders that one commit has open, so that a thousand files of one folder cost one descriptor. Used by one thread.
final class OpenFolders {
    var known: [WorkspacePath: OpenedFile] = [:]
}

/// What a change may find in its way, because the same commit takes it away.
struct Yielding {
    /// Files that are deleted, under the names that they were asked for.
    var files: Set<WorkspacePath> = []
    /// Whether a folder may be where the file is to be.
    var folder = false

    /// Whether `folder` is one of the files, or lies below one.
    func includes(_ folder: WorkspacePath) -> Bool {
        guard !files.isEmpty else { return false }
        var place = folder
        while !place.isRoot {
            if files.contains(place) { return true }
            place = place.parent
        }
        return false
    }
}

extension BeneathFiles {
    package func target(of path: WorkspacePath) throws -> FileTarget {
        try coverage.admit(path, .write)
        let landing = try landing(of: path)
        return FileTarget(
            path: landing.place, facts: landing.facts.map(FileFacts.init), missingFolders: landing.missingFolders,
            isReadable: coverage.isOpenToReading(landing.place))
    }

    /// Finds where a change of an admitted name lands; a link as the last component leads to its target.
    func landing(
        of path: WorkspacePath, yielding: Yielding = Yielding(), folders: OpenFolders = OpenFolders()
    ) throws(ToolFailure) -> Landing {
        var current = path
        for _ in 0..<Self.patience {
            guard let name = current.name else { throw FileFailure.notAFile(path, "the workspace itself") }
            let (folder, missing) = try deepestFolder(on: current.parent, asked: path, yielding, folders)
            let found = missing.isEmpty ? try facts(of: name, in: folder, asked: path) : nil
            let kind = found.map { FileFacts.Kind($0.kind) }
            let yields = kind == .folder && yielding.folder && current == path
            let landing = Landing(
                asked: path, folder: folder, missing: missing, name: name, isThroughLink: current != path,
                facts: yields ? nil : found, folderInPlace: yields ? found : nil)
            switch kind {
            case _ where yields, nil, .file:
                try coverage.admit(landing.place, asked: path, .write)
                return landing
            case .link:
                current = try linkTarget(current, asked: path)
            case .folder:
                throw FileFailure.notAFile(path, FileFacts.Kind.folder.spokenName)
            case .special:
                throw FileFailure.notAFile(path, FileFacts.Kind.special.spokenName)
            }
        }
        throw FileFailure.conflict(path)
    }

    private func facts(of name: String, in folder: OpenedFile, asked: WorkspacePath) throws(ToolFailure) -> cp_facts? {
        var facts = cp_facts()
        do throws(SystemError) {
            try SystemError.check(cp_facts_in(folder.descriptor.number, name, &facts))
            return facts
        } catch {
            guard error == .noEntry else { throw error.failure(for: asked) }
            return nil
        }
    }

    /// The folder itself, or the deepest one above it that exists, and the names from there on.
    private func deepestFolder(
        on path: WorkspacePath, asked: WorkspacePath, _ yielding: Yielding, _ folders: OpenFolders
    ) throws(ToolFailure) -> (OpenedFile, missing: [String]) {
        var folder = path
        var missing: [String] = []
        while true {
            if let known = folders.known[folder] { return (known, missing.reversed()) }
            do throws(SystemError) {
                guard let opened = try openFolder(folder) else { throw .noEntry }
                folders.known[folder] = opened
                return (opened, missing.reversed())
            } catch {
                let isMissing = error == .noEntry || error == .notAFolder && yielding.includes(folder)
                guard isMissing, let name = folder.name else {
                    throw error == .notAFolder ? FileFailure.notAFolder(folder) : error.failure(for: asked)
                }
                missing.append(name)
                folder = folder.parent
            }
        }
    }

    private func openFolder(_ folder: WorkspacePath) throws(SystemError) -> OpenedFile? {
        do throws(SystemError) {
            return try openPlain(folder, purpose: CP_OPEN_FOLDER)
        } catch {
            guard error == .isLink else { throw error }
            return try openFollowing(folder, purpose: CP_OPEN_FOLDER)
        }
    }

    /// The real place of the file that a link names, and of no other kind of thing.
    private func linkTarget(_ link: WorkspacePath, asked: WorkspacePath) throws(ToolFailure) -> WorkspacePath {
        do throws(SystemError) {
            guard let opened = try openFollowing(link, purpose: CP_OPEN_LOOK) else { return link }
            return opened.place
        } catch {
            throw error == .noEntry ? FileFailure.linkToNothing(asked) : error.failure(for: asked)
        }
    }
}
