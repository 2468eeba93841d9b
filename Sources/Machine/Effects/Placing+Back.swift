internal import CPlatform
internal import ToolKit

extension Placing {
    /// What became of a name that was to be as before.
    enum Return: Hashable {
        case restored
        /// Somebody's own doing stands there, and stays.
        case theirs
        /// Likewise, and what was there before lies beside it under a name that nobody removes.
        case kept(EffectPath)
    }

    /// Makes the name stand for what it stood for before, as far as nobody else has done something to it since. May be
    /// done again when it was interrupted.
    func takeBack(_ entry: JournalEntry) throws(SystemError) -> Return {
        let folder: Descriptor
        do throws(SystemError) {
            folder = try places.folder(entry.path.parent)
        } catch {
            guard error.isSomebodyElse else { throw error }
            return .theirs
        }
        try finishTrade(entry, in: folder)
        switch entry.kind {
        case .doomed: return .restored
        case .mode: return try resetMode(entry, in: folder)
        case .aside:
            let result = cp_rename_new_in(folder.number, entry.beside.chars, entry.name.chars)
            switch SystemError(number: -result) {
            case _ where result >= 0, .noEntry: return .restored
            case .exists: return try settle(entry, in: folder)
            case let error: throw error
            }
        case .put: return try takeBackNew(entry, in: folder)
        case .exchange: return try takeBackTrade(entry, in: folder)
        }
    }

    /// A trade of three steps that was cut: the old thing gets the name that it would have had at the end.
    private func finishTrade(_ entry: JournalEntry, in folder: Descriptor) throws(SystemError) {
        let between = entry.betweenName
        guard entry.kind == .exchange, folder.facts(of: between) != nil else { return }
        if folder.facts(of: entry.beside) == nil {
            try SystemError.check(cp_rename_new_in(folder.number, between.chars, entry.beside.chars))
        } else if folder.facts(of: entry.name) == nil {
            try SystemError.check(cp_rename_new_in(folder.number, between.chars, entry.name.chars))
        }
    }

    private func resetMode(_ entry: JournalEntry, in folder: Descriptor) throws(SystemError) -> Return {
        guard let was = entry.was, let now = entry.now, let facts = try folder.requiredFacts(of: entry.name),
            FileFacts.Kind(facts.kind) == was.kind, facts.inode == was.inode
        else { return .theirs }
        let mode = UInt16(truncatingIfNeeded: facts.mode)
        guard mode == now.mode else { return mode == was.mode ? .restored : .theirs }
        let opened = try folder.open(entry.name, CP_OPEN_LOOK)
        guard try opened.facts().inode == was.inode else { return .theirs }
        try SystemError.check(cp_set_mode_at(opened.number, UInt32(was.mode)))
        return .restored
    }

    private func takeBackNew(_ entry: JournalEntry, in folder: Descriptor) throws(SystemError) -> Return {
        guard let now = entry.now else { return .restored }
        if folder.facts(of: entry.beside) == nil {
            switch try now.inspect(entry.name, in: folder) {
            case .gone: return .restored
            case .other: return .theirs
            case .same:
                let result = cp_rename_new_in(folder.number, entry.name.chars, entry.beside.chars)
                if result == -SystemError.noEntry.number { return .restored }
                try SystemError.check(result)
            }
        }
        if try discard(entry, in: folder) { return .restored }
        // Somebody wrote to it: then it is theirs, in the place where they found it.
        guard cp_rename_new_in(folder.number, entry.beside.chars, entry.name.chars) >= 0 else {
            return try keep(entry, in: folder)
        }
        return .theirs
    }

    private func takeBackTrade(_ entry: JournalEntry, in folder: Descriptor) throws(SystemError) -> Return {
        guard let now = entry.now, let beside = folder.facts(of: entry.beside) else { return .restored }
        if beside.inode == now.inode, FileFacts.Kind(beside.kind) == now.kind {
            return try discard(entry, in: folder) ? .restored : try keep(entry, in: folder)
        }
        switch try now.inspect(entry.name, in: folder) {
        case .other: return try settle(entry, in: folder)
        case .gone:
            // They took the new one away; the old one is better than nothing.
            try SystemError.check(cp_rename_new_in(folder.number, entry.beside.chars, entry.name.chars))
            return .restored
        case .same:
            try folder.trade(entry)
            if try discard(entry, in: folder) { return .restored }
            guard let name = folder.facts(of: entry.beside), name.inode != now.inode || now.kind != .folder else {
                return try keep(entry, in: folder)
            }
            // Somebody was at it in this very moment: what they wrote is the newest, and goes back.
            try folder.trade(entry)
            return try settle(entry, in: folder)
        }
    }

