internal import CPlatform
internal import ToolKit

/// One file of the store that is read back. Used by one thread.
struct ContentReading {
    enum Verdict {
        /// Everything was read, and it is what the hash says.
        case whole
        /// The receiver had enough.
        case stopped
        case broken
    }

    let name: ContentName
    let file: Descriptor
    let header: ContentHeader

    private static let piece = 256 << 10

    /// - Returns: `nil` when there is no such file, or one that was cut.
    init?(_ name: ContentName, in store: Descriptor) throws(SystemError) {
        let number = cp_open_in(store.number, name.path, CP_OPEN_READ)
        if number == -SystemError.noEntry.number { return nil }
        file = Descriptor(owning: try SystemError.check(number))
        let facts = try file.facts()
        guard FileFacts.Kind(facts.kind) == .file,
            let header = ContentHeader(try file.read(offset: 0, count: ContentHeader.length)),
            Int(facts.size) == ContentHeader.length + header.stored
        else { return nil }
        self.name = name
        self.header = header
    }

    /// - Parameter receive: Answers whether it wants more.
    func read(_ receive: (UnsafeRawBufferPointer) throws(SystemError) -> Bool) throws(SystemError) -> Verdict {
        var hash = ContentHash()
        var size = 0
        var wantsMore = true
        func take(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
            guard !bytes.isEmpty else { return }
            hash.add(bytes)
            size += bytes.count
            guard size <= header.size else { return wantsMore = false }
            wantsMore = try receive(bytes)
        }
        let inflation = header.method == .deflated ? Inflation() : nil
        if header.method == .deflated, inflation == nil { throw .noMemory }
        var made = [UInt8](repeating: 0, count: inflation == nil ? 0 : Self.piece)
        var offset = ContentHeader.length
        while wantsMore, offset < ContentHeader.length + header.stored {
            let bytes = try file.read(offset: offset, count: Self.piece)
            guard !bytes.isEmpty else { return .broken }
            offset += bytes.count
            guard let inflation else {
                try bytes.withBytes { all throws(SystemError) in try take(all) }
                continue
            }
            var used = 0
            while wantsMore, !inflation.isAtEnd {
                let step = bytes.withUnsafeBytes { all in
                    made.withUnsafeMutableBufferPointer { room in
                        inflation.expand(UnsafeRawBufferPointer(rebasing: all[used...]), into: room)
                    }
                }
                guard let step else { return .broken }
                used += step.used
                try made.withBytes { room throws(SystemError) in
                    try take(UnsafeRawBufferPointer(rebasing: room[..<step.made]))
                }
                if step.made == 0, used == bytes.count { break }
                if step.made == 0, step.used == 0 { return .broken }
            }
        }
        guard size <= header.size else { return .broken }
        guard wantsMore else { return .stopped }
        return size == header.size && hash.finished() == name.sha256 ? .whole : .broken
    }
}
