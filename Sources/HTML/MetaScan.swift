/// Looks for what a page says of its own character set, before it is read: `<meta charset>` and its older form. The
/// standard's algorithm, which is not a parse: it looks at tags and comments only.
struct MetaScan {
    private let bytes: [UInt8]
    private var place = 0

    private init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    static func charset(in bytes: some Sequence<UInt8>) -> Charset? {
        var scan = MetaScan(bytes)
        return scan.find()
    }

    private mutating func find() -> Charset? {
        while place < bytes.count {
            if starts("<!--") {
                // The end may share the dashes of the beginning.
                place += 2
                while place < bytes.count, !starts("-->") { place += 1 }
                place += 3
            } else if starts("<meta"), let next = byte(5), Self.isSpace(next) || next == UInt8(ascii: "/") {
                place += 5
                if let charset = meta() { return charset }
            } else if byte(0) == UInt8(ascii: "<"), let next = byte(1), Self.isLetter(next) || next == UInt8(ascii: "/")
            {
                place += 1
                while let next = byte(0), !Self.isSpace(next), next != UInt8(ascii: ">") { place += 1 }
                while attribute() != nil {}
                place += 1
            } else if starts("<!") || starts("<?") {
                while let next = byte(0), next != UInt8(ascii: ">") { place += 1 }
            } else {
                place += 1
            }
        }
        return nil
    }

    private mutating func meta() -> Charset? {
        var seen: Set<String> = []
        var isPragma = false
        var needsPragma: Bool?
        var charset: Charset?
        while let (name, value) = attribute() {
            guard seen.insert(name).inserted else { continue }
            switch name {
            case "http-equiv": isPragma = isPragma || value == "content-type"
            case "content":
                if charset == nil, let label = Self.label(inContent: value), let found = Charset(label: label) {
                    charset = found
                    needsPragma = true
                }
            case "charset":
                charset = Charset(label: value)
                needsPragma = false
            default: break
            }
        }
        guard let needsPragma, !needsPragma || isPragma else { return nil }
        return charset
    }

    private static func label(inContent text: String) -> String? {
        guard let range = text.ranges(of: "charset").first else { return nil }
        var rest = text[range.upperBound...].drop { $0 == " " || $0 == "\t" || $0 == "\n" }
        guard rest.popFirst() == "=" else { return nil }
        rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "\n" }
        if let quote = rest.first, quote == "\"" || quote == "'" {
            guard let end = rest.dropFirst().firstIndex(of: quote) else { return nil }
            return String(rest[rest.index(after: rest.startIndex)..<end])
        }
        return String(rest.prefix { $0 != ";" && $0 != " " })
    }

    /// The next attribute of a tag, name and value in lower case; `nil` at the end of the tag.
    private mutating func attribute() -> (String, String)? {
        while let next = byte(0), Self.isSpace(next) || next == UInt8(ascii: "/") { place += 1 }
        guard let first = byte(0), first != UInt8(ascii: ">") else { return nil }
        var name: [UInt8] = []
        while let next = byte(0), !Self.isSpace(next), !"/>".utf8.contains(next),
            next != UInt8(ascii: "=") || name.isEmpty
        {
            name.append(next)
            place += 1
        }
        while let next = byte(0), Self.isSpace(next) { place += 1 }
        guard byte(0) == UInt8(ascii: "=") else { return (Self.lower(name), "") }
        place += 1
        while let next = byte(0), Self.isSpace(next) { place += 1 }
        var value: [UInt8] = []
        if let quote = byte(0), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            place += 1
            while let next = byte(0), next != quote {
                value.append(next)
                place += 1
            }
            place += 1
        } else {
            while let next = byte(0), !Self.isSpace(next), next != UInt8(ascii: ">") {
                value.append(next)
                place += 1
            }
        }
        return (Self.lower(name), Self.lower(value))
    }

    private func byte(_ ahead: Int) -> UInt8? { place + ahead < bytes.count ? bytes[place + ahead] : nil }

    private func starts(_ text: StaticString) -> Bool {
        guard place + text.utf8CodeUnitCount <= bytes.count else { return false }
        return text.withUTF8Buffer { wanted in
            wanted.indices.allSatisfy { index in
                let byte = bytes[place + index]
                return (Self.isLetter(byte) ? byte | 0x20 : byte) == wanted[index]
            }
        }
    }

    private static func lower(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte | 0x20 }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0C || byte == 0x0D
    }
}
