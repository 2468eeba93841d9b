internal import ToolKit

/// A literal text to look for in bytes, case-insensitively when asked.
///
/// Upper and lower case are told apart by whole characters, so `ärger` finds `Ärger`; forms of different length in
/// UTF-8 are not equated, which keeps every match as long as the pattern.
struct SearchPattern: Sendable {
    /// The spellings of each character, all of one length.
    private let characters: [[[UInt8]]]
    /// How far the window may move on for each byte under its end (Horspool's rule).
    private let shifts: [Int]
    /// For each place the bytes that can stand there, the quick test before the exact one.
    private let allowed: [ByteSet]
    /// In bytes.
    let length: Int

    init(_ text: String, ignoresCase: Bool) {
        var characters: [[[UInt8]]] = []
        var allowed: [ByteSet] = []
        for scalar in text.unicodeScalars {
            let spelling = Array(String(scalar).utf8)
            var spellings = [spelling]
            if ignoresCase {
                for other in [scalar.properties.uppercaseMapping, scalar.properties.lowercaseMapping] {
                    let bytes = Array(other.utf8)
                    if bytes.count == spelling.count, !spellings.contains(bytes) { spellings.append(bytes) }
                }
            }
            for offset in spelling.indices {
                var set = ByteSet()
                for spelling in spellings { set.insert(spelling[offset]) }
                allowed.append(set)
            }
            characters.append(spellings)
        }
        self.characters = characters
        self.allowed = allowed
        length = allowed.count
        var shifts = [Int](repeating: max(1, allowed.count), count: 256)
        for (place, set) in allowed.dropLast().enumerated() {
            for byte in UInt8.min...UInt8.max where set.contains(byte) {
                shifts[Int(byte)] = allowed.count - 1 - place
            }
        }
        self.shifts = shifts
    }

    /// The first match at or after `start`.
    func first(in bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0) -> Int? {
        guard length > 0, bytes.count >= length else { return nil }
        return shifts.withUnsafeBufferPointer { shifts in
            let last = allowed[length - 1]
            var end = start + length - 1
            while end < bytes.count {
                let byte = bytes[end]
                if last.contains(byte), matches(bytes, at: end - length + 1) { return end - length + 1 }
                end += shifts[Int(byte)]
            }
            return nil
        }
    }

    func first(in bytes: [UInt8], from start: Int = 0) -> Int? {
        bytes.withUnsafeBufferPointer { first(in: $0, from: start) }
    }

    private func matches(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        var place = start
        for spellings in characters {
            let count = spellings[0].count
            guard spellings.contains(where: { holds($0, bytes, at: place) }) else { return false }
            place += count
        }
        return true
    }

    private func holds(_ spelling: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        for offset in spelling.indices where bytes[start + offset] != spelling[offset] { return false }
        return true
    }

    /// Whether a match there is a word of its own and not a part of a longer one.
    func isWholeWord(at start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let end = start + length
        let isInside = { (byte: UInt8) in
            byte >= 0x80 || byte == 0x5F || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
        }
        if start > 0, isInside(bytes[start - 1]), isInside(bytes[start]) { return false }
        return end >= bytes.count || !isInside(bytes[end]) || !isInside(bytes[end - 1])
    }
}
