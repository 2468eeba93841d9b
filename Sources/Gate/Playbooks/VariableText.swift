/// A text of a playbook, taken apart at its variables.
///
/// Only `{name}` with a name of lower-case letters, digits and `_` is a variable; every other brace is text, such as those
/// of JSON, of `${HOME}` and of `{0}`. A text that is to hold `{name}` itself says `{{name}}`: of n braces on both sides of
/// a name, n − 1 stay. What is put in is never looked at again.
package struct VariableText: Sendable, Hashable {
    package enum Piece: Sendable, Hashable {
        case text(String)
        case variable(String)
    }

    package let pieces: [Piece]

    package init(_ text: String) {
        var pieces: [Piece] = []
        var literal: [UInt8] = []
        let bytes = Array(text.utf8)
        var place = 0
        while place < bytes.count {
            guard bytes[place] == Self.opening else {
                literal.append(bytes[place])
                place += 1
                continue
            }
            let start = place
            while place < bytes.count, bytes[place] == Self.opening { place += 1 }
            let opened = place - start
            var end = place
            if end < bytes.count, Self.begins(bytes[end]) {
                while end < bytes.count, Self.continues(bytes[end]) { end += 1 }
            }
            var closing = end
            while closing < bytes.count, bytes[closing] == Self.closing, closing - end < opened { closing += 1 }
            let pairs = closing - end
            guard end > place, end - place <= PlaybookLimits.memberSize, pairs > 0 else {
                literal += repeatElement(Self.opening, count: opened)
                continue
            }
            let name = bytes[place..<end]
            literal += repeatElement(Self.opening, count: opened - 1)
            if pairs == 1 {
                if !literal.isEmpty { pieces.append(.text(String(decoding: literal, as: UTF8.self))) }
                literal.removeAll()
                pieces.append(.variable(String(decoding: name, as: UTF8.self)))
            } else {
                literal += name
                literal += repeatElement(Self.closing, count: pairs - 1)
            }
            place = closing
        }
        if !literal.isEmpty || pieces.isEmpty { pieces.append(.text(String(decoding: literal, as: UTF8.self))) }
        self.pieces = pieces
    }

    /// In the order in which they stand.
    package var variables: [String] {
        pieces.compactMap { if case .variable(let name) = $0 { name } else { nil } }
    }

    /// The variable that is all of the text.
    package var whole: String? {
        if pieces.count == 1, case .variable(let name) = pieces[0] { name } else { nil }
    }

    private static let opening = UInt8(ascii: "{")
    private static let closing = UInt8(ascii: "}")

    static func begins(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte || byte == UInt8(ascii: "_") }

    static func continues(_ byte: UInt8) -> Bool { begins(byte) || 0x30...0x39 ~= byte }
}
