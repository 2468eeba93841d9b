internal import CPlatform
internal import ToolKit

/// Puts new contents beside the names that they are for, whole, with the owner, mode and attributes that they will have.
/// Used by one thread.
struct Staging {
    let places: OpenPlaces
    let contents: any EffectContents
    /// Takes what the caller has to sync; `nil`: it syncs the whole file system.
    let syncs: PendingSyncs?
    let isPrivileged: Bool

    /// Whom a new file belongs to.
    private struct Owner {
        let user: UInt32
        let group: UInt32

        init(_ facts: cp_facts) { (user, group) = (facts.owner, facts.group) }
    }

    /// - Parameter was: What the name stands for now.
    func stage(_ item: ApplyPlan.Item, beside: EntryName, was: NameTrace?) throws -> JournalEntry {
        let folder = try naming(item.path.named) { () throws(SystemError) in try places.folder(item.path.parent) }
        switch item.kind {
        case .remove: return JournalEntry(kind: .aside, path: item.path, beside: beside, was: was, now: nil)
        case .mode:
            return JournalEntry(
                kind: .mode, path: item.path, beside: beside, was: was, now: was?.with(mode: item.after?.mode ?? 0))
        case .tree, .treeForFile:
            var inner: [JournalEntry.Inner] = []
            let now = try stageTree(item, beside, in: folder) { inner.append($0) }
            return JournalEntry(
                kind: item.kind == .tree ? .put : .exchange, path: item.path, beside: beside, was: was, now: now,
                inner: inner)
        case .replace, .create, .fileForFolder:
            guard let after = item.after else { throw FileFailure.conflict(item.path.named) }
            let trace = try stage(
                after, as: beside, in: folder, at: item.path,
                replacing: item.kind == .replace && item.before?.kind == .file && after.kind == .file
                    ? item.path.entryName : nil)
            return JournalEntry(
                kind: item.kind == .create ? .put : .exchange, path: item.path, beside: beside, was: was, now: trace)
        }
    }

    // MARK: One file or link

    private func stage(
        _ state: FileState, as name: EntryName, in folder: Descriptor, at path: EffectPath,
        replacing old: EntryName? = nil
    ) throws -> NameTrace {
        let likeFolder = Owner(try naming(path.named) { () throws(SystemError) in try folder.facts() })
        guard state.kind == .file else {
            guard let target = try contents.read(state.sha256, limit: 8_192) else { throw Self.gone(path) }
            return try naming(path.named) { () throws(SystemError) in
                try SystemError.check(cp_make_link_in(folder.number, name.chars, EntryName(target).chars))
                if isPrivileged {
                    try SystemError.check(
                        cp_set_owner_in(folder.number, name.chars, likeFolder.user, likeFolder.group))
                }
                guard let facts = folder.facts(of: name) else { throw .noEntry }
                return NameTrace(facts, sha256: state.sha256)
            }
        }
        let file = try naming(path.named) { () throws(SystemError) in
            Descriptor(owning: try SystemError.check(cp_create_in(folder.number, name.chars)))
        }
        guard try contents.write(state.sha256, to: file.number) else { throw Self.gone(path) }
        return try naming(path.named) { () throws(SystemError) in
            try takeOn(file, old, in: folder, likeFolder)
            try SystemError.check(cp_set_mode(file.number, UInt32(state.mode)))
            syncs?.add(file)
            let facts = try file.facts()
            guard Int(facts.size) == state.size else { throw .noSpace }
            return NameTrace(facts, sha256: state.sha256)
        }
    }

    /// Owner and attributes of the file that it replaces; of its folder, where it replaces none.
    private func takeOn(
        _ file: Descriptor, _ old: EntryName?, in folder: Descriptor, _ likeFolder: Owner
    ) throws(SystemError) {
        let own = Owner(try file.facts())
        guard let old else {
            // Who may not give files away keeps those that are new.
            guard isPrivileged, own.user != likeFolder.user || own.group != likeFolder.group else { return }
            try SystemError.check(cp_set_owner(file.number, likeFolder.user, likeFolder.group))
            return
        }
        let replaced = try folder.open(old, CP_OPEN_READ)
        let other = Owner(try replaced.facts())
        if own.user != other.user || own.group != other.group {
            try SystemError.check(cp_set_owner(file.number, other.user, other.group))
        }
        _ = cp_copy_attributes(replaced.number, file.number)
    }

    // MARK: A folder with all that is in it

    /// - Parameter inner: Told of everything in it, folders before what is in them.
    private func stageTree(
        _ item: ApplyPlan.Item, _ beside: EntryName, in parent: Descriptor, inner: (JournalEntry.Inner) -> Void
    ) throws -> NameTrace {
        let tree = StagedTree(path: item.path)
        for folder in item.folders {
            let isTop = folder.path == item.path
            let home = isTop ? parent : try tree.folder(folder.path.parent, folder.path)
            try naming(folder.path.named) { () throws(SystemError) in
                let name = isTop ? beside : folder.path.entryName
                try SystemError.check(cp_make_folder_in(home.number, name.chars))
                let made = try home.open(name, CP_OPEN_FOLDER)
                let owner = Owner(try home.facts())
                if isPrivileged { try SystemError.check(cp_set_owner(made.number, owner.user, owner.group)) }
                try SystemError.check(cp_set_mode(made.number, 0o700))
                if isTop { tree.top = made }
                if !isTop { inner(JournalEntry.Inner(path: folder.path, trace: NameTrace(try made.facts()))) }
            }
        }
        for file in item.files {
            guard let after = file.after else { continue }
            let home = try tree.folder(file.path.parent, file.path)
            inner(
                JournalEntry.Inner(
                    path: file.path, trace: try stage(after, as: file.path.entryName, in: home, at: file.path)))
        }
        // The innermost first: a folder may have permissions that keep us out.
        for folder in item.folders.reversed() {
            let made = try tree.folder(folder.path, folder.path)
            try naming(folder.path.named) { () throws(SystemError) in
                try SystemError.check(cp_set_mode(made.number, UInt32(folder.after ?? 0o755)))
                syncs?.add(made)
            }
        }
        guard let top = tree.top else { throw FileFailure.conflict(item.path.named) }
        return NameTrace(try naming(item.path.named) { () throws(SystemError) in try top.facts() })
    }

    private static func gone(_ path: EffectPath) -> ToolFailure {
        ToolFailure(
            "content_gone", "what \(path.named) would hold is not kept any more; nothing was changed",
            remedy: "make the preview again, or undo something more recent")
    }
}

extension NameTrace {
    fileprivate func with(mode: UInt16) -> NameTrace {
        var changed = self
        changed.mode = mode
        return changed
    }
}

/// The folders of a tree that is being built. Used by one thread.
private final class StagedTree {
    let path: EffectPath
    var top: Descriptor?
    private var last: (path: EffectPath, folder: Descriptor)?

    init(path: EffectPath) { self.path = path }

    func folder(_ wanted: EffectPath?, _ inner: EffectPath) throws(ToolFailure) -> Descriptor {
        guard let top, let wanted else { throw FileFailure.conflict(inner.named) }
        if wanted == path { return top }
        if let last, last.path == wanted { return last.folder }
        let rest = EntryName(Array(wanted.bytes.dropFirst(path.bytes.count + 1)))
        let opened = try naming(inner.named) { () throws(SystemError) in
            Descriptor(
                owning: try SystemError.check(cp_open_beneath(top.number, rest.chars, CP_OPEN_FOLDER, 0)))
        }
        last = (wanted, opened)
        return opened
    }
}
