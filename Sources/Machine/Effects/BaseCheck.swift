internal import CPlatform
internal import ToolKit

/// Whether the workspace is what an effect was made for; and, where undo shall be possible, what it held is kept. Changes
/// nothing of the workspace. Used by one thread.
struct BaseCheck {
    let places: OpenPlaces
    let contents: any EffectContents
    let keepsBefore: Bool
    private(set) var conflicts: Set<EffectPath> = []
    /// Of everything that the effect changes and that was as it has to be.
    private(set) var traces: [EffectPath: NameTrace] = [:]
    /// Folders that names are changed in, and that nobody may write to.
    private(set) var closed: Set<EffectPath> = []

    init(places: OpenPlaces, contents: any EffectContents, keepsBefore: Bool) {
        self.places = places
        self.contents = contents
        self.keepsBefore = keepsBefore
    }

    /// - Throws: ``ToolFailure`` when something cannot be looked at or written to.
    mutating func look(_ plan: ApplyPlan) throws {
        var allowance = FolderAllowance()
        for item in plan.items where item.kind == .remove { allowance.allow(item.path) }
        for folder in plan.removedFolders { allowance.allowFolder(folder.path) }
        for folder in plan.removedFolders + plan.folderModes { try look(folder) }
        let loosened = Set(
            (plan.removedFolders + plan.folderModes).filter { ($0.before ?? 0o700) & 0o300 != 0o300 }.map(\.path))
        var writable: Set<EffectPath?> = []
        for item in plan.items {
            guard let folder = try self.folder(of: item.path) else { continue }
            if item.kind != .mode, writable.insert(item.path.parent).inserted,
                item.path.parent.map(loosened.contains) != true
            {
                _ = try naming(item.path.parent?.named ?? .root) { () throws(SystemError) in
                    try SystemError.check(cp_may_write_in(folder.number, "."))
                }
            }
            try look(item, in: folder, allowance)
        }
    }

    private mutating func look(_ item: ApplyPlan.Item, in folder: Descriptor, _ allowance: FolderAllowance) throws {
        guard let facts = try facts(of: item.path, in: folder) else {
            if item.before != nil || item.kind == .fileForFolder { conflicts.insert(item.path) }
            return
        }
        if item.kind == .fileForFolder {
            // That it is a folder of the right permissions was looked at with the folders.
            let holdsAll = try naming(item.path.named) { () throws(SystemError) in
                try allowance.holdsAll(of: try folder.open(item.path.entryName, CP_OPEN_FOLDER), at: item.path)
            }
            if !holdsAll { conflicts.insert(item.path) }
            return
        }
        guard let before = item.before, let trace = try trace(of: item.path, facts, before, in: folder) else {
            conflicts.insert(item.path)
            return
        }
        traces[item.path] = trace
    }

    private mutating func look(_ effect: FolderEffect) throws {
        guard let folder = try self.folder(of: effect.path) else { return }
        guard let facts = try facts(of: effect.path, in: folder), FileFacts.Kind(facts.kind) == .folder,
            UInt16(truncatingIfNeeded: facts.mode) == effect.before
        else {
            conflicts.insert(effect.path)
            return
        }
        traces[effect.path] = NameTrace(facts)
    }

    /// The folder that holds a name; without one, the name is a conflict.
    private mutating func folder(of path: EffectPath) throws(ToolFailure) -> Descriptor? {
        do throws(SystemError) {
            return try places.folder(path.parent)
        } catch {
            guard error.isSomebodyElse else { throw error.failure(for: path.named) }
            conflicts.insert(path)
            return nil
        }
    }

    private func facts(of path: EffectPath, in folder: Descriptor) throws(ToolFailure) -> cp_facts? {
        try naming(path.named) { () throws(SystemError) in try folder.requiredFacts(of: path.entryName) }
    }

    /// - Returns: `nil` when it is another one than the effect was made for.
    private func trace(
        of path: EffectPath, _ facts: cp_facts, _ before: FileState, in folder: Descriptor
    ) throws -> NameTrace? {
        switch (before.kind, FileFacts.Kind(facts.kind)) {
        case (.link, .link):
            let target = try naming(path.named) { () throws(SystemError) in try folder.linkTarget(path.entryName) }
            guard ContentHash.of(target) == before.sha256 else { return nil }
            if keepsBefore { _ = try contents.keep(target) }
            return NameTrace(facts, sha256: before.sha256)
        case (.file, .file):
            guard Int(facts.size) == before.size, UInt16(truncatingIfNeeded: facts.mode) == before.mode else {
                return nil
            }
            let file: Descriptor
            do throws(SystemError) {
                file = try folder.open(path.entryName, CP_OPEN_READ)
            } catch {
                guard error.isSomebodyElse else { throw error.failure(for: path.named) }
                return nil
            }
            let opened = try naming(path.named) { () throws(SystemError) in try file.facts() }
            guard opened.kind == facts.kind, opened.inode == facts.inode else { return nil }
            let found =
                keepsBefore
                ? try contents.keep(file: file.number)
                : try naming(path.named) { () throws(SystemError) in try file.hash() }
            return found.sha256 == before.sha256 ? NameTrace(opened, sha256: before.sha256) : nil
        default: return nil
        }
    }
}
