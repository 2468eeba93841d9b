internal import CPlatform
internal import ToolKit

/// A file's new content on its way to the disk, with the owner, mode and attributes that it takes on.
struct NewContent {
    let change: FileChange
    let bytes: [UInt8]
    /// Whose owner and mode it takes on; `nil` for a file of its own.
    let template: OpenedFile?
    /// The file that it replaces, to take over access lists and attributes.
    var replaced: (folder: Descriptor, landing: Landing)?

    /// Makes the file, whole and synced.
    ///
    /// - Parameter name: Not taken yet. When this throws, it may stand there half written.
    func write(as name: String, in folder: Descriptor) throws(SystemError) -> cp_facts {
        let file = Descriptor(owning: try SystemError.check(cp_create_in(folder.number, name)))
        let result = bytes.withUnsafeBytes { cp_write_all(file.number, $0.baseAddress, $0.count) }
        try SystemError.check(result)
        try takeOn(file)
        try SystemError.check(cp_sync(file.number))
        return try file.facts()
    }

    /// Owner and attributes of the template, then the mode: no moment in which somebody reads who may not. Bits that
    /// make a program run as its owner are not kept, as after any write.
    private func takeOn(_ file: Descriptor) throws(SystemError) {
        if let template {
            let own = try file.facts()
            if own.owner != template.facts.owner || own.group != template.facts.group {
                try SystemError.check(cp_set_owner(file.number, template.facts.owner, template.facts.group))
            }
            copyAttributes(of: template.place, to: file)
        }
        try SystemError.check(cp_set_mode(file.number, mode))
    }

    /// Permission bits that it will have.
    var mode: UInt32 {
        let mode = template.map { $0.facts.mode & 0o777 } ?? 0o644
        switch change.mode {
        case .keep, .like(_, executable: nil): return mode
        case .executable(let flag), .like(_, executable: .some(let flag)):
            return flag ? mode | (mode & 0o444) >> 2 : mode & ~0o111
        }
    }

    /// An unreadable old file has attributes that nobody can ask for; its owner and mode stay all the same.
    private func copyAttributes(of place: WorkspacePath, to file: Descriptor) {
        guard let (folder, landing) = replaced, place == landing.place else { return }
        let number = cp_open_in(folder.number, landing.name, CP_OPEN_READ)
        guard number >= 0 else { return }
        let old = Descriptor(owning: number)
        _ = cp_copy_attributes(old.number, file.number)
    }
}
