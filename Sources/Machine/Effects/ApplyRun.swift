internal import CPlatform
internal import ToolKit

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// One apply under way. Used by one thread, thrown away at its end.
final class ApplyRun {
    private let applier: EffectApplier
    private let plan: ApplyPlan
    private var record = JournalRecord()
    private var page: EffectJournal.Page?
    private var placing: Placing
    private var loosened = 0
    private var placed = 0
    private let syncs = PendingSyncs()

    private var places: OpenPlaces { placing.places }

    /// Up to so many files or folders are synced each by itself; more with their whole file system, which writes what others
    /// have changed there as well.
    private static let fewFiles = 64

    init(_ applier: EffectApplier, _ plan: ApplyPlan, call: String) {
        self.applier = applier
        self.plan = plan
        placing = Placing(places: OpenPlaces(applier.root), contents: applier.contents)
        record.workspace = Array(applier.root.path.utf8)
        record.call = call
    }

    // MARK: Before anything of the workspace changes

    /// Everything that can fail for want of space, permission or a right base fails here.
    func prepare(keepsBefore: Bool) throws {
        var check = BaseCheck(places: places, contents: applier.contents, keepsBefore: keepsBefore)
        try check.look(plan)
        guard check.conflicts.isEmpty else { throw EffectConflict(paths: Array(check.conflicts)) }
        try applier.faults(.checked)
        let besides = plan.items.map { _ in JournalEntry.fresh() }
        for (item, beside) in zip(plan.items, besides) where item.kind != .mode && item.kind != .remove {
            record.staged.append(EffectPath.name(beside.bytes, in: item.path.parent))
        }
        record.loosened = loosenings(check.traces)
        record.removedFolders = plan.removedFolders.map(\.path)
        let page = try applier.journal.open(record)
        self.page = page
        // A loss of power would leave folders that nobody knows of; files are found by their names.
        if !record.loosened.isEmpty || plan.items.contains(where: { !$0.folders.isEmpty }) { try page.syncWhole() }
        try applier.faults(.begun)
        for entry in record.loosened {
            loosened += 1
            try placing.place(entry) {}
        }
        try applier.faults(.loosened)
        try stage(besides, check.traces)
        try sync(page, keepsBefore: keepsBefore)
        try applier.faults(.prepared)
    }

    /// Folders that are made writable because the effect gives them other permissions anyway, or removes them.
    private func loosenings(_ traces: [EffectPath: NameTrace]) -> [JournalEntry] {
        let working = Set(plan.items.compactMap(\.path.parent)).union(plan.removedFolders.compactMap(\.path.parent))
        return (plan.removedFolders + plan.folderModes).sorted { $0.path < $1.path }.compactMap { folder in
            guard let before = folder.before, before & 0o300 != 0o300, working.contains(folder.path),
                let trace = traces[folder.path]
            else { return nil }
            var now = trace
            now.mode = before | 0o700
            return JournalEntry(kind: .mode, path: folder.path, beside: EntryName("-"), was: trace, now: now)
        }
    }

    private func stage(_ besides: [EntryName], _ traces: [EffectPath: NameTrace]) throws {
        let staging = Staging(
            places: places, contents: applier.contents,
            syncs: plan.stagedCount <= Self.fewFiles ? syncs : nil, isPrivileged: geteuid() == 0)
        for (item, beside) in zip(plan.items, besides) {
            let was = traces[item.path]
            record.entries.append(try staging.stage(item, beside: beside, was: was))
            if item.kind == .remove { placing.allowance.allow(beside, in: item.path.parent) }
            try applier.faults(.staged(record.entries.count - 1))
        }
        for path in record.removedFolders { placing.allowance.allowFolder(path) }
        let opened = Dictionary(record.loosened.map { ($0.path, $0.now) }) { first, _ in first }
        // The innermost first, should one become closed.
        for folder in plan.folderModes.sorted(by: { $1.path < $0.path }) {
            guard let was = opened[folder.path] ?? traces[folder.path], let after = folder.after else { continue }
            var now = was
            now.mode = after
            record.entries.append(
                JournalEntry(kind: .mode, path: folder.path, beside: EntryName("-"), was: was, now: now))
        }
    }

