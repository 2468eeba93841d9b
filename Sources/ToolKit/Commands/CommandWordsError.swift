/// Why something is no command.
public struct CommandWordsError: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case empty
        case tooLong
        case tooManyWords
        case wordTooLong
        case notACommand
        case notAText
        case nul
        case control(Unicode.Scalar)
        /// A character that joins, redirects or ends commands in a shell.
        case shell(Unicode.Scalar)
        /// A character that a shell would replace by something else.
        case expansion(Unicode.Scalar)
        case comment
        case assignment
        case continuation
        /// A space that is not ASCII, or a character that shows nothing.
        case invisible(Unicode.Scalar)
        case openQuote(Unicode.Scalar)
        case openEscape
    }

    public let kind: Kind
    /// Counted from 1: of the character in a text, of the word in a list; `nil` when the whole is at fault.
    public let position: Int?

    init(_ kind: Kind, at position: Int? = nil) {
        self.kind = kind
        self.position = position
    }

    /// Stable, for clients.
    public var code: String { "invalid_command" }
}

extension CommandWordsError: CustomStringConvertible {
    /// A clause that follows "the command", free of the command's own text.
    public var description: String {
        let place = position.map { " at \($0)" } ?? ""
        switch kind {
        case .empty: return "is empty; name a program"
        case .tooLong: return "is longer than \(CommandWords.sizeLimit) bytes"
        case .tooManyWords: return "has more than \(CommandWords.wordLimit) words"
        case .wordTooLong: return "has a word\(place) of more than \(CommandWords.wordSizeLimit) bytes"
        case .notACommand: return "must be a text or a list of texts"
        case .notAText: return "has a word\(place) that is not a text"
        case .nul: return "holds a NUL character\(place)"
        case .control(let scalar): return "holds the control character \(Self.shown(scalar))\(place)"
        case .shell(let scalar):
            return "holds \(Self.shown(scalar))\(place), and no shell is started that would understand it"
        case .expansion(let scalar):
            return "holds \(Self.shown(scalar))\(place), which a shell would expand, and nothing is expanded here"
        case .comment: return "holds a comment\(place)"
        case .assignment: return "sets an environment variable\(place), and a caller's environment is never passed on"
        case .continuation: return "holds a line break after a backslash\(place)"
        case .invisible(let scalar): return "holds the invisible character \(Self.shown(scalar))\(place) outside quotes"
        case .openQuote(let scalar): return "holds a quote \(Self.shown(scalar))\(place) that is not closed"
        case .openEscape: return "ends with a backslash"
        }
    }

    /// What would let it pass.
    public var remedy: String {
        switch kind {
        case .shell: "send one command a call, quote the character if it is text, or use shell_script"
        case .expansion: "quote the character if it is text, name the files, or send the command as a list of words"
        case .openQuote, .openEscape, .comment, .continuation, .invisible:
            "send the command as a list of words; a list needs no quotes"
        case .assignment: "leave the variable out"
        case .empty, .notACommand, .notAText:
            "send one text such as \"git status\", or a list of words such as [\"git\", \"status\"]"
        case .tooLong, .tooManyWords, .wordTooLong: "put long input into a file of the workspace and name the file"
        case .nul, .control: "leave the character out"
        }
    }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "a line break"
        case "\r": "a carriage return"
        case _ where scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7F: "'\(scalar)'"
        default: "U+" + String(String(scalar.value + 0x10000, radix: 16, uppercase: true).suffix(4))
        }
    }
}
