/// A repository's configuration without the secrets in it: the password of a remote's address, an authorization header, a
/// token. Programs see this instead of the file; none of them has a network to use the secrets on.
public enum GitConfigRedaction {
    private static let mark = Array("***".utf8)

    /// - Returns: `nil` when there is nothing to hide.
    public static func withoutSecrets(_ config: [UInt8]) -> [UInt8]? {
        let addresses = withoutPasswords(joined(config))
        let shapes = SecretShapes.find(in: addresses.bytes)
        guard addresses.isChanged || !shapes.isEmpty else { return nil }
        var text: [UInt8] = []
        var place = 0
        for match in shapes.sorted(by: { $0.range.lowerBound < $1.range.lowerBound })
        where match.range.lowerBound >= place {
            text += addresses.bytes[place..<match.range.lowerBound] + mark
            place = match.range.upperBound
        }
        return text + addresses.bytes[place...]
    }

    /// Git goes on reading a value behind a backslash at the end of its line.
    private static func joined(_ config: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(config.count)
        for byte in config where byte != 0x0D {
            if byte == 0x0A, text.last == UInt8(ascii: "\\") { text.removeLast() } else { text.append(byte) }
        }
        return text
    }

    /// What stands before the `@` of an address, when it holds more than a user's name. Quotes may stand anywhere in a
    /// value, so they do not end it.
    private static func withoutPasswords(_ text: [UInt8]) -> (bytes: [UInt8], isChanged: Bool) {
        var result: [UInt8] = []
        var isChanged = false
        var place = 0
        while place < text.count {
            guard text[place...].starts(with: "://".utf8) else {
                result.append(text[place])
                place += 1
                continue
            }
            result += "://".utf8
            place += 3
            let end = text[place...].firstIndex { $0 <= 0x20 || "/?#".utf8.contains($0) } ?? text.count
            guard let at = text[place..<end].lastIndex(of: UInt8(ascii: "@")) else { continue }
            let user = text[place..<at]
            guard user.contains(UInt8(ascii: ":")) || user.count >= 20 else { continue }
            result += mark
            place = at
            isChanged = true
        }
        return (result, isChanged)
    }
}
