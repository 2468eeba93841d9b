internal import CPlatform
internal import ToolKit

/// Names, each by itself: put in place, taken back, cleared of what they replaced. Used by one thread.
///
/// Nothing is ever replaced without a name of its own: what a name stood for lies beside it until the whole effect is in
/// place, and is looked at there, where no editor finds it any more.
struct Placing {
    let places: OpenPlaces
    let contents: any EffectContents
    /// What may be in a folder that gives way to a file.
    var allowance = FolderAllowance()

    // MARK: Forward

    /// - Parameter exchanged: Called between the change of the names and the look at what came out.
    /// - Throws: ``EffectConflict``, or what the system said.
    func place(_ entry: JournalEntry, exchanged: () throws -> Void) throws {
        do {
            let folder = try places.folder(entry.path.parent)
            switch entry.kind {
            case .exchange: try folder.trade(entry)
            case .put: try SystemError.check(cp_rename_new_in(folder.number, entry.beside.chars, entry.name.chars))
            case .aside: try SystemError.check(cp_rename_new_in(folder.number, entry.name.chars, entry.beside.chars))
            case .mode: try setMode(entry, in: folder)
            case .doomed: return
            }
            try exchanged()
            guard entry.kind == .exchange || entry.kind == .aside, let was = entry.was else { return }
            guard try was.inspect(entry.beside, in: folder) == .same else { throw EffectConflict(paths: [entry.path]) }
            if was.kind == .folder {
                let old = try folder.open(entry.beside, CP_OPEN_FOLDER)
                guard try allowance.holdsAll(of: old, at: entry.path) else {
                    throw EffectConflict(paths: [entry.path])
                }
            }
        } catch let error as SystemError {
            guard error.isSomebodyElse else { throw error.failure(for: entry.path.named) }
            throw EffectConflict(paths: [entry.path])
        }
    }

    private func setMode(_ entry: JournalEntry, in folder: Descriptor) throws {
        guard let was = entry.was, let now = entry.now else { return }
        let opened = try folder.open(entry.name, CP_OPEN_LOOK)
        let facts = try opened.facts()
        guard FileFacts.Kind(facts.kind) == was.kind, facts.inode == was.inode else { throw SystemError.noEntry }
        // Another name of the same file may have had its turn.
        guard UInt16(truncatingIfNeeded: facts.mode) != now.mode else { return }
        guard UInt16(truncatingIfNeeded: facts.mode) == was.mode else { throw SystemError.noEntry }
        if was.kind == .file, try was.inspect(entry.name, in: folder) != .same { throw SystemError.noEntry }
        try SystemError.check(cp_set_mode_at(opened.number, UInt32(now.mode)))
    }

    /// Whether everything still is as it was placed, and nobody writes to what is about to go.
    ///
    /// - Parameter place: Where the entry's folder is by now.
    func isInPlace(_ entry: JournalEntry, in place: EffectPath?) -> Bool {
        guard let folder = try? places.folder(place) else { return false }
        if entry.kind == .exchange || entry.kind == .aside, let was = entry.was,
            !was.isAtRest(entry.beside, in: folder)
        {
            return false
        }
        guard entry.kind != .doomed else { return true }
        guard let now = entry.now else { return folder.facts(of: entry.name) == nil }
        return now.glance(at: entry.name, in: folder) == .same
    }

    // MARK: Once everything is in place

    /// Lets a folder be written to for a moment that its effect has closed.
    func loosen(_ entry: JournalEntry) {
        if let now = entry.now { change(entry, from: now.mode, to: now.mode | 0o700) }
    }

    func tighten(_ entry: JournalEntry) {
        if let now = entry.now { change(entry, from: now.mode | 0o700, to: now.mode) }
    }

