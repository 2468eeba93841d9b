internal import ToolKit

/// The rules of one `.gitignore` file, as git reads them (gitignore(5); the tests ask `git check-ignore`).
struct GitIgnore: Sendable {
    enum Verdict: Sendable, Hashable {
        case ignored
        /// A later `!` rule takes it back in.
        case kept
    }

    fileprivate struct Rule: Sendable {
        let pattern: Pattern
        let verdict: Verdict
        let isForFoldersOnly: Bool
        /// Whether the last component alone is compared: a pattern without a slash.
        let isForNames: Bool
    }

    fileprivate enum Pattern: Sendable {
        case literal([UInt8])
        /// `*.log`.
        case suffix([UInt8])
        /// What stands in front of the first wildcard is compared as it is.
        case glob(prefix: [UInt8], GlobPattern)
    }

    private var rules: [Rule] = []

    var isEmpty: Bool { rules.isEmpty }

    /// Reads a `.gitignore`; lines that match nothing are left out.
    init(_ text: some Collection<UInt8>) {
        var bytes = Array(text)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        for line in bytes.split(separator: 0x0A) {
            let line = line.last == 0x0D ? line.dropLast() : line
            guard line.first != UInt8(ascii: "#"), let rule = Self.rule(Self.trimmed(line)) else { continue }
            rules.append(rule)
        }
    }

    /// The last rule that speaks about the path decides.
    ///
    /// - Parameters:
    ///   - path: Relative to the folder of the `.gitignore`, slashes between components.
    ///   - nameStart: Where its last component starts.
    /// - Returns: `nil` when no rule speaks about it. What lies in an ignored folder is ignored with it; the walk
    ///   does not enter one.
    func verdict(for path: ArraySlice<UInt8>, nameStart: Int, isFolder: Bool) -> Verdict? {
        for rule in rules.reversed() where isFolder || !rule.isForFoldersOnly {
            let text = rule.isForNames ? path[nameStart...] : path
            if rule.pattern.matches(text) { return rule.verdict }
        }
        return nil
    }

    /// Without spaces at the end, unless a backslash keeps them.
    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var end = line.startIndex
        var index = line.startIndex
        while index < line.endIndex {
            if line[index] == UInt8(ascii: "\\") {
                index = min(index + 2, line.endIndex)
                end = index
                continue
            }
            index += 1
            if line[index - 1] != 0x20 { end = index }
        }
        return line[line.startIndex..<end]
    }

    private static func rule(_ line: ArraySlice<UInt8>) -> Rule? {
        var text = line
        var verdict = Verdict.ignored
        if text.first == UInt8(ascii: "!") {
            verdict = .kept
            text = text.dropFirst()
        }
        let isForFoldersOnly = text.last == UInt8(ascii: "/")
        if isForFoldersOnly { text = text.dropLast() }
        let isForNames = !text.contains(UInt8(ascii: "/"))
        if text.first == UInt8(ascii: "/") { text = text.dropFirst() }
        guard !text.isEmpty, let pattern = Pattern(text, isForNames: isForNames) else { return nil }
        return Rule(
            pattern: pattern, verdict: verdict, isForFoldersOnly: isForFoldersOnly, isForNames: isForNames)
    }
}

extension GitIgnore.Pattern {
    fileprivate init?(_ text: ArraySlice<UInt8>, isForNames: Bool) {
        let isSpecial = { (byte: UInt8) in "*?[\\".utf8.contains(byte) }
        guard let first = text.firstIndex(where: isSpecial) else {
            self = .literal(Array(text))
            return
        }
        let rest = text.dropFirst()
        if isForNames, first == text.startIndex, text.first == UInt8(ascii: "*"),
            !rest.contains(where: isSpecial)
        {
            self = .suffix(Array(rest))
            return
        }
        guard let glob = GlobPattern(text[first...]) else { return nil }
        self = .glob(prefix: Array(text[..<first]), glob)
    }

    fileprivate func matches(_ text: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .literal(let literal): text.elementsEqual(literal)
        case .suffix(let suffix): text.count >= suffix.count && text.suffix(suffix.count).elementsEqual(suffix)
        case .glob(let prefix, let glob): text.starts(with: prefix) && glob.matches(text.dropFirst(prefix.count))
        }
    }
}
