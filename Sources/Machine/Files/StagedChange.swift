internal import CPlatform
internal import ToolKit

/// One file that is written or deleted, between its staging and its end. Used by one thread.
///
/// The new content is written beside the target and swapped with it in one step. After the swap the staging name
/// holds what was really displaced, so the base is checked on the very file that went, not on one looked at before.
final class StagedChange: StagedStep {
    let change: FileChange
    let landing: Landing
    let folder: Descriptor
    /// Needed, and held open, until the new content is staged.
    private var template: OpenedFile?
    /// The name beside the target: the new content until the swap, the old one afterwards.
    private let beside: String
    private var hasBeside = false
    private var isPlaced = false
    /// The inode of the new content; `nil` for a deletion.
    private var ours: cp_facts?

    init(
        change: FileChange, landing: Landing, folder: Descriptor, template: OpenedFile?, keeping kind: StagingName.Kind
    ) {
        self.change = change
        self.landing = landing
        self.folder = folder
        self.template = template
        beside = StagingName.fresh(kind)
    }

    func stage() throws(ToolFailure) {
        guard case .write(let bytes) = change.deed else { return }
        let content = NewContent(change: change, bytes: bytes, template: template, replaced: (folder, landing))
        template = nil
        try naming(change.path) { () throws(SystemError) in
            hasBeside = true
            ours = try content.write(as: beside, in: folder)
        }
    }

    func place() throws(ToolFailure) {
        try renaming { () throws(SystemError) in
            switch (change.deed, landing.facts) {
            case (.delete, _): try SystemError.check(cp_rename_new_in(folder.number, landing.name, beside))
            case (.write, nil): try SystemError.check(cp_rename_new_in(folder.number, beside, landing.name))
            case (.write, .some): try folder.swap(beside, with: landing.name)
            }
        }
        isPlaced = true
        hasBeside = landing.facts != nil
        if let expected = landing.facts, !mayDisplace(folder.facts(of: beside), expected: expected) {
            throw FileFailure.conflict(change.path)
        }
    }

    private func mayDisplace(_ displaced: cp_facts?, expected: cp_facts) -> Bool {
        guard let displaced, displaced.kind == expected.kind, displaced.device == expected.device else { return false }
        if case .anything = change.base {
            // The last writer wins: what another one put there in the same moment goes as well. Only when owner or
            // mode changed meanwhile, ours were taken from the wrong file.
            return displaced.owner == expected.owner && displaced.group == expected.group
                && displaced.mode == expected.mode
        }
        // The same generation of the same file. A rename sets the change time, so that one is left out.
        return displaced.inode == expected.inode && displaced.size == expected.size
            && displaced.modified_ns == expected.modified_ns
    }

    func dropBackup() {
        if hasBeside { _ = cp_unlink_in(folder.number, beside) }
    }

    func tell(_ account: CommitAccount) {
        let after = change.state(ours)
        if landing.facts != nil {
            account.add(landing.place, in: folder, beside, after: after)
        } else if let path = EffectPath(landing.place) {
            account.add(FileEffect(path, before: nil, after: after))
        }
    }

    var entries: [JournalEntry] {
        guard let path = EffectPath(landing.place) else { return [] }
        let kind: JournalEntry.Kind = ours == nil ? .aside : landing.facts == nil ? .put : .exchange
        return [
            JournalEntry(
                kind: kind, path: path, beside: EntryName(beside), was: landing.facts.map { NameTrace($0) },
                now: ours.map { NameTrace($0) })
        ]
    }

    var staged: [EffectPath] { change.deed == .delete ? [] : landing.beside(beside) }

    func rollBack() {
        if isPlaced {
            switch (change.deed, landing.facts) {
            case (.delete, _):
                if cp_rename_new_in(folder.number, beside, landing.name) >= 0 { hasBeside = false }
            case (.write, nil):
                if folder.holds(ours, as: landing.name) { _ = cp_unlink_in(folder.number, landing.name) }
            case (.write, .some):
                if folder.holds(ours, as: landing.name) { swapBack() }
            }
        }
        dropBackup()
    }

    private func swapBack() {
        guard (try? folder.swap(beside, with: landing.name)) != nil, !folder.holds(ours, as: beside) else { return }
        // Somebody replaced ours in that very moment: theirs is the newest and goes back.
        try? folder.swap(beside, with: landing.name)
    }
}
