/// What the scanner asks of single bytes and places.
extension SecretScanner {
    func holds(_ word: [UInt8], at index: Int) -> Bool {
        guard index + word.count <= bytes.count else { return false }
        for offset in word.indices where bytes[index + offset] != word[offset] { return false }
        return true
    }

    func holds(_ word: String, at index: Int, ignoringCase: Bool = false) -> Bool {
        var place = index
        for byte in word.utf8 {
            guard place < bytes.count, bytes[place] | (ignoringCase ? 0x20 : 0) == byte else { return false }
            place += 1
        }
        return true
    }

    func run(from start: Int, while accepts: (UInt8) -> Bool) -> Int {
        var end = start
        while end < bytes.count, accepts(bytes[end]) { end += 1 }
        return min(end, bytes.count)
    }

    func skipSpaces(from start: Int) -> Int { run(from: start) { $0 == 0x20 || $0 == 0x09 } }

    func isBoundary(before index: Int) -> Bool { index == 0 || !Self.isTokenByte(bytes[index - 1]) }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    static func isQuote(_ byte: UInt8) -> Bool { byte == 0x22 || byte == 0x27 || byte == 0x60 }
    static func isUpperOrDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (0x41...0x5A).contains(byte) }

    /// Letters, digits, `_` and `-`.
    static func isTokenByte(_ byte: UInt8) -> Bool {
        isUpperOrDigit(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || byte == 0x2D
    }

    /// Quotes, their escapes, spaces and the signs of optional types and subscripts.
    static func isBetweenNameAndSign(_ byte: UInt8) -> Bool {
        isQuote(byte) || byte == 0x20 || byte == 0x5C || byte == 0x3F || byte == 0x5D
            || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "!")
    }
}
