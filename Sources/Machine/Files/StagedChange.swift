internal import CPlatform
internal import ToolKit

/// One change between its staging and its end. Used by one thread.
///
/// The new content is written beside the target and swapped with it in one step. After the swap the staging name
/// holds what was really displaced, so the base is checked on the very file that went, not on one looked at before.
final class StagedChange {
    let change: FileChange
    let landing: Landing
    let folder: Descriptor
    private let template: OpenedFile?
    /// The name beside the target: the new content until the swap, the old one afterwards.
    private let beside = StagingName.fresh()
    private var hasBeside = false
    private var isPlaced = false
    /// The inode of the new content; `nil` for a deletion.
    private var ours: cp_facts?

    init(change: FileChange, landing: Landing, folder: Descriptor, template: OpenedFile?) {
        self.change = change
        self.landing = landing
        self.folder = folder
        self.template = template
    }

    func stage() throws(ToolFailure) {
        guard case .write(let bytes) = change.deed else { return }
        try naming(change.path) { () throws(SystemError) in
            let file = Descriptor(owning: try SystemError.check(cp_create_in(folder.number, beside)))
            hasBeside = true
            let result = bytes.withUnsafeBytes { cp_write_all(file.number, $0.baseAddress, $0.count) }
            try SystemError.check(result)
            try takeOn(file)
            try SystemError.check(cp_sync(file.number))
            ours = try file.facts()
        }
    }

    /// Owner and attributes of the template, then the mode: no moment in which somebody reads who may not. Bits that
    /// make a program run as its owner are not kept, as after any write.
    private func takeOn(_ file: Descriptor) throws(SystemError) {
        var mode: UInt32 = 0o644
        if let template {
            let own = try file.facts()
            if own.owner != template.facts.owner || own.group != template.facts.group {
                try SystemError.check(cp_set_owner(file.number, template.facts.owner, template.facts.group))
            }
            copyAttributes(of: template.place, to: file)
            mode = template.facts.mode & 0o777
        }
        switch change.mode {
        case .keep, .like(_, executable: nil): break
        case .executable(let flag), .like(_, executable: .some(let flag)):
            mode = flag ? mode | (mode & 0o444) >> 2 : mode & ~0o111
        }
        try SystemError.check(cp_set_mode(file.number, mode))
    }

    /// An unreadable old file has attributes that nobody can ask for; its owner and mode stay all the same.
    private func copyAttributes(of place: WorkspacePath, to file: Descriptor) {
        guard place == landing.place else { return }
        let number = cp_open_in(folder.number, landing.name, CP_OPEN_READ)
        guard number >= 0 else { return }
        let old = Descriptor(owning: number)
        _ = cp_copy_attributes(old.number, file.number)
    }

    /// - Throws: `conflict` when the folder was moved since it was opened.
    func requireUnmoved(root: WorkspaceRoot) throws(ToolFailure) {
        let place = try naming(change.path) { () throws(SystemError) in try root.place(of: folder) }
        guard place == landing.place.parent else { throw FileFailure.conflict(change.path) }
    }

    func place() throws(ToolFailure) {
        do throws(SystemError) {
            switch (change.deed, landing.facts) {
            case (.delete, _): try moveAside()
            case (.write, nil): try SystemError.check(cp_rename_new_in(folder.number, beside, landing.name))
            case (.write, .some): try swap()
            }
        } catch {
            throw error == .noEntry ? FileFailure.conflict(change.path) : error.failure(for: change.path)
        }
        isPlaced = true
        hasBeside = landing.facts != nil
        if let expected = landing.facts, !isSame(facts(of: beside), as: expected) {
            throw FileFailure.conflict(change.path)
        }
    }

    private func moveAside() throws(SystemError) {
        try SystemError.check(cp_rename_new_in(folder.number, landing.name, beside))
    }

    private func swap() throws(SystemError) {
        do throws(SystemError) {
            try SystemError.check(cp_exchange_in(folder.number, beside, landing.name))
        } catch {
            guard error.isUnsupported else { throw error }
            try swapInSteps()
        }
    }

    /// Where the file system cannot swap: the old file gets a second name, then the new one replaces the first.
    private func swapInSteps() throws(SystemError) {
        let backup = StagingName.fresh()
        try SystemError.check(cp_link_in(folder.number, landing.name, backup))
        let result = cp_rename_in(folder.number, beside, landing.name)
        guard result >= 0 else {
            _ = cp_unlink_in(folder.number, backup)
            throw SystemError(number: -result)
        }
        try SystemError.check(cp_rename_in(folder.number, backup, beside))
    }

    /// The same generation of the same file. A rename sets the change time, so that one is left out.
    private func isSame(_ facts: cp_facts?, as expected: cp_facts) -> Bool {
        guard let facts else { return false }
        return facts.device == expected.device && facts.inode == expected.inode && facts.size == expected.size
            && facts.modified_ns == expected.modified_ns && facts.kind == expected.kind
    }

    private func facts(of name: String) -> cp_facts? {
        var facts = cp_facts()
        return cp_facts_in(folder.number, name, &facts) >= 0 ? facts : nil
    }

    private func isOurs(_ name: String) -> Bool {
        guard let ours, let found = facts(of: name) else { return false }
        return found.inode == ours.inode && found.device == ours.device
    }

    func dropBackup() {
        if hasBeside { _ = cp_unlink_in(folder.number, beside) }
    }

    /// Puts the old file back, unless somebody has put a third one there meanwhile: that one stays.
    func rollBack() {
        if isPlaced {
            switch (change.deed, landing.facts) {
            case (.delete, _):
                if cp_rename_new_in(folder.number, beside, landing.name) >= 0 { hasBeside = false }
            case (.write, nil):
                if isOurs(landing.name) { _ = cp_unlink_in(folder.number, landing.name) }
            case (.write, .some):
                if isOurs(landing.name) { swapBack() }
            }
        }
        dropBackup()
    }

    private func swapBack() {
        guard (try? swap()) != nil, !isOurs(beside) else { return }
        // Somebody replaced ours in that very moment: theirs is the newest and goes back.
        try? swap()
    }
}
