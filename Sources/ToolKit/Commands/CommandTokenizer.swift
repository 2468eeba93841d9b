/// The one splitter of command texts: POSIX quoting, no expansion (SECURITY R9).
///
/// It works on Unicode scalars, because two texts that Swift calls equal can be different bytes for a program. What it
/// does not understand exactly as a shell does, it refuses.
struct CommandTokenizer {
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var words: [String] = []
    private var word = String.UnicodeScalarView()
    /// Whether a word has begun; `''` begins one without a character.
    private var isInWord = false

    static func split(_ text: String) throws(CommandWordsError) -> [String] {
        var tokenizer = CommandTokenizer(scalars: Array(text.unicodeScalars))
        try tokenizer.run()
        return tokenizer.words
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private mutating func run() throws(CommandWordsError) {
        while place < scalars.count {
            let scalar = scalars[place]
            switch scalar {
            case " ", "\t": try endWord()
            case "'": try singleQuoted()
            case "\"": try doubleQuoted()
            case "\\": try escaped()
            default: try plain(scalar)
            }
            place += 1
        }
        try endWord()
    }

    private mutating func endWord() throws(CommandWordsError) {
        guard isInWord else { return }
        words.append(String(word))
        word = String.UnicodeScalarView()
        isInWord = false
        guard words.count <= CommandWords.wordLimit else { throw CommandWordsError(.tooManyWords) }
    }

    private mutating func append(_ scalar: Unicode.Scalar) throws(CommandWordsError) {
        if scalar == "\0" { throw error(.nul) }
        guard !CommandWords.isControl(scalar) else { throw error(.control(scalar)) }
        word.append(scalar)
        isInWord = true
    }

    private mutating func plain(_ scalar: Unicode.Scalar) throws(CommandWordsError) {
        switch scalar {
        case ";", "|", "&", "<", ">", "(", ")", "\n", "\r": throw error(.shell(scalar))
        case "$", "`", "{", "}", "*", "?", "[": throw error(.expansion(scalar))
        case "~" where !isInWord: throw error(.expansion(scalar))
        case "#" where !isInWord: throw error(.comment)
        case "=" where words.isEmpty && Self.isVariable(word): throw error(.assignment)
        default: break
        }
        let isOdd = scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint
        guard !isOdd || scalar.isASCII else { throw error(.invisible(scalar)) }
        try append(scalar)
    }

    private mutating func singleQuoted() throws(CommandWordsError) {
        let start = place
        isInWord = true
        place += 1
        while place < scalars.count, scalars[place] != "'" {
            try append(scalars[place])
            place += 1
        }
        guard place < scalars.count else { throw CommandWordsError(.openQuote("'"), at: start + 1) }
    }

    private mutating func doubleQuoted() throws(CommandWordsError) {
        let start = place
        isInWord = true
        place += 1
        while place < scalars.count, scalars[place] != "\"" {
            let scalar = scalars[place]
            switch scalar {
            case "$", "`": throw error(.expansion(scalar))
            case "\\" where place + 1 < scalars.count:
                switch scalars[place + 1] {
                case "$", "`", "\"", "\\": place += 1
                case "\n": throw error(.continuation)
                default: break
                }
                try append(scalars[place])
            default: try append(scalar)
            }
            place += 1
        }
        guard place < scalars.count else { throw CommandWordsError(.openQuote("\""), at: start + 1) }
    }

    private mutating func escaped() throws(CommandWordsError) {
        guard place + 1 < scalars.count else { throw error(.openEscape) }
        guard scalars[place + 1] != "\n", scalars[place + 1] != "\r" else { throw error(.continuation) }
        place += 1
        try append(scalars[place])
    }

    /// Whether `NAME=` stands there, which a shell would put into the environment.
    private static func isVariable(_ word: String.UnicodeScalarView) -> Bool {
        guard let first = word.first, first == "_" || first.properties.isAlphabetic else { return false }
        return word.allSatisfy { $0 == "_" || $0.isASCII && ($0.properties.isAlphabetic || "0"..."9" ~= $0) }
    }

    private func error(_ kind: CommandWordsError.Kind) -> CommandWordsError { CommandWordsError(kind, at: place + 1) }
}
