internal import CPlatform
internal import ToolKit

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// What tells the thing under a name from any other one that may come there.
struct NameTrace: Hashable {
    let kind: FileFacts.Kind
    let inode: UInt64
    /// Of files and links, in bytes.
    let size: Int
    let modifiedNanoseconds: Int64
    var mode: UInt16
    /// `nil`: only this very file counts, and only as it was last changed.
    let sha256: String?

    init(_ facts: cp_facts, sha256: String? = nil) {
        kind = FileFacts.Kind(facts.kind)
        inode = facts.inode
        size = Int(facts.size)
        modifiedNanoseconds = facts.modified_ns
        mode = UInt16(truncatingIfNeeded: facts.mode)
        self.sha256 = sha256
    }

    /// `file:12:40:1700000000000000000:420:9f…`
    var text: String { "\(kind.rawValue):\(inode):\(size):\(modifiedNanoseconds):\(mode):\(sha256 ?? "-")" }

    init?(text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, let kind = FileFacts.Kind(rawValue: parts[0]), let inode = UInt64(parts[1]),
            let size = Int(parts[2]), let modified = Int64(parts[3]), let mode = UInt16(parts[4])
        else { return nil }
        self.kind = kind
        self.inode = inode
        self.size = size
        modifiedNanoseconds = modified
        self.mode = mode
        sha256 = parts[5] == "-" ? nil : parts[5]
    }

    enum Sighting {
        case gone
        case same
        case other
    }

    /// Looks at facts alone: the same file, not changed since.
    func glance(at name: EntryName, in folder: Descriptor) -> Sighting {
        guard let facts = folder.facts(of: name) else { return .gone }
        guard FileFacts.Kind(facts.kind) == kind, facts.inode == inode else { return .other }
        guard kind != .folder else { return .same }
        return Int(facts.size) == size && facts.modified_ns == modifiedNanoseconds
            && UInt16(truncatingIfNeeded: facts.mode) == mode ? .same : .other
    }

    /// Reads it, in a moment in which nobody can be writing to it; somebody who has it open for writing makes it another
    /// one, for what they are about to write is nobody's to lose.
    func inspect(_ name: EntryName, in folder: Descriptor) throws(SystemError) -> Sighting {
        guard let facts = try folder.requiredFacts(of: name) else { return .gone }
        guard FileFacts.Kind(facts.kind) == kind else { return .other }
        switch kind {
        case .folder, .special: return facts.inode == inode ? .same : .other
        case .link:
            guard let sha256 else { return glance(at: name, in: folder) }
            return ContentHash.of(try folder.linkTarget(name)) == sha256 ? .same : .other
        case .file:
            guard Int(facts.size) == size, UInt16(truncatingIfNeeded: facts.mode) == mode else { return .other }
            return try inspectFile(name, in: folder)
        }
    }

    private func inspectFile(_ name: EntryName, in folder: Descriptor) throws(SystemError) -> Sighting {
        let file: Descriptor
        do throws(SystemError) {
            file = try folder.open(name, CP_OPEN_READ)
        } catch {
            // Swapped in this moment, or somebody else's lease is in the way.
            if error == .noEntry { return .gone }
            guard error == .isLink || error == .tryAgain else { throw error }
            return .other
        }
        for _ in 0..<Self.patience {
            let lease = cp_forbid_writers(file.number)
            let facts = try file.facts()
            guard FileFacts.Kind(facts.kind) == .file, Int(facts.size) == size else { return .other }
            if let sha256 {
                let (found, length) = try file.hash()
                guard found == sha256, length == size else { return .other }
            } else if facts.inode != inode || facts.modified_ns != modifiedNanoseconds {
                return .other
            }
            if lease == -SystemError.tryAgain.number {
                usleep(Self.pause)
                continue
            }
            // Somebody who opens it for writing in this moment waits for us, and will write to this very file.
            return lease == 1 && cp_still_forbids_writers(file.number) == 0 ? .other : .same
        }
        return .other
    }

    /// A program that is being started holds everything that was open for writing when it was forked, for a moment and
    /// without meaning to. So a second and a half is waited for whoever has not written yet: as long as that may take on a
    /// machine that has much else to do.
    private static let patience = 300
    private static let pause: UInt32 = 5_000

    /// Whether nobody has it open for writing, and it was not changed since: without reading it again.
    func isAtRest(_ name: EntryName, in folder: Descriptor) -> Bool {
        guard kind == .file else { return folder.facts(of: name).map { $0.inode == inode } ?? false }
        guard let file = try? folder.open(name, CP_OPEN_READ) else { return false }
        for _ in 0..<Self.patience {
            let lease = cp_forbid_writers(file.number)
            // Its permissions are those of all its names, and another one may have got others.
            guard let facts = try? file.facts(), facts.inode == inode, Int(facts.size) == size,
                facts.modified_ns == modifiedNanoseconds
            else { return false }
            guard lease == -SystemError.tryAgain.number else { return true }
            usleep(Self.pause)
        }
        return false
    }
}

extension Descriptor {
    /// Of the whole file.
    func hash() throws(SystemError) -> (sha256: String, size: Int) {
        var hash = ContentHash()
        var size = 0
        let source = BytesOfFile(descriptor: number, expectedSize: Int(try facts().size))
        try source.pieces { bytes throws(SystemError) in
            hash.add(bytes)
            size += bytes.count
        }
        return (hash.finished(), size)
    }
}
