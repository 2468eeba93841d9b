internal import ToolKit

/// The flags of one rule, each in exactly the spelling that passes (SECURITY R12).
///
/// | spelling in the file | passes |
/// |---|---|
/// | `-s`, `--short` | that word; single letters also together: `-sb` |
/// | `-n <number>` | `-n 5` and `-n5` |
/// | `--max-count <number>` | `--max-count 5` and `--max-count=5` |
/// | `--color=never\|always` | `--color=never` only |
/// | `-name <text>` | `-name x` only |
/// | `-<number>` | `-5` |
///
/// A flag whose value is optional is listed twice. Nothing is abbreviated. A word without a dash, such as `(`, can be
/// listed as well.
struct FlagTable: Sendable, Hashable {
    /// Whatever is given: for programs that run code of the project anyway.
    var isOpen = false
    private(set) var plain: Set<String> = []
    private(set) var separate: [String: ValueShape] = [:]
    private(set) var attached: [String: ValueShape] = [:]
    private(set) var hasDigits = false

    static let open = FlagTable(isOpen: true)

    /// - Returns: Why the spelling cannot be used, a clause; `nil` when it was added.
    mutating func add(_ text: String) -> String? {
        guard ShellSafe.isASCII(text), text.utf8.count <= 200 else { return "must be ASCII, at most 200 bytes" }
        if text == "-<number>" {
            hasDigits = true
            return nil
        }
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        if parts.count == 2 {
            guard let shape = ValueShape(String(parts[1])) else { return Self.unknownShape }
            return add(String(parts[0]), shape, to: \.separate)
        }
        guard parts.count == 1 else { return "has more than one space" }
        guard let equals = text.firstIndex(of: "=") else {
            guard ShellSafe.isPlain(text), text != "-", text != "--", separate[text] == nil else { return Self.odd }
            return plain.insert(text).inserted ? nil : "is listed twice"
        }
        guard let shape = ValueShape(String(text[text.index(after: equals)...])) else { return Self.unknownShape }
        return add(String(text[..<equals]), shape, to: \.attached)
    }

    private mutating func add(
        _ name: String, _ shape: ValueShape, to table: WritableKeyPath<FlagTable, [String: ValueShape]>
    ) -> String? {
        guard ShellSafe.isPlain(name), ShellSafe.startsWithDash(name), name != "-", name != "--" else {
            return Self.odd
        }
        let isSeparate = table == \.separate
        if isSeparate, plain.contains(name) { return "is listed with and without a separate value" }
        guard self[keyPath: table][name] == nil else { return "is listed twice" }
        self[keyPath: table][name] = shape
        return nil
    }

    private static let odd = "is no flag; write for example -s, --short, \"-n <number>\" or --color=never|always"
    private static let unknownShape =
        "has an unknown value; write one of \(ValueShape.named.keys.sorted().joined(separator: ", ")) or a|b"
}

extension FlagTable {
    enum Reading: Sendable {
        /// Complete in itself.
        case flag(name: String)
        /// With its value in the same word.
        case value(name: String, ValueShape, String)
        /// The next word is its value.
        case takesNext(name: String, ValueShape)
        /// A clause: `is not listed`.
        case refused(name: String, String)
    }

    /// - Parameter word: Starts with `-`, or is listed as it is.
    func read(_ word: String) -> Reading {
        guard let equals = word.utf8.firstIndex(of: UInt8(ascii: "=")) else { return bare(word) }
        let name = String(word[..<equals])
        guard ShellSafe.isASCII(name) else { return .refused(name: "-", "holds characters beyond ASCII") }
        let isLong = name.utf8.starts(with: "--".utf8)
        let shape = attached[name] ?? (isLong ? separate[name] : nil)
        guard let shape else { return isLong ? .refused(name: name, "is not listed with a value") : bare(word) }
        return .value(name: name, shape, String(word[word.utf8.index(after: equals)...]))
    }

    private func bare(_ word: String) -> Reading {
        let isASCII = ShellSafe.isASCII(word)
        if isASCII, plain.contains(word) { return .flag(name: word) }
        if isASCII, let shape = separate[word] { return .takesNext(name: word, shape) }
        guard !word.utf8.starts(with: "--".utf8) else {
            guard isASCII else { return .refused(name: "--", "holds characters beyond ASCII") }
            return .refused(name: String(word.prefix(40)), missing(word))
        }
        return short(word)
    }

    private func missing(_ word: String) -> String {
        if attached[word] != nil { return "needs its value in the same word: \(word)=..." }
        let whole = plain.union(separate.keys).union(attached.keys).first { $0.utf8.starts(with: word.utf8) }
        return whole.map { "is not listed; abbreviations are not understood, \($0) is" } ?? "is not listed"
    }

    /// find and the like have long options with one dash: then such a word is one, and no letters together. A value is
    /// never shown, so anything but a plain name is left to the letters.
    private func longWord(_ word: String) -> String? {
        let isLong = { (name: String) in name.utf8.count > 2 && !name.utf8.starts(with: "--".utf8) }
        let mayHoldValue = separate.keys.contains { $0.utf8.count == 2 }
        guard !mayHoldValue, plain.contains(where: isLong) || separate.keys.contains(where: isLong),
            word.utf8.count <= 20
        else { return nil }
        return word.utf8.dropFirst().allSatisfy { 0x61...0x7A ~= $0 || $0 == UInt8(ascii: "-") } ? word : nil
    }

    /// `-n5`, `-5`, `-sb`. The first letter decides, as it does for the program.
    private func short(_ word: String) -> Reading {
        let letters = word.utf8.dropFirst()
        guard let first = letters.first, 0x21...0x7E ~= first else { return .refused(name: "-", "is not listed") }
        let name = "-" + String(UnicodeScalar(first))
        if hasDigits, ValueShape.isNumber(letters) { return .flag(name: "-<number>") }
        if let shape = separate[name] {
            return .value(name: name, shape, String(word[word.utf8.index(word.startIndex, offsetBy: 2)...]))
        }
        for letter in letters {
            let name = "-" + (0x21...0x7E ~= letter ? String(UnicodeScalar(letter)) : "?")
            guard plain.contains(name) else {
                if letter == first, let word = longWord(word) { return .refused(name: word, "is not listed") }
                let hint = separate[name] == nil ? "is not listed" : "takes a value and must stand alone"
                return .refused(name: name, hint)
            }
        }
        return .flag(name: word)
    }
}
