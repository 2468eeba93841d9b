/// What is kept of one stream: the beginning and the end, and the size and hash of everything.
package struct CapturedOutput: Sendable, Hashable {
    package var head: [UInt8]
    package var tail: [UInt8]
    /// Of everything the call wrote, as far as it was read.
    package var totalBytes: UInt64
    /// Lower-case hexadecimal, of the same bytes.
    package var sha256: String
    /// False when reading ended before the stream did: the call was lost, or something outside still held its pipe.
    package var reachedEnd: Bool

    package var missingBytes: UInt64 { totalBytes - UInt64(head.count) - UInt64(tail.count) }
    package var isTruncated: Bool { missingBytes > 0 }

    /// For people: what is not UTF-8 is replaced, and a line says how much is missing in the middle.
    package var text: String {
        guard isTruncated else { return String(decoding: head + tail, as: UTF8.self) }
        let end = String(decoding: tail.drop { $0 & 0xC0 == 0x80 }, as: UTF8.self)
        return String(decoding: Self.withoutCutCharacter(head), as: UTF8.self)
            + "\n[... \(missingBytes) bytes left out ...]\n" + end
    }

    package static let empty = CapturedOutput(
        head: [], tail: [], totalBytes: 0,
        sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", reachedEnd: true)

    /// Without a character at the end whose last bytes were left out.
    private static func withoutCutCharacter(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard let lead = bytes.suffix(4).lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return bytes[...] }
        let needed =
            switch bytes[lead] {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 1
            }
        return bytes.count - lead < needed ? bytes[..<lead] : bytes[...]
    }
}
