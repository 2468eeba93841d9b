internal import ToolKit

/// How the members of the chain stand at the end of a line (docs/audit-format.md, "A line").
enum LineFormat {
    /// A stored line with its newline is at most this long.
    static let maximumLine = 65_536
    /// What a record may take of it; the rest is for `seq`, `prev`, `hash` and the newline.
    static let maximumBody = maximumLine - 256
    /// `,"hash":"` + 64 digits + `"}`
    static let hashSuffix = 75

    /// Adds one whole line to `buffer`.
    /// - Returns: The line's hash.
    static func append(_ record: EncodedRecord, seq: Int, prev: LineHash, to buffer: inout [UInt8]) -> LineHash {
        let start = buffer.count
        buffer.append(contentsOf: record.bytes)
        append(#","seq":"#, to: &buffer)
        append(seq, to: &buffer)
        append(#","prev":""#, to: &buffer)
        prev.appendHex(to: &buffer)
        append("\"}", to: &buffer)
        let hash = buffer.withUnsafeBytes { LineHash.of(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        buffer.removeLast()
        append(#","hash":""#, to: &buffer)
        hash.appendHex(to: &buffer)
        append("\"}\n", to: &buffer)
        return hash
    }

    private static func append(_ text: StaticString, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private static func append(_ number: Int, to buffer: inout [UInt8]) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            buffer.append(UInt8(number / divisor % 10) + 0x30)
            divisor /= 10
        }
    }

    /// The hash that `line` (without its newline) names at its end; `nil` when it does not end in one.
    static func statedHash(of line: UnsafeRawBufferPointer) -> LineHash? {
        guard line.count > hashSuffix else { return nil }
        let suffix = line[(line.count - hashSuffix)...]
        guard suffix.starts(with: #","hash":""#.utf8), suffix.suffix(2).elementsEqual("\"}".utf8) else { return nil }
        return LineHash(hex: String(decoding: suffix.dropFirst(9).dropLast(2), as: UTF8.self))
    }
}