    /// The old thing lies beside a name that is somebody else's by now. Where its content is kept elsewhere, it goes.
    private func settle(_ entry: JournalEntry, in folder: Descriptor) throws(SystemError) -> Return {
        if let was = entry.was, let sha256 = was.sha256, was.kind != .folder, contents.holds(sha256),
            try was.inspect(entry.beside, in: folder) == .same
        {
            try SystemError.check(cp_unlink_in(folder.number, entry.beside.chars))
            return .theirs
        }
        return try keep(entry, in: folder)
    }

    private func keep(_ entry: JournalEntry, in folder: Descriptor) throws(SystemError) -> Return {
        if entry.keptName != entry.beside {
            let result = cp_rename_new_in(folder.number, entry.beside.chars, entry.keptName.chars)
            if result != -SystemError.noEntry.number { try SystemError.check(result) }
        }
        return .kept(EffectPath.name(entry.keptName.bytes, in: entry.path.parent))
    }

    /// Takes away what is new and lies beside its name.
    ///
    /// - Returns: `false` when somebody has changed it since it was staged, or writes to it.
    private func discard(_ entry: JournalEntry, in folder: Descriptor) throws(SystemError) -> Bool {
        guard let now = entry.now else { return true }
        guard now.kind == .folder else {
            switch try now.inspect(entry.beside, in: folder) {
            case .gone: return true
            case .other: return false
            case .same:
                try SystemError.check(cp_unlink_in(folder.number, entry.beside.chars))
                return true
            }
        }
        guard let facts = folder.facts(of: entry.beside), facts.inode == now.inode else {
            return folder.facts(of: entry.beside) == nil
        }
        // Its own permissions may keep us out.
        try folder.open(entry.beside, CP_OPEN_LOOK).setMode(0o700)
        let tree = OpenTree(try folder.open(entry.beside, CP_OPEN_FOLDER), of: entry)
        for inner in entry.inner.reversed() { try tree.remove(inner) }
        tree.close()
        let result = cp_remove_folder_in(folder.number, entry.beside.chars)
        if result == -SystemError.notEmpty.number || result == -SystemError.exists.number { return false }
        if result != -SystemError.noEntry.number { try SystemError.check(result) }
        return true
    }
}

/// A new folder that is taken apart. Used by one thread.
private final class OpenTree {
    private let top: Descriptor
    private let entry: JournalEntry
    private var last: (path: EffectPath, folder: Descriptor)?

    init(_ top: Descriptor, of entry: JournalEntry) {
        self.top = top
        self.entry = entry
    }

    func close() { last = nil }

    /// Only what is as it was staged; a folder only when it is empty.
    func remove(_ inner: JournalEntry.Inner) throws(SystemError) {
        guard let folder = try folder(inner.path.parent) else { return }
        let name = inner.path.entryName
        if inner.trace.kind == .folder {
            _ = cp_remove_folder_in(folder.number, name.chars)
        } else if try inner.trace.inspect(name, in: folder) == .same {
            _ = cp_unlink_in(folder.number, name.chars)
        }
    }

    /// - Returns: `nil` when there is none of ours.
    private func folder(_ path: EffectPath?) throws(SystemError) -> Descriptor? {
        guard let path, path != entry.path else { return top }
        if let last, last.path == path { return last.folder }
        let rest = EntryName(Array(path.bytes.dropFirst(entry.path.bytes.count + 1)))
        let looked = cp_open_beneath(top.number, rest.chars, CP_OPEN_LOOK, 0)
        guard looked >= 0 else { return nil }
        Descriptor(owning: looked).setMode(0o700)
        let number = cp_open_beneath(top.number, rest.chars, CP_OPEN_FOLDER, 0)
        guard number >= 0 else { return nil }
        let folder = Descriptor(owning: number)
        last = (path, folder)
        return folder
    }
}
