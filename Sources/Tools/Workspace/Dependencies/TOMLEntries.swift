/// The assignments of a TOML document with the table they stand in: as much of TOML as manifests use. What it cannot
/// read it leaves out; it never fails.
struct TOMLEntries: Sequence {
    struct Entry {
        let table: String
        let key: String
        /// The value as it is written, an array with all its lines.
        let value: String
    }

    private var entries: [Entry] = []

    init(_ text: String) {
        var table = ""
        var key = ""
        var value = ""
        var depth = 0
        for line in text.textLines {
            let line = Self.withoutComment(line).trimmed
            if depth > 0 {
                value += " " + line
                depth += Self.depth(of: line)
            } else if line.hasPrefix("["), let name = Self.tableName(line) {
                table = name
                continue
            } else if let sign = line.firstIndex(of: "=") {
                key = String(line[..<sign].trimmed.filter { $0 != "\"" && $0 != "'" })
                value = String(line[line.index(after: sign)...].trimmed)
                depth = Self.depth(of: value)
            } else {
                continue
            }
            if depth <= 0 {
                depth = 0
                entries.append(Entry(table: table, key: key, value: value))
            }
        }
    }

    func makeIterator() -> IndexingIterator<[Entry]> { entries.makeIterator() }

    private static func tableName(_ line: some StringProtocol) -> String? {
        guard line.hasSuffix("]") else { return nil }
        return String(line.filter { $0 != "[" && $0 != "]" && $0 != "\"" && $0 != "'" && !$0.isWhitespace })
    }

    private static func withoutComment(_ line: Substring) -> Substring {
        var quote: Character?
        for index in line.indices {
            let character = line[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "#" {
                return line[..<index]
            }
        }
        return line
    }

    /// How many brackets a line leaves open.
    private static func depth(of line: some StringProtocol) -> Int {
        var quote: Character?
        var depth = 0
        for character in line {
            if let open = quote {
                if character == open { quote = nil }
                continue
            }
            switch character {
            case "\"", "'": quote = character
            case "[", "{": depth += 1
            case "]", "}": depth -= 1
            default: continue
            }
        }
        return depth
    }
}

extension TOMLEntries.Entry {
    /// Every quoted text in the value: the elements of an array.
    var strings: [String] {
        var strings: [String] = []
        var start = value.startIndex
        while let (text, end) = value.quoted(from: start) {
            strings.append(String(text))
            start = end
        }
        return strings
    }

    /// `"1.2"` and `{ version = "1.2", … }` alike; empty when it names none.
    var version: String {
        guard value.hasPrefix("{") else { return value.quoted().map { String($0.text) } ?? "" }
        for part in value.dropFirst().split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1)
            if sides.count == 2, sides[0].trimmed == "version" {
                return sides[1].quoted().map { String($0.text) } ?? ""
            }
        }
        return ""
    }
}
