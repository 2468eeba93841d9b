package import ToolKit

/// What one argument of a call may be for a standing grant to cover it.
package enum ArgumentRule: Sendable, Hashable {
    /// This value and no other.
    case exact(JSONValue)
    /// A text that begins so; for a path, the place itself and whatever lies below it; for a command, these first words.
    case prefix(String)
    /// Any value of the kind.
    case type(Kind)
    /// Word by word, for a command.
    case words([WordRule], allowsMore: Bool)

    package enum Kind: String, Sendable, CaseIterable {
        case string
        case integer
        case boolean
        case path
        case any
    }

    package enum WordRule: Sendable, Hashable {
        case exact(String)
        case prefix(String)
        case any
    }
}

extension ArgumentRule {
    /// Whether a canonical value is covered.
    func covers(_ value: JSONValue, of type: ArgumentType) -> Bool {
        switch self {
        case .exact(let expected): return Self.isSame(value, expected, type)
        case .prefix(let prefix): return Self.begins(value, with: prefix, type)
        case .type(let kind): return kind.covers(value)
        case .words(let rules, let allowsMore):
            guard let words = try? CommandWords(value).words, words.count >= rules.count else { return false }
            guard allowsMore || words.count == rules.count else { return false }
            return zip(rules, words).allSatisfy { $0.covers($1) }
        }
    }

    /// A command is the same however it is spelled: what counts is its words.
    private static func isSame(_ value: JSONValue, _ expected: JSONValue, _ type: ArgumentType) -> Bool {
        // By bytes: Swift takes two spellings of a letter for the same, and a file system does not.
        if JSONWriter.write(value) == JSONWriter.write(expected) { return true }
        guard type.isCommandLike, let words = try? CommandWords(value), let others = try? CommandWords(expected) else {
            return false
        }
        return words.words.count == others.words.count
            && zip(words.words, others.words).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }

    private static func begins(_ value: JSONValue, with prefix: String, _ type: ArgumentType) -> Bool {
        if type.isCommandLike {
            guard let words = try? CommandWords(value).words, let first = try? CommandWords(prefix).words else {
                return false
            }
            return words.starts(with: first) { $0.utf8.elementsEqual($1.utf8) }
        }
        guard let text = value.stringValue else { return false }
        guard type == .path else { return text.utf8.starts(with: prefix.utf8) }
        // The workspace itself is where every path lies.
        return prefix == "." || text.utf8.elementsEqual(prefix.utf8) || text.utf8.starts(with: (prefix + "/").utf8)
    }

    /// Whether it leaves out anything at all: a rule of nothing else would cover every call of the tool.
    package func isNarrowing(_ type: ArgumentType) -> Bool {
        switch self {
        case .exact: true
        // A whole workspace is every path of it.
        case .prefix(let prefix):
            // How a content begins says nothing about what follows.
            if case .content = type { false } else { !(type == .path && prefix == ".") }
        case .type: false
        case .words(let rules, _): rules.first.map { if case .exact = $0 { true } else { false } } ?? false
        }
    }
}

extension ArgumentRule.Kind {
    func covers(_ value: JSONValue) -> Bool {
        switch self {
        case .any: true
        case .string: value.stringValue != nil
        case .integer: value.integerValue != nil
        case .boolean: value.boolValue != nil
        // Canonical paths never leave the workspace.
        case .path: value.stringValue != nil
        }
    }
}

extension ArgumentRule.WordRule {
    func covers(_ word: String) -> Bool {
        switch self {
        case .exact(let expected): word.utf8.elementsEqual(expected.utf8)
        // One that climbs is never meant by its beginning.
        case .prefix(let prefix): word.utf8.starts(with: prefix.utf8) && !Self.climbs(word)
        // What reads as an option is never meant by a wildcard: it changes what the rest does.
        case .any: !word.hasPrefix("-") && !Self.climbs(word)
        }
    }
}

extension ArgumentRule.WordRule {
    /// Whether a word names the folder above anything: `docs/../src`, `--file=../x`, `HEAD:../x`.
    private static func climbs(_ word: String) -> Bool {
        word.split(whereSeparator: { "/=:,\\".contains($0) }).contains("..")
    }
}

extension ArgumentType {
    /// A text or a list of words, as the command of a tool is written.
    var isCommandLike: Bool {
        guard case .either(let types) = self else { return false }
        let hasText = types.contains { if case .string = $0 { true } else { false } }
        let hasList = types.contains { if case .array(of: .string, _) = $0 { true } else { false } }
        return hasText && hasList
    }
}