    private func change(_ entry: JournalEntry, from old: UInt16, to new: UInt16) {
        guard let folder = try? places.folder(entry.path.parent),
            let opened = try? folder.open(entry.name, CP_OPEN_LOOK), let facts = try? opened.facts(),
            facts.inode == entry.now?.inode, UInt16(truncatingIfNeeded: facts.mode) == old
        else { return }
        _ = cp_set_mode_at(opened.number, UInt32(new))
    }

    /// Takes away what the entry replaced.
    ///
    /// - Parameter place: Where the entry's folder is by now.
    /// - Returns: Where something lies that is not ours to remove.
    func drop(_ entry: JournalEntry, in place: EffectPath?) throws(SystemError) -> EffectPath? {
        guard [.exchange, .aside, .doomed].contains(entry.kind) else { return nil }
        let folder: Descriptor
        do throws(SystemError) {
            folder = try places.folder(place)
        } catch {
            guard error.isSomebodyElse else { throw error }
            return nil
        }
        if entry.kind == .doomed {
            // It goes by its own name all the time, so it is looked at once more.
            if let was = entry.was, try was.inspect(entry.name, in: folder) == .same {
                try SystemError.check(cp_unlink_in(folder.number, entry.name.chars))
            }
            return nil
        }
        guard let facts = try folder.requiredFacts(of: entry.beside) else { return nil }
        guard FileFacts.Kind(facts.kind) == .folder else {
            try SystemError.check(cp_unlink_in(folder.number, entry.beside.chars))
            return nil
        }
        guard cp_remove_folder_in(folder.number, entry.beside.chars) < 0 else { return nil }
        if entry.keptName != entry.beside {
            try SystemError.check(cp_rename_new_in(folder.number, entry.beside.chars, entry.keptName.chars))
        }
        return EffectPath.name(entry.keptName.bytes, in: place)
    }
}

extension SystemError {
    /// Whether a name turned out to be another one than it was a moment ago.
    var isSomebodyElse: Bool {
        [.noEntry, .exists, .isLink, .notAFolder, .notEmpty, .tryAgain].contains(self)
    }
}

extension Descriptor {
    /// Lets the entry's two names change places: in one step where the file system can. Where it cannot, the name stands
    /// for nothing for a moment, but nothing is replaced unseen.
    func trade(_ entry: JournalEntry) throws(SystemError) {
        let (name, beside, between) = (entry.name.chars, entry.beside.chars, entry.betweenName.chars)
        let result = cp_exchange_in(number, beside, name)
        guard result < 0 else { return }
        guard SystemError(number: -result).isUnsupported else { throw SystemError(number: -result) }
        try SystemError.check(cp_rename_new_in(number, name, between))
        let placed = cp_rename_new_in(number, beside, name)
        guard placed >= 0 else {
            _ = cp_rename_new_in(number, between, name)
            throw SystemError(number: -placed)
        }
        try SystemError.check(cp_rename_new_in(number, between, beside))
    }
}

/// What may still be in the folders that an effect removes, so that a file can take the place of one.
struct FolderAllowance {
    private var names: [EffectPath: Set<EntryName>] = [:]
    private var folders: Set<EffectPath> = []

    mutating func allow(_ path: EffectPath) { allow(path.entryName, in: path.parent) }

    mutating func allow(_ name: EntryName, in folder: EffectPath?) {
        if let folder { names[folder, default: []].insert(name) }
    }

    mutating func allowFolder(_ path: EffectPath) {
        allow(path)
        folders.insert(path)
    }

    /// - Parameter path: Where the folder lies, or lay.
    func holdsAll(of folder: Descriptor, at path: EffectPath) throws(SystemError) -> Bool {
        let allowed = names[path] ?? []
        let (found, isTruncated) = try folder.entries(limit: allowed.count + 1)
        guard !isTruncated, found.allSatisfy(allowed.contains) else { return false }
        for name in found {
            let inner = EffectPath.name(name.bytes, in: path)
            guard folders.contains(inner) else { continue }
            guard try holdsAll(of: try folder.open(name, CP_OPEN_FOLDER), at: inner) else { return false }
        }
        return true
    }
}
