/// A few lines around a place in a text.
struct Snippet {
    /// Of the place, counted from 1.
    let line: Int
    let text: String

    /// Longer lines are cut around the place.
    static let maxLineLength = 400

    /// - Parameters:
    ///   - place: In bytes; the line that holds it stands in the middle as far as there are lines around it.
    ///   - lines: At most so many.
    init(of bytes: UnsafeBufferPointer<UInt8>, around place: Int, lines: Int) {
        guard !bytes.isEmpty else {
            line = 1
            text = ""
            return
        }
        let place = min(place, bytes.count - 1)
        line = bytes[..<place].reduce(into: 1) { count, byte in if byte == 0x0A { count += 1 } }
        var starts = [Self.lineStart(bytes, before: place)]
        var end = Self.lineEnd(bytes, from: place)
        while starts.count <= (lines - 1) / 2, let first = starts.first, first > 0 {
            starts.insert(Self.lineStart(bytes, before: first - 1), at: 0)
        }
        while starts.count < lines, end + 1 < bytes.count {
            starts.append(end + 1)
            end = Self.lineEnd(bytes, from: end + 1)
        }
        while starts.count < lines, let first = starts.first, first > 0 {
            starts.insert(Self.lineStart(bytes, before: first - 1), at: 0)
        }
        text = starts.map { start in
            Self.shown(bytes, start..<Self.lineEnd(bytes, from: start), place: place)
        }.joined(separator: "\n")
    }

    private static func lineStart(_ bytes: UnsafeBufferPointer<UInt8>, before place: Int) -> Int {
        var start = place
        while start > 0, bytes[start - 1] != 0x0A { start -= 1 }
        return start
    }

    private static func lineEnd(_ bytes: UnsafeBufferPointer<UInt8>, from place: Int) -> Int {
        var end = place
        while end < bytes.count, bytes[end] != 0x0A { end += 1 }
        return end
    }

    /// One line without its end; what is no UTF-8 is shown as U+FFFD.
    private static func shown(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>, place: Int) -> String {
        var range = line
        if range.upperBound > range.lowerBound, bytes[range.upperBound - 1] == 0x0D {
            range = range.lowerBound..<range.upperBound - 1
        }
        guard range.count > maxLineLength else { return String(decoding: bytes[range], as: UTF8.self) }
        let room = maxLineLength - 2
        var start = range.lowerBound
        if line.contains(place), place > start + room / 2 { start = min(place - room / 4, range.upperBound - room) }
        while start > range.lowerBound, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        var end = min(start + room, range.upperBound)
        while end < range.upperBound, end > start, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        let cut = String(decoding: bytes[start..<end], as: UTF8.self)
        return (start > range.lowerBound ? "…" : "") + cut + (end < range.upperBound ? "…" : "")
    }
}
