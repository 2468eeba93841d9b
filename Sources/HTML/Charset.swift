internal import CHTML

/// The character set of a page, by the names that the web uses (WHATWG Encoding).
package struct Charset: Sendable, Hashable {
    /// As the standard writes it: `utf-8`, `windows-1252`.
    package let name: String
    /// As iconv knows it; `nil` for what we decode ourselves.
    private let system: String?

    package static let utf8 = Charset(name: "utf-8", system: nil)
    /// What a page without any sign of another is read as.
    package static let western = Charset(name: "windows-1252", system: nil)

    private init(name: String, system: String?) {
        self.name = name
        self.system = system
    }

    /// - Parameter label: As a header or a page writes it.
    package init?(label: some StringProtocol) {
        let label = String(label).trimmedAsPython.lowercased()
        guard let (name, system) = Self.known[label] else { return nil }
        self.init(name: name, system: system.isEmpty ? nil : system)
    }

    /// The set of a body: by its byte order mark, else by the header, else by what the page says of itself in its first
    /// 1,024 bytes, else the western one.
    package static func of(_ body: [UInt8], contentType: String) -> (charset: Charset, markLength: Int) {
        if body.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
        if body.starts(with: [0xFE, 0xFF]) { return (Charset(name: "utf-16be", system: "UTF-16BE"), 2) }
        if body.starts(with: [0xFF, 0xFE]) { return (Charset(name: "utf-16le", system: "UTF-16LE"), 2) }
        if let charset = parameter(of: contentType).flatMap({ Charset(label: $0) }) { return (charset, 0) }
        guard let own = MetaScan.charset(in: body.prefix(1_024)) else { return (.western, 0) }
        // A page whose ASCII could be read is not in one of those that it names.
        return (own.name.hasPrefix("utf-16") ? .utf8 : own, 0)
    }

    /// `charset` of a content type.
    static func parameter(of contentType: String) -> Substring? {
        for part in contentType.split(separator: ";").dropFirst() {
            let sides = part.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, String(sides[0]).trimmedAsPython.lowercased() == "charset" else { continue }
            let value = String(sides[1]).trimmedAsPython
            guard let quote = value.first, quote == "\"" || quote == "'" else { return value }
            return value.dropFirst().prefix { $0 != quote }
        }
        return nil
    }

    /// What is no character becomes U+FFFD.
    package func decode(_ bytes: ArraySlice<UInt8>) -> String {
        if self == .utf8 { return String(decoding: bytes, as: UTF8.self) }
        guard let system else { return Self.decodeWestern(bytes) }
        let input = Array(bytes)
        let room = input.count * 3 + 16
        let output = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            let made = buffer.baseAddress.map { chtml_decode(system, input, input.count, $0, room) } ?? 0
            count = Int(max(0, made))
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Every byte is a character: where the old set has none, the control character of that number.
    private static func decodeWestern(_ bytes: ArraySlice<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes {
            text.append(0x80...0x9F ~= byte ? upper[Int(byte) - 0x80] : Unicode.Scalar(byte))
        }
        return String(text)
    }

    private static let upper = Array(
        "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ".unicodeScalars)
}
