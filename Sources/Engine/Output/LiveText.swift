internal import Audit
internal import ToolKit

/// Makes text of one stream that comes in pieces. A character or a known secret may be cut by the border of two pieces, so
/// what may be the beginning of one waits for the next piece.
struct LiveText {
    struct Part: Hashable {
        let offset: UInt64
        let length: Int
        let text: String
    }

    private var held: [UInt8] = []
    /// Where the next piece begins when nothing is missing; `nil` before the first.
    private var next: UInt64?

    /// - Returns: `nil` when everything waits.
    mutating func take(_ bytes: [UInt8], at offset: UInt64, _ redactor: Redactor) -> Part? {
        var start = offset
        var bytes = bytes
        if next == offset {
            start -= UInt64(held.count)
            bytes = held + bytes
        } else if offset > 0 {
            // Behind a gap: what was held, or comes first now, may be half of a secret.
            let half = redactor.lengthOfSecretEnd(in: bytes)
            bytes.removeFirst(half)
            start += UInt64(half)
        }
        next = start + UInt64(bytes.count)
        let kept = max(Self.unfinishedCharacter(in: bytes), redactor.lengthOfSecretBeginning(in: bytes))
        held = Array(bytes.suffix(kept))
        return part(bytes.dropLast(kept), at: start, redactor)
    }

    /// What waited, when nothing more comes.
    mutating func finish(_ redactor: Redactor) -> Part? {
        defer { held = [] }
        return part(held[...], at: (next ?? 0) - UInt64(held.count), redactor)
    }

    private func part(_ bytes: ArraySlice<UInt8>, at offset: UInt64, _ redactor: Redactor) -> Part? {
        guard !bytes.isEmpty else { return nil }
        let text = redactor.withoutKnownSecrets(.string(String(decoding: bytes, as: UTF8.self))).stringValue ?? ""
        return Part(offset: offset, length: bytes.count, text: text)
    }

    /// How many bytes at the end are the beginning of a character that is not there yet.
    private static func unfinishedCharacter(in bytes: [UInt8]) -> Int {
        for (count, byte) in bytes.reversed().prefix(3).enumerated() {
            let needed =
                switch byte {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                case 0x80...0xBF: 0
                default: 1
                }
            if needed > count + 1 { return count + 1 }
            if needed > 0 { return 0 }
        }
        return 0
    }
}
