internal import CPlatform
internal import ToolKit

/// Something that a commit puts in place by one rename and can take back. Used by one thread.
protocol StagedStep: AnyObject {
    /// The change that it is counted and named under.
    var change: FileChange { get }
    var landing: Landing { get }
    /// The folder that holds the target's name.
    var folder: Descriptor { get }

    /// Puts the new content beside the target. Nothing of the target is changed.
    func stage() throws(ToolFailure)
    func place() throws(ToolFailure)
    /// Takes away what the target was, once everything is in place.
    func dropBackup()
    /// Puts the old state back, unless somebody has put a third one there meanwhile: that one stays.
    func rollBack()

    /// Tells what was changed, from the very files that lie beside their names now; between ``place()`` and
    /// ``dropBackup()``.
    func tell(_ account: CommitAccount)
    /// What lies beside a name once this is staged; known before.
    var staged: [EffectPath] { get }
    /// For the journal, once it is staged.
    var entries: [JournalEntry] { get }
    /// Folders that go with it, the innermost first; likewise.
    var removedFolders: [EffectPath] { get }
}

extension StagedStep {
    var removedFolders: [EffectPath] { [] }
}

extension Landing {
    func beside(_ name: String) -> [EffectPath] {
        EffectPath(place).map { [EffectPath.name(Array(name.utf8), in: $0.parent)] } ?? []
    }
}

extension FileChange {
    /// What the file is when this is made.
    ///
    /// - Parameter facts: Of the new content; `nil` for a deletion.
    func state(_ facts: cp_facts?) -> FileState? {
        guard case .write(let bytes) = deed, let facts else { return nil }
        return FileState(
            .file, size: bytes.count, sha256: ContentHash.of(bytes), mode: UInt16(truncatingIfNeeded: facts.mode))
    }
}

extension StagedStep {
    /// - Throws: `conflict` when the folder was moved since it was opened.
    func requireUnmoved(root: WorkspaceRoot) throws(ToolFailure) {
        let place = try naming(change.path) { () throws(SystemError) in try root.place(of: folder) }
        guard place == landing.place.parent else { throw FileFailure.conflict(change.path) }
    }

    /// What a rename said: a name that went or came meanwhile is somebody else's doing.
    func renaming(_ body: () throws(SystemError) -> Void) throws(ToolFailure) {
        do throws(SystemError) {
            try body()
        } catch {
            throw error == .noEntry ? FileFailure.conflict(change.path) : error.failure(for: change.path)
        }
    }
}

extension Descriptor {
    /// Facts of one name in this folder, no link followed; `nil` when nothing is there.
    func facts(of name: String) -> cp_facts? {
        var facts = cp_facts()
        return cp_facts_in(number, name, &facts) >= 0 ? facts : nil
    }

    /// Whether `name` stands for the inode of `expected`.
    func holds(_ expected: cp_facts?, as name: String) -> Bool {
        guard let expected, let found = facts(of: name) else { return false }
        return found.inode == expected.inode && found.device == expected.device
    }

    /// Lets two names of this folder change places, in one step where the file system can.
    ///
    /// - Parameter isFile: Whether `name` is a file. Where the file system cannot swap, a file gets a second name and
    ///   is replaced; a folder has none, so for a moment there is nothing under `name`.
    func swap(_ beside: String, with name: String, isFile: Bool = true) throws(SystemError) {
        let result = cp_exchange_in(number, beside, name)
        guard result < 0 else { return }
        guard SystemError(number: -result).isUnsupported else { throw SystemError(number: -result) }
        let backup = StagingName.fresh(.kept)
        try SystemError.check(isFile ? cp_link_in(number, name, backup) : cp_rename_in(number, name, backup))
        let placed = cp_rename_in(number, beside, name)
        guard placed >= 0 else {
            _ = isFile ? cp_unlink_in(number, backup) : cp_rename_in(number, backup, name)
            throw SystemError(number: -placed)
        }
        try SystemError.check(cp_rename_in(number, backup, beside))
    }
}
