internal import ToolKit

/// What an effect takes, sorted into names that change in one step each. A value; nothing was looked at yet.
struct ApplyPlan {
    struct Item {
        enum Kind: Int {
            case remove
            case replace
            /// Permission bits of a file alone.
            case mode
            case create
            /// A file or link in the place of a folder, whose contents the effect deletes.
            case fileForFolder
            /// A folder with all that is in it, in a new place.
            case tree
            /// The same in the place of a file or link.
            case treeForFile
        }

        let kind: Kind
        let path: EffectPath
        let before: FileState?
        let after: FileState?
        /// Of a tree: the folders, the outermost first.
        var folders: [FolderEffect] = []
        /// Of a tree.
        var files: [FileEffect] = []
    }

    /// In the order in which they are placed: what goes comes before what takes its place.
    private(set) var items: [Item] = []
    /// Folders that stay and get other permissions.
    private(set) var folderModes: [FolderEffect] = []
    /// The innermost first.
    private(set) var removedFolders: [FolderEffect] = []

    /// - Parameter masked: The daemon's own folder, where it lies in the workspace.
    /// - Throws: ``ToolFailure`` for an effect that is none, or that no call may have.
    init(_ effect: Effect, masked: [WorkspacePath]) throws(ToolFailure) {
        let newFolders = Dictionary(
            effect.folders.filter { $0.before == nil }.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let gone = Dictionary(
            effect.folders.filter { $0.after == nil }.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let files = Dictionary(effect.files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        guard files.count == effect.files.count, Set(effect.folders.map(\.path)).count == effect.folders.count else {
            throw Self.invalid(effect.files.first?.path)
        }
        var trees: [EffectPath: Item] = [:]
        for folder in effect.folders {
            try Self.admit(folder.path, masked)
            guard (folder.before ?? 0) <= 0o7777, (folder.after ?? 0) <= 0o7777 else { throw Self.invalid(folder.path) }
            if folder.after != nil, let parent = folder.path.parent, gone[parent] != nil {
                throw Self.invalid(folder.path)
            }
            if folder.before != nil, folder.path.parent.map({ newFolders[$0] != nil }) == true {
                throw Self.invalid(folder.path)
            }
            if folder.before != nil, folder.after != nil { folderModes.append(folder) }
            guard folder.before == nil else { continue }
            let file = files[folder.path]
            guard file == nil || file?.after == nil else { throw Self.invalid(folder.path) }
            let top = Self.top(of: folder.path, newFolders)
            if top == folder.path {
                trees[top] = Item(
                    kind: file == nil ? .tree : .treeForFile, path: top, before: file?.before, after: nil,
                    folders: [folder] + (trees[top]?.folders ?? []), files: trees[top]?.files ?? [])
            } else {
                // By path, so the top came before.
                trees[top]?.folders.append(folder)
            }
        }
        for file in effect.files {
            try Self.admit(file.path, masked)
            try Self.admit(file)
            if let parent = file.path.parent, newFolders[parent] != nil {
                guard file.before == nil else { throw Self.invalid(file.path) }
                trees[Self.top(of: parent, newFolders)]?.files.append(file)
                continue
            }
            if file.after != nil, let parent = file.path.parent, gone[parent] != nil { throw Self.invalid(file.path) }
            if trees[file.path] != nil { continue }
            let isInFolder = gone[file.path] != nil
            guard !isInFolder || file.before == nil else { throw Self.invalid(file.path) }
            items.append(
                Item(kind: Self.kind(file, isInFolder), path: file.path, before: file.before, after: file.after))
        }
        items = (items + trees.values).sorted { ($0.kind.rawValue, $0.path) < ($1.kind.rawValue, $1.path) }
        removedFolders = gone.values.sorted { $1.path < $0.path }
    }

    private static func kind(_ file: FileEffect, _ isInFolder: Bool) -> Item.Kind {
        if isInFolder { return .fileForFolder }
        guard file.before != nil else { return .create }
        guard file.after != nil else { return .remove }
        return file.change == .mode ? .mode : .replace
    }

    /// The outermost new folder on the way.
    private static func top(of folder: EffectPath, _ new: [EffectPath: FolderEffect]) -> EffectPath {
        var top = folder
        while let parent = top.parent, new[parent] != nil { top = parent }
        return top
    }

    private static func admit(_ path: EffectPath, _ masked: [WorkspacePath]) throws(ToolFailure) {
        let isControl = path.components.contains {
            ControlFiles.isProtected(component: String(decoding: $0, as: UTF8.self))
        }
        guard !isControl else { throw FileFailure.protected(path.named) }
        let isMasked = masked.contains { mask in
            EffectPath(mask).map { path == $0 || path.isInside($0) } ?? true
        }
        guard !isMasked else { throw FileFailure.masked(path.named) }
        let isStaging = path.components.contains {
            StagingName.kind(of: String(decoding: $0, as: UTF8.self)) != nil
        }
        guard !isStaging else { throw invalid(path) }
    }

    private static func admit(_ file: FileEffect) throws(ToolFailure) {
        for state in [file.before, file.after].compactMap(\.self) {
            guard state.size >= 0, state.mode <= 0o7777, ContentName(state.sha256) != nil else {
                throw invalid(file.path)
            }
        }
        // A program that runs as its owner is nothing that a call may leave behind.
        guard let after = file.after, after.kind == .file, after.mode & 0o6000 != 0 else { return }
        throw ToolFailure(
            "special_mode",
            "\(file.path.named) would get permission bits that make it run as its owner or group; nothing was changed",
            remedy: "set these bits by hand, and leave the file out of the call")
    }

    private static func invalid(_ path: EffectPath?) -> ToolFailure {
        ToolFailure(
            "effect_invalid",
            "the effect says two things of one place, or names one that cannot be: "
                + (path?.named.description ?? "no path"),
            remedy: "make the preview again")
    }
}

extension ApplyPlan {
    /// How many files and links are written.
    var stagedCount: Int {
        items.reduce(0) { $0 + ($1.kind == .mode || $1.kind == .remove ? 0 : max(1, $1.files.count)) }
    }
}
