internal import ToolKit

/// What a word may be that is not a flag: an operand or the value of a flag.
enum ValueShape: Sendable, Hashable {
    /// Any text.
    case text
    /// Any text that does not start with `-`.
    case word
    /// A place in the workspace, read from where the command starts.
    case path
    /// A revision or a path, as git reads them.
    case revision
    /// Digits.
    case number
    /// Digits with a sign or a unit: `-5`, `+10k`.
    case count
    /// `1.5`, `10s`, `2h`.
    case duration
    /// A script for sed that neither writes nor executes.
    case sed
    case oneOf([String])

    /// As `policy.yaml` spells it: `<path>`, or `a|b` for one of several words.
    init?(_ text: String) {
        guard text.unicodeScalars.first == "<" else {
            let words = text.unicodeScalars.split(separator: "|", omittingEmptySubsequences: false).map { String($0) }
            guard words.allSatisfy({ ShellSafe.isPlain($0) }) else { return nil }
            self = .oneOf(words)
            return
        }
        guard let shape = Self.named[text] else { return nil }
        self = shape
    }

    static let named: [String: ValueShape] = [
        "<text>": .text, "<word>": .word, "<path>": .path, "<revision>": .revision, "<number>": .number,
        "<count>": .count, "<duration>": .duration, "<sed>": .sed,
    ]

    /// Whether a value that starts with `-` can be meant, so that it is not taken for a flag.
    var allowsDash: Bool { self == .count }
}

/// Facts about the bytes of a word. Swift's `String` compares what looks alike, a program compares bytes, so nothing
/// here asks for characters.
enum ShellSafe {
    static func startsWithDash(_ word: String) -> Bool { word.utf8.first == UInt8(ascii: "-") }

    static func isASCII(_ word: String) -> Bool { word.utf8.allSatisfy { $0 < 0x80 } }

    /// Not empty, visible ASCII.
    static func isPlain(_ word: String) -> Bool { !word.isEmpty && word.utf8.allSatisfy { 0x21...0x7E ~= $0 } }

    /// The same bytes.
    static func same(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
}
