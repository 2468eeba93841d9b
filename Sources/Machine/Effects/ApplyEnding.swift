internal import CPlatform
internal import ToolKit

/// How an apply ends that the journal knows: finished when it was committed, taken back when it was not. Both may be done
/// again after an interruption. Used by one thread.
struct ApplyEnding {
    struct Report: Hashable {
        /// Where somebody's own doing stands and stays.
        var left: [EffectPath] = []
        /// Where things lie that are nobody's to remove without looking.
        var kept: [EffectPath] = []
        /// What could not be dealt with because the system said no.
        var open: [EffectPath] = []

        var isComplete: Bool { open.isEmpty }
    }

    let record: JournalRecord
    let placing: Placing
    let faults: ApplyFaults

    // MARK: Forward

    func finish() -> Report {
        var report = Report()
        let swapped = SwappedFolders(record.entries)
        // What is left lies in folders that nobody may write to any more.
        let closed = record.entries.filter { entry in
            entry.kind == .mode && entry.now.map { $0.kind == .folder && $0.mode & 0o300 != 0o300 } ?? false
        }
        for entry in closed { placing.loosen(entry) }
        for (number, entry) in record.entries.enumerated() where entry.was?.kind != .folder {
            drop(entry, swapped, &report)
            try? faults(.dropped(number))
        }
        for path in record.removedFolders where !swapped.contains(path) {
            let place = swapped.place(of: path)
            guard let folder = try? placing.places.folder(place.parent) else { continue }
            // One that holds something by now stays: that is somebody else's.
            _ = cp_remove_folder_in(folder.number, place.entryName.chars)
        }
        for entry in swapped.entries { drop(entry, nil, &report) }
        for entry in closed { placing.tighten(entry) }
        return report
    }

    private func drop(_ entry: JournalEntry, _ swapped: SwappedFolders?, _ report: inout Report) {
        do throws(SystemError) {
            let parent = entry.path.parent.map { swapped?.place(of: $0) ?? $0 }
            if let kept = try placing.drop(entry, in: parent) { report.kept.append(kept) }
        } catch {
            report.open.append(entry.path)
        }
    }

    // MARK: Back

    func takeBack() -> Report {
        var report = Report()
        if record.isPrepared {
            for (number, entry) in record.entries.enumerated().reversed() {
                takeBack(entry, &report)
                try? faults(.rolledBack(number))
            }
        } else {
            for path in record.staged { unstage(path, &report) }
        }
        for path in record.made.reversed() {
            // What holds something by now is somebody else's as well.
            guard let folder = try? placing.places.folder(path.parent) else { continue }
            _ = cp_remove_folder_in(folder.number, path.entryName.chars)
        }
        for entry in record.loosened.reversed() { takeBack(entry, &report) }
        return report
    }

    private func takeBack(_ entry: JournalEntry, _ report: inout Report) {
        do throws(SystemError) {
            switch try placing.takeBack(entry) {
            case .restored: break
            case .theirs: report.left.append(entry.path)
            case .kept(let path):
                report.left.append(entry.path)
                report.kept.append(path)
            }
        } catch {
            report.open.append(entry.path)
        }
    }

    /// Nobody ever saw what lies there but who looked for names like ours.
    private func unstage(_ path: EffectPath, _ report: inout Report) {
        guard StagingName.kind(of: path.entryName.text ?? "") != nil,
            let folder = try? placing.places.folder(path.parent)
        else { return }
        UnstagedTree.remove(path.entryName, in: folder)
        if folder.facts(of: path.entryName) != nil { report.open.append(path) }
    }
}

/// Removes a name with everything below it; a link is removed itself.
private enum UnstagedTree {
    static func remove(_ name: EntryName, in parent: Descriptor, depth: Int = 0) {
        guard cp_unlink_in(parent.number, name.chars) < 0, cp_remove_folder_in(parent.number, name.chars) < 0,
            depth < 512, let facts = parent.facts(of: name), FileFacts.Kind(facts.kind) == .folder
        else { return }
        if let looked = try? parent.open(name, CP_OPEN_LOOK) { _ = cp_set_mode_at(looked.number, 0o700) }
        guard let folder = try? parent.open(name, CP_OPEN_FOLDER) else { return }
        for inner in (try? folder.entries(limit: 10_000_000).names) ?? [] {
            remove(inner, in: folder, depth: depth + 1)
        }
        _ = cp_remove_folder_in(parent.number, name.chars)
    }
}

/// Folders that a file has taken the place of, and where they lie now.
struct SwappedFolders {
    let entries: [JournalEntry]

    init(_ entries: [JournalEntry]) {
        self.entries = entries.filter { $0.kind == .exchange && $0.was?.kind == .folder }
    }

    func contains(_ path: EffectPath) -> Bool { entries.contains { $0.path == path } }

    /// Where a folder lies by now: one of them, one below, or any other.
    func place(of path: EffectPath) -> EffectPath {
        for entry in entries {
            if path == entry.path { return entry.besidePath }
            if path.isInside(entry.path) {
                let rest = path.bytes.dropFirst(entry.path.bytes.count + 1)
                return EffectPath.name(Array(rest), in: entry.besidePath)
            }
        }
        return path
    }
}
