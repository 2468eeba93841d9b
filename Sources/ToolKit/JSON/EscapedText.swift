/// The characters of one JSON string, escaped piece by piece into memory that the caller lends.
struct EscapedText {
    /// Bytes of memory to be lent: a piece of which every byte becomes a `\\u` escape, and one word that is copied whole
    /// while only a part of it counts.
    static let capacity = 6 * pieceLength + 8
    /// Bytes of the text that are escaped at once.
    private static let pieceLength = 512

    private let source: UnsafeBufferPointer<UInt8>
    private let escaping: JSONWriter.Escaping
    private let memory: UnsafeMutableRawBufferPointer
    private var index: Int
    private var filled = 0

    /// - Parameters:
    ///   - source: UTF-8.
    ///   - index: Where to begin.
    ///   - memory: ``capacity`` bytes.
    init(
        _ source: UnsafeBufferPointer<UInt8>, from index: Int, escaping: JSONWriter.Escaping,
        in memory: UnsafeMutableRawBufferPointer
    ) {
        self.source = source
        self.index = index
        self.escaping = escaping
        self.memory = memory
    }

    /// What the last call of ``escapeNextPiece()`` has made.
    var piece: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<filled]) }

    /// - Returns: `false` when there was nothing left.
    mutating func escapeNextPiece() -> Bool {
        filled = 0
        guard index < source.count, let text = UnsafeRawPointer(source.baseAddress), let room = memory.baseAddress
        else { return false }
        let end = min(index + Self.pieceLength, source.count)
        while index < end {
            copyPlain(from: text, to: room, upTo: end)
            if index < end { takeOne() }
        }
        return true
    }

    /// Eight bytes at a time, up to one that may need an escape, or to the last few before the end, which are looked at one
    /// by one. In variables of its own, which stay in registers.
    @inline(__always)
    private mutating func copyPlain(
        from text: UnsafeRawPointer, to room: UnsafeMutableRawPointer, upTo end: Int
    ) {
        var from = index
        var to = filled
        let isInvisibleEscaped = escaping == .invisible
        while from &+ 8 <= end {
            let word = text.loadUnaligned(fromByteOffset: from, as: UInt64.self)
            room.storeBytes(of: word, toByteOffset: to, as: UInt64.self)
            let mask = Self.suspects(in: UInt64(littleEndian: word), isInvisibleEscaped)
            guard mask == 0 else {
                let clean = mask.trailingZeroBitCount >> 3
                from &+= clean
                to &+= clean
                break
            }
            from &+= 8
            to &+= 8
        }
        index = from
        filled = to
    }

    /// The character at `index`, which may need an escape; of one that needs none and has several bytes, the first byte.
    private mutating func takeOne() {
        let byte = source[index]
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(UInt8(ascii: "\\"), byte)
        case 0x0A: put(UInt8(ascii: "\\"), UInt8(ascii: "n"))
        case 0x0D: put(UInt8(ascii: "\\"), UInt8(ascii: "r"))
        case 0x09: put(UInt8(ascii: "\\"), UInt8(ascii: "t"))
        case 0..<0x20: put(escape: UInt32(byte))
        case 0x7F... where escaping == .invisible:
            let length = Self.invisibleLength(source, at: index)
            guard length > 0 else { return putPlain(byte) }
            let character = String(decoding: source[index..<index + length], as: UTF8.self)
            put(escape: character.unicodeScalars.first?.value ?? 0xFFFD)
            index += length - 1
        default: return putPlain(byte)
        }
        index += 1
    }

    private mutating func putPlain(_ byte: UInt8) {
        memory[filled] = byte
        filled += 1
        index += 1
    }

    private mutating func put(_ first: UInt8, _ second: UInt8) {
        memory[filled] = first
        memory[filled + 1] = second
        filled += 2
    }

    private mutating func put(escape scalar: UInt32) {
        put(UInt8(ascii: "\\"), UInt8(ascii: "u"))
        for shift in stride(from: 12, through: 0, by: -4) {
            memory[filled] = Hex.digit(UInt8(scalar >> UInt32(shift) & 0xF))
            filled += 1
        }
    }

    /// Which of eight bytes may need an escape: the high bit of each that does is set (and perhaps that of a byte behind
    /// it, so only the first counts).
    @inline(__always)
    static func suspects(in word: UInt64, _ isInvisibleEscaped: Bool) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let quotes = word ^ (ones &* 0x22)
        let slashes = word ^ (ones &* 0x5C)
        var mask = (word &- ones &* 0x20) & ~word
        mask |= (quotes &- ones) & ~quotes
        mask |= (slashes &- ones) & ~slashes
        // 0x7F and everything beyond ASCII: adding one sets the high bit of a 0x7F.
        if isInvisibleEscaped { mask |= word | ((word & ~highs) &+ ones) }
        return mask & highs
    }

    /// How many bytes the invisible character that starts here has; 0 when it is a visible one or not a start.
    private static func invisibleLength(_ utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let byte = utf8[index]
        if byte == 0x7F { return 1 }
        guard index + 1 < utf8.count else { return 0 }
        if byte == 0xC2, utf8[index + 1] < 0xA0 { return 2 }
        if byte == 0xD8, utf8[index + 1] == 0x9C { return 2 }
        guard index + 2 < utf8.count else { return 0 }
        switch (byte, utf8[index + 1], utf8[index + 2]) {
        case (0xE2, 0x80, 0x8B...0x8F), (0xE2, 0x80, 0xA8...0xAE), (0xE2, 0x81, 0xA0...0xAF): return 3
        case (0xEF, 0xBB, 0xBF): return 3
        default: return 0
        }
    }
}
