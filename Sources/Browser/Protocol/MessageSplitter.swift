/// Cuts what comes out of the browser's pipe into messages: JSON texts, each ended by a NUL.
struct MessageSplitter {
    /// More than a screenshot of the largest size that is asked for.
    static let limit = 64 << 20

    struct TooLong: Error {}

    private var open: [UInt8] = []

    /// - Returns: The messages that are complete now, in order.
    /// - Throws: ``TooLong`` for a message of more than ``limit`` bytes; nothing that follows can be trusted.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(TooLong) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0) {
            try add(rest[..<end])
            if !open.isEmpty { messages.append(open) }
            open = []
            rest = rest[(end + 1)...]
        }
        try add(rest)
        return messages
    }

    private mutating func add(_ bytes: Slice<UnsafeRawBufferPointer>) throws(TooLong) {
        guard open.count + bytes.count <= Self.limit else { throw TooLong() }
        open.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes))
    }
}
