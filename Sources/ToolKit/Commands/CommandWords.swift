/// The words of a command: what is judged, and what the program is started with.
///
/// A caller gives a list, which is taken word by word, or one text, which ``CommandTokenizer`` splits. Both reach the
/// same value (SECURITY R10). No word is ever expanded, joined or split again.
public struct CommandWords: Sendable, Hashable {
    /// At least one; the first is not empty.
    public let words: [String]

    /// In bytes, for a whole command.
    public static let sizeLimit = 1_048_576
    public static let wordLimit = 4_096
    /// In bytes, for one word; the kernel takes no longer argument.
    public static let wordSizeLimit = 131_071

    /// Splits a text as a POSIX shell would, and refuses whatever a shell would do beyond splitting (SECURITY R9).
    ///
    /// - Throws: ``CommandWordsError`` naming the character, its position and what to do instead.
    public init(_ text: String) throws(CommandWordsError) {
        guard text.utf8.count <= Self.sizeLimit else { throw CommandWordsError(.tooLong) }
        try self.init(list: CommandTokenizer.split(text))
    }

    /// Takes the words as they are.
    public init(list words: [String]) throws(CommandWordsError) {
        guard let program = words.first else { throw CommandWordsError(.empty) }
        guard words.count <= Self.wordLimit else { throw CommandWordsError(.tooManyWords) }
        var size = 0
        for (place, word) in words.enumerated() {
            size += word.utf8.count + 1
            guard word.utf8.count <= Self.wordSizeLimit else { throw CommandWordsError(.wordTooLong, at: place + 1) }
            for scalar in word.unicodeScalars where Self.isControl(scalar) {
                throw CommandWordsError(scalar == "\0" ? .nul : .control(scalar), at: place + 1)
            }
        }
        guard size <= Self.sizeLimit else { throw CommandWordsError(.tooLong) }
        guard !program.isEmpty else { throw CommandWordsError(.empty) }
        self.words = words
    }

    /// Reads the `command` of a call: a text or a list of texts.
    public init(_ value: JSONValue) throws(CommandWordsError) {
        switch value {
        case .string(let text): try self.init(text)
        case .array(let elements):
            var words: [String] = []
            for (place, element) in elements.prefix(Self.wordLimit + 1).enumerated() {
                guard let word = element.stringValue else { throw CommandWordsError(.notAText, at: place + 1) }
                words.append(word)
            }
            try self.init(list: words)
        default: throw CommandWordsError(.notACommand)
        }
    }

    /// Tab and newline are text in an argument, such as a message; other controls only ever hide something.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        (scalar.value < 0x20 && scalar != "\t" && scalar != "\n") || scalar.value == 0x7F
    }
}
