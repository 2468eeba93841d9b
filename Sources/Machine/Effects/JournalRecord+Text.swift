internal import ToolKit

/// The journal's lines: words with a blank between, paths in hexadecimal, each line ended.
extension JournalRecord {
    static let sign = "execlayer-effect 1"

    /// Before anything is touched.
    var beginning: [UInt8] {
        var text = JournalText()
        text.line(Self.sign)
        text.line("workspace", Hex.encode(workspace))
        text.line("call", call)
        for path in staged { text.line("stage", Hex.encode(path.bytes)) }
        for path in made { text.line("make", Hex.encode(path.bytes)) }
        for entry in loosened { text.line("loosen", entry) }
        return text.bytes
    }

    /// Once everything is staged.
    ///
    /// - Parameter beginning: What the journal holds so far; its hash and that of the rest prove that all of it is there.
    func preparation(after beginning: [UInt8]) -> [UInt8] {
        var text = JournalText()
        for entry in entries {
            text.line("entry", entry)
            for inner in entry.inner { text.line("inner", Hex.encode(inner.path.bytes), inner.trace.text) }
        }
        for path in removedFolders { text.line("remove", Hex.encode(path.bytes)) }
        text.line("prepared", ContentHash.of(beginning + text.bytes))
        return text.bytes
    }

    /// Names that are about to be staged, told one after the other.
    static func note(staged: [EffectPath]) -> [UInt8] {
        var text = JournalText()
        for path in staged { text.line("stage", Hex.encode(path.bytes)) }
        return text.bytes
    }

    static let commitment = Array("committed\n".utf8)
    /// Takes that word back, where it could not be made to last.
    static let revocation = Array("revoked\n".utf8)

    /// - Returns: `nil` for bytes that are no journal. What is cut or wrong behind its beginning is not prepared: then
    ///   nothing was placed.
    init?(_ bytes: [UInt8]) {
        var start = 0
        var isFirst = true
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let words = String(decoding: bytes[start..<end], as: UTF8.self).split(separator: " ").map(String.init)
            defer { start = end + 1 }
            if isFirst {
                guard words.joined(separator: " ") == Self.sign else { return nil }
                isFirst = false
                continue
            }
            guard let word = words.first else { return }
            switch word {
            case "committed": isCommitted = isPrepared
            case "revoked": isCommitted = false
            case "prepared":
                isPrepared = words.count == 2 && ContentHash.of(Array(bytes[..<start])) == words[1]
                guard isPrepared else { return }
            default:
                guard take(word, Array(words.dropFirst())) else { return }
            }
        }
        guard !isFirst || Self.isCut(bytes) else { return nil }
    }

    /// Whether it ends before it says anything: its daemon ended when it had just been made, or a loss of power took what
    /// was in it. Nothing was touched then.
    private static func isCut(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 == 0 } || sign.utf8.starts(with: bytes)
    }

    private mutating func take(_ word: String, _ rest: [String]) -> Bool {
        switch word {
        case "workspace": workspace = rest.first.flatMap(Hex.decode) ?? []
        case "call": call = rest.first ?? ""
        case "stage", "make", "remove":
            guard let path = rest.first.flatMap(Hex.decode).flatMap(EffectPath.init) else { return false }
            switch word {
            case "stage": staged.append(path)
            case "make": made.append(path)
            default: removedFolders.append(path)
            }
        case "loosen", "entry":
            guard let entry = JournalEntry(words: rest) else { return false }
            if word == "entry" { entries.append(entry) } else { loosened.append(entry) }
        case "inner":
            guard rest.count == 2, let path = Hex.decode(rest[0]).flatMap(EffectPath.init),
                let trace = NameTrace(text: rest[1]), !entries.isEmpty
            else { return false }
            entries[entries.count - 1].inner.append(JournalEntry.Inner(path: path, trace: trace))
        default: return false
        }
        return true
    }
}

extension JournalEntry {
    fileprivate var words: [String] {
        [
            kind.rawValue, Hex.encode(path.bytes), Hex.encode(beside.bytes), was?.text ?? "-", now?.text ?? "-",
        ]
    }

    fileprivate init?(words: [String]) {
        guard words.count == 5, let kind = Kind(rawValue: words[0]),
            let path = Hex.decode(words[1]).flatMap(EffectPath.init), let beside = Hex.decode(words[2])
        else { return nil }
        let traces = words[3...].map { $0 == "-" ? nil : NameTrace(text: $0) }
        guard zip(words[3...], traces).allSatisfy({ $0 == "-" || $1 != nil }) else { return nil }
        self.init(kind: kind, path: path, beside: EntryName(beside), was: traces[0], now: traces[1])
    }
}

/// Lines on their way to a file.
private struct JournalText {
    private(set) var bytes: [UInt8] = []

    mutating func line(_ words: String...) { line(words) }

    mutating func line(_ word: String, _ entry: JournalEntry) { line([word] + entry.words) }

    private mutating func line(_ words: [String]) {
        for (index, word) in words.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: " ")) }
            bytes.append(contentsOf: word.utf8)
        }
        bytes.append(UInt8(ascii: "\n"))
    }
}
