/// Makes of text that was wrapped, escaped or percent-encoded the text that it stands for, as far as a search for
/// something without spaces needs it: white space goes, `%41` becomes `A`, and of escapes such as `\/` and `\n` the
/// backslash, with the letter where that stands for white space. What was encoded twice goes through two of them.
///
/// Takes a stream piece by piece.
struct PlainBytes: Sendable {
    private enum State {
        case plain
        case percent
        case digit(UInt8)
        case backslash
    }

    private var state = State.plain
    /// Whether anything was percent-encoded so far.
    private(set) var hasDecoded = false

    /// Appends what the bytes stand for; the last one or two may wait for the next piece.
    mutating func add(_ bytes: UnsafeRawBufferPointer, to plain: inout [UInt8]) {
        plain.reserveCapacity(plain.count + bytes.count + 2)
        for byte in bytes { take(byte, &plain) }
    }

    private mutating func take(_ byte: UInt8, _ plain: inout [UInt8]) {
        switch state {
        case .plain: begin(byte, &plain)
        case .percent:
            if Self.value(byte) != nil {
                state = .digit(byte)
            } else {
                state = .plain
                plain.append(UInt8(ascii: "%"))
                begin(byte, &plain)
            }
        case .digit(let first):
            state = .plain
            if let high = Self.value(first), let low = Self.value(byte) {
                hasDecoded = true
                let decoded = high << 4 | low
                if decoded > 0x20 { plain.append(decoded) }
            } else {
                plain += [UInt8(ascii: "%"), first]
                begin(byte, &plain)
            }
        case .backslash:
            state = .plain
            if byte != UInt8(ascii: "n"), byte != UInt8(ascii: "r"), byte != UInt8(ascii: "t") { begin(byte, &plain) }
        }
    }

    private mutating func begin(_ byte: UInt8, _ plain: inout [UInt8]) {
        switch byte {
        case 0...0x20: break
        case UInt8(ascii: "%"): state = .percent
        case UInt8(ascii: "\\"): state = .backslash
        default: plain.append(byte)
        }
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
