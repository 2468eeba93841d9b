internal import CPlatform
internal import ToolKit

/// An open file or folder; closed when the last one lets go of it. Whoever takes its ``number`` holds it by a name of its
/// own meanwhile.
final class Descriptor: Sendable {
    let number: Int32

    /// - Parameter number: Open, and owned by this object from now on.
    init(owning number: Int32) { self.number = number }

    deinit { _ = cp_close(number) }

    func facts() throws(SystemError) -> cp_facts {
        var facts = cp_facts()
        try SystemError.check(cp_descriptor_facts(number, &facts))
        return facts
    }

    /// The absolute path that the system knows for it; `nil` when that is not UTF-8.
    func systemPath() throws(SystemError) -> String? {
        var text: String?
        let length = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 8_192) { buffer -> Int32 in
            guard let start = buffer.baseAddress else { return -1 }
            let length = cp_path_of(number, start, buffer.count)
            if length >= 0 { text = String(validatingCString: start) }
            return length
        }
        try SystemError.check(length)
        return text
    }

    // A method keeps its object for as long as it runs. Whoever takes the number of what nobody holds does not: it is closed
    // before the number is used, which may be another file's by then.

    /// Returns when all that was written is on the disk. Blocks.
    func sync() throws(SystemError) { try SystemError.check(cp_sync(number)) }

    /// Gives what was opened, be it only to be looked at, other permissions, where the system lets us.
    func setMode(_ mode: UInt32) { _ = cp_set_mode_at(number, mode) }

    /// At most `count` bytes from `offset`; fewer only at the end of the file.
    func read(offset: Int, count: Int) throws(SystemError) -> [UInt8] {
        guard count > 0 else { return [] }
        var failure: Int64 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let got = cp_read_at(number, buffer.baseAddress, count, Int64(offset))
            initialized = max(0, Int(got))
            failure = min(0, got)
        }
        try SystemError.check(Int32(truncatingIfNeeded: failure))
        return bytes
    }
}

/// A system call said no.
struct SystemError: Error, Hashable {
    /// Positive, as the system names it.
    let number: Int32

    /// - Parameter result: 0 or more, or a negated errno.
    @discardableResult
    static func check(_ result: Int32) throws(SystemError) -> Int32 {
        guard result >= 0 else { throw SystemError(number: -result) }
        return result
    }
}

extension FileFacts {
    init(_ facts: cp_facts) {
        self.init(
            kind: Kind(facts.kind),
            size: Int(facts.size),
            mode: UInt16(truncatingIfNeeded: facts.mode),
            modifiedAt: Double(facts.modified_ns) / 1_000_000_000,
            identity: FileIdentity(
                device: facts.device, inode: facts.inode, size: Int(facts.size),
                changedNanoseconds: Int(facts.changed_ns), modifiedNanoseconds: Int(facts.modified_ns)))
    }
}

extension FileFacts.Kind {
    init(_ kind: UInt32) {
        switch kind {
        case UInt32(CP_KIND_FILE): self = .file
        case UInt32(CP_KIND_FOLDER): self = .folder
        case UInt32(CP_KIND_LINK): self = .link
        default: self = .special
        }
    }

    var spokenName: String {
        switch self {
        case .file: "a regular file"
        case .folder: "a folder"
        case .link: "a link"
        case .special: "a FIFO, socket or device"
        }
    }
}
