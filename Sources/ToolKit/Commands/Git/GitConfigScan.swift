/// Looks through the bytes of a repository's `config` for filters, which can be switched off by name only.
///
/// It understands less than git does, and says so rather than missing a name: an include, a second configuration or a
/// spelling that it does not know means that git itself has to be asked (``GitInvocation/filterListing(workspace:repository:)``).
public enum GitConfigScan: Sendable, Hashable {
    /// All filters that the file defines.
    case filters([String])
    case askGit

    public init(_ bytes: [UInt8]) {
        var names: Set<String> = []
        for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let text = line.drop { $0 == 0x20 || $0 == 0x09 }
            guard !Self.speaks(text, of: "include"), !Self.speaks(text, of: "worktreeconfig") else {
                self = .askGit
                return
            }
            // Only the head of a section can begin one; git-lfs has the word in its values.
            guard text.contains(UInt8(ascii: "[")), Self.speaks(text, of: "filter") else { continue }
            guard let name = Self.name(text) else {
                self = .askGit
                return
            }
            names.insert(name)
        }
        self = .filters(names.sorted())
    }

    /// Whether the word stands anywhere in the line, in any case: one look too many costs a process, one too few
    /// would run a stranger's program.
    private static func speaks(_ line: ArraySlice<UInt8>, of word: String) -> Bool {
        let folded = line.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
        let word = Array(word.utf8)
        guard folded.count >= word.count else { return false }
        return (0...(folded.count - word.count)).contains { folded[$0..<($0 + word.count)].elementsEqual(word) }
    }

    /// Of `[filter "name"]` the name; `nil` for every other spelling.
    private static func name(_ line: ArraySlice<UInt8>) -> String? {
        let text = String(decoding: line, as: UTF8.self).unicodeScalars
        let start = "[filter \"".unicodeScalars
        guard text.starts(with: start), text.last == "]" else { return nil }
        let name = text.dropFirst(start.count).dropLast()
        guard name.last == "\"" else { return nil }
        let inner = name.dropLast()
        let isPlain = inner.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || "0"..."9" ~= $0 || $0 == "-" || $0 == "_")
        }
        return isPlain && !inner.isEmpty ? String(String.UnicodeScalarView(inner)) : nil
    }
}