    private func sync(_ page: EffectJournal.Page, keepsBefore: Bool) throws {
        try page.append(record.preparation(after: page.bytes))
        // What the effect puts there is staged; of its contents nobody needs more than that.
        if keepsBefore { try applier.contents.sync(Set(plan.items.compactMap(\.before?.sha256))) }
        try naming(.root) { () throws(SystemError) in try syncs.finish() }
        if plan.stagedCount > Self.fewFiles { try syncFileSystems() }
        try page.syncWhole()
    }

    private func syncFileSystems(_ swapped: SwappedFolders = SwappedFolders([])) throws {
        var devices: Set<UInt64> = []
        for parent in Set(plan.items.map { $0.path.parent.map(swapped.place) }) {
            try naming(parent?.named ?? .root) { () throws(SystemError) in
                let folder = try places.folder(parent)
                guard devices.insert(try folder.facts().device).inserted else { return }
                try SystemError.check(cp_sync_file_system(folder.number))
            }
        }
    }

    // MARK: The change itself

    func place() throws {
        for (number, entry) in record.entries.enumerated() {
            placed = number + 1
            try placing.place(entry) { try applier.faults(.exchanged(number)) }
            try applier.faults(.placed(number))
        }
        // Some folders go by other names now; what lies in them is looked at there.
        let swapped = SwappedFolders(record.entries)
        try verify(swapped)
        try applier.faults(.verified)
        let parents = Set(record.entries.map { $0.path.parent.map(swapped.place) })
        if parents.count > Self.fewFiles {
            try syncFileSystems(swapped)
        } else {
            for parent in parents {
                _ = try naming(parent?.named ?? .root) { () throws(SystemError) in
                    try places.folder(parent).sync()
                }
            }
        }
        try applier.faults(.synced)
        try page?.commit()
    }

    private func verify(_ swapped: SwappedFolders) throws {
        var conflicts: Set<EffectPath> = []
        for entry in record.entries where !placing.isInPlace(entry, in: entry.path.parent.map(swapped.place)) {
            conflicts.insert(entry.path)
        }
        for parent in Set(record.entries.compactMap(\.path.parent))
        where swapped.place(of: parent) == parent && !places.isInPlace(parent) { conflicts.insert(parent) }
        guard conflicts.isEmpty else { throw EffectConflict(paths: Array(conflicts)) }
    }

    func finish() {
        try? applier.faults(.committed)
        let ending = ApplyEnding(record: record, placing: placing, faults: applier.faults)
        if ending.finish().isComplete { page?.remove() }
    }

    // MARK: The way back

    /// - Returns: What to tell the caller.
    func takeBack(because error: any Error) throws -> any Error {
        record.isPrepared = placed > 0
        var undone = record
        undone.entries = Array(record.entries.prefix(placed > 0 ? record.entries.count : 0))
        undone.loosened = Array(record.loosened.prefix(loosened))
        let ending = ApplyEnding(record: undone, placing: placing, faults: applier.faults)
        let report = ending.takeBack()
        if report.isComplete { page?.remove() }
        guard report.isComplete else {
            return ToolFailure(
                "not_taken_back",
                "the change failed, and not all of it could be taken back: see "
                    + (report.open.first?.named.description ?? "the workspace"),
                remedy: "look at the disk and its permissions; the next start of the daemon tries again")
        }
        let theirs = report.left + report.kept
        guard theirs.isEmpty else {
            let known = (error as? EffectConflict)?.paths ?? []
            return EffectConflict(paths: Array(Set(known + theirs)))
        }
        return error
    }
}
