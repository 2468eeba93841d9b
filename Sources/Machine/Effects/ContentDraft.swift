internal import CPlatform
internal import ToolKit

/// Where the bytes of a content come from, read as often as needed.
protocol ContentSource {
    var expectedSize: Int { get }
    /// Calls `body` with the bytes in their order, in pieces of at most 256 KiB.
    func pieces(_ body: (UnsafeRawBufferPointer) throws(SystemError) -> Void) throws(SystemError)
}

extension ContentSource {
    static var piece: Int { 256 << 10 }
}

struct BytesInMemory: ContentSource {
    let bytes: [UInt8]

    var expectedSize: Int { bytes.count }

    func pieces(_ body: (UnsafeRawBufferPointer) throws(SystemError) -> Void) throws(SystemError) {
        try bytes.withBytes { all throws(SystemError) in
            for start in stride(from: 0, to: all.count, by: Self.piece) {
                try body(UnsafeRawBufferPointer(rebasing: all[start..<min(start + Self.piece, all.count)]))
            }
        }
    }
}

struct BytesOfFile: ContentSource {
    let descriptor: Int32
    let expectedSize: Int

    /// Its size comes from the file itself and is only a hint.
    func pieces(_ body: (UnsafeRawBufferPointer) throws(SystemError) -> Void) throws(SystemError) {
        var room = [UInt8](repeating: 0, count: min(Self.piece, max(expectedSize + 1, 4_096)))
        var offset: Int64 = 0
        while true {
            let count = room.withUnsafeMutableBytes { cp_read_at(descriptor, $0.baseAddress, $0.count, offset) }
            guard count > 0 else {
                try SystemError.check(Int32(truncatingIfNeeded: count))
                return
            }
            try room.withBytes { bytes throws(SystemError) in
                try body(UnsafeRawBufferPointer(rebasing: bytes[..<Int(count)]))
            }
            offset += count
            if count < room.count { return }
        }
    }
}

/// A content on its way into the store: a file under a name that is no hash.
struct ContentDraft {
    let sha256: String
    let size: Int
    /// Bytes that it takes on the disk.
    let stored: Int

    /// Nothing is saved by deflating what is shorter.
    private static let plainLimit = 128

    /// - Parameters:
    ///   - file: New and empty.
    ///   - limit: At most so many bytes are written; `EFBIG` beyond.
    init(of source: some ContentSource, to file: Descriptor, limit: Int) throws(SystemError) {
        var (hash, size, stored) = (ContentHash(), 0, 0)
        var deflation = source.expectedSize > Self.plainLimit ? Deflation(expecting: source.expectedSize) : nil
        func put(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
            stored += bytes.count
            guard ContentHeader.length + stored <= limit else { throw .tooLarge }
            try SystemError.check(cp_write_all(file.number, bytes.baseAddress, bytes.count))
        }
        try SystemError.check(cp_seek(file.number, Int64(ContentHeader.length)))
        let watch = HoneytokenWatch.underWay
        var reading = watch?.tokens.reading(upTo: HoneytokenWatch.fileLimit)
        try source.pieces { bytes throws(SystemError) in
            hash.add(bytes)
            reading?.add(bytes)
            if size == 0, deflation != nil, !Self.shrinks(bytes) { deflation = nil }
            size += bytes.count
            if let deflation {
                try deflation.add(bytes, isLast: false, emit: put)
            } else {
                try put(bytes)
            }
        }
        if let watch, let reading { watch.conclude(reading, in: .file) }
        try deflation?.add(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, emit: put)
        let header = ContentHeader(method: deflation == nil ? .plain : .deflated, size: size, stored: stored)
        try SystemError.check(cp_seek(file.number, 0))
        try SystemError.check(header.bytes.withUnsafeBytes { cp_write_all(file.number, $0.baseAddress, $0.count) })
        sha256 = hash.finished()
        self.size = size
        self.stored = ContentHeader.length + stored
    }

    /// Whether deflating is worth it, told by the first few kilobytes: pictures and archives do not become smaller.
    private static func shrinks(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let sample = UnsafeRawBufferPointer(rebasing: bytes.prefix(4_096))
        guard let trial = Deflation(expecting: sample.count) else { return false }
        var made = 0
        try? trial.add(sample, isLast: true) { piece throws(SystemError) in made += piece.count }
        return made < sample.count - sample.count / 16
    }
}
