/// One pass of ``SecretShapes`` over a text.
struct SecretScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    private var matches: [SecretMatch] = []

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func run() -> [SecretMatch] {
        let triggers = SecretShapes.triggers
        triggers.withUnsafeBufferPointer { triggers in
            var index = 0
            while index < bytes.count {
                guard triggers[Int(bytes[index])], let match = match(at: index) else {
                    index += 1
                    continue
                }
                if !match.range.isEmpty, match.range.lowerBound >= (matches.last?.range.upperBound ?? 0) {
                    matches.append(match)
                }
                index = max(index + 1, match.range.upperBound)
            }
        }
        return matches
    }

    func match(at index: Int) -> SecretMatch? {
        switch bytes[index] {
        case UInt8(ascii: "-"): keyBlock(at: index) ?? flag(at: index) ?? userOption(at: index)
        case UInt8(ascii: ":"): urlPassword(at: index) ?? namedValue(separatedAt: index)
        case UInt8(ascii: "="): namedValue(separatedAt: index)
        default: token(at: index)
        }
    }

    // MARK: Tokens that speak for themselves

    func token(at index: Int) -> SecretMatch? {
        prefixed(at: index) ?? jsonWebToken(at: index) ?? credentials(at: index)
    }

    func prefixed(at index: Int) -> SecretMatch? {
        for place in SecretShapes.prefixPlaces[Int(bytes[index])] {
            let prefix = SecretShapes.prefixes[place]
            guard holds(prefix.start, at: index), !prefix.needsBoundary || isBoundary(before: index) else { continue }
            let bodyStart = index + prefix.start.count
            let end = run(from: bodyStart, while: Self.isTokenByte)
            guard end - bodyStart >= prefix.length else { continue }
            if prefix.kind == .awsAccessKey, !bytes[bodyStart..<end].allSatisfy(Self.isUpperOrDigit) { continue }
            if prefix.needsDigit, !bytes[bodyStart..<end].contains(where: Self.isDigit) { continue }
            return SecretMatch(kind: prefix.kind, range: index..<end)
        }
        return nil
    }

    /// `header.payload.signature`, each in base64url; the header of every JWT starts with `{"`, hence `eyJ`.
    func jsonWebToken(at index: Int) -> SecretMatch? {
        guard isBoundary(before: index), holds("eyJ", at: index) else { return nil }
        let header = run(from: index, while: Self.isTokenByte)
        guard header - index >= 10, header < bytes.count, bytes[header] == UInt8(ascii: ".") else { return nil }
        let payload = run(from: header + 1, while: Self.isTokenByte)
        guard payload - header > 4 else { return nil }
        var end = payload
        while end < bytes.count, bytes[end] == UInt8(ascii: "."), end - index < 65_536 {
            end = run(from: end + 1, while: Self.isTokenByte)
        }
        guard end > payload || holds("eyJ", at: header + 1) else { return nil }
        return SecretMatch(kind: .jsonWebToken, range: index..<end)
    }

    /// `Bearer …` and `Basic …`, wherever they stand.
    func credentials(at index: Int) -> SecretMatch? {
        guard isBoundary(before: index) else { return nil }
        let isBearer = holds("bearer", at: index, ignoringCase: true)
        guard isBearer || holds("basic", at: index, ignoringCase: true) else { return nil }
        let space = index + (isBearer ? 6 : 5)
        let start = skipSpaces(from: space)
        guard start > space else { return nil }
        let end = run(from: start) { Self.isTokenByte($0) || "+/=.~".utf8.contains($0) }
        if isBearer {
            let hasDigit = bytes[start..<end].contains(where: Self.isDigit)
            guard end - start >= 20 || (hasDigit && end - start >= 8) else { return nil }
            return SecretMatch(kind: .bearerToken, range: start..<end)
        }
        guard end - start >= 4, decodesToCredentials(start..<end) else { return nil }
        return SecretMatch(kind: .basicCredentials, range: start..<end)
    }

    /// Whether base64 text holds the colon of `user:password`.
    func decodesToCredentials(_ range: Range<Int>) -> Bool {
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes[range] {
            let value: UInt32
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(byte) - 65
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(byte) - 71
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(byte) + 4
            case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
            default: return false
            }
            bits = (bits << 6 | value) & 0xFFFF
            count += 6
            if count >= 8 {
                count -= 8
                if UInt8(truncatingIfNeeded: bits >> UInt32(count)) == UInt8(ascii: ":") { return true }
            }
        }
        return false
    }

    /// `-----BEGIN … PRIVATE KEY-----` to its end line, or to the end of the text when that is missing.
    func keyBlock(at index: Int) -> SecretMatch? {
        guard holds("-----BEGIN ", at: index) else { return nil }
        let title = index + 11
        let titleEnd = run(from: title) { $0 == 0x20 || Self.isUpperOrDigit($0) }
        guard titleEnd - title < 64, bytes[title..<titleEnd].contains(UInt8(ascii: "P")) else { return nil }
        var place = title
        while place < titleEnd, !holds("PRIVATE KEY", at: place) { place += 1 }
        guard place < titleEnd else { return nil }
        var end = titleEnd
        while end < bytes.count, !holds("-----END", at: end) { end += 1 }
        guard end < bytes.count else { return SecretMatch(kind: .privateKey, range: index..<bytes.count) }
        end = run(from: end + 8) { $0 == 0x20 || Self.isUpperOrDigit($0) }
        end = run(from: end) { $0 == UInt8(ascii: "-") }
        return SecretMatch(kind: .privateKey, range: index..<end)
    }

    /// The password of `scheme://user:password@host`, or the token of `scheme://token@host`.
    func urlPassword(at index: Int) -> SecretMatch? {
        guard holds("://", at: index), index > 0, Self.isTokenByte(bytes[index - 1]) else { return nil }
        let start = index + 3
        let end = run(from: start) { $0 > 0x20 && !"/?#\"'`<>\\".utf8.contains($0) }
        guard let at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")) else { return nil }
        if let colon = bytes[start..<at].firstIndex(of: UInt8(ascii: ":")) {
            guard colon + 1 < at, !isReference(colon + 1..<at) else { return nil }
            return SecretMatch(kind: .urlPassword, range: colon + 1..<at)
        }
        return at - start >= 20 ? SecretMatch(kind: .urlPassword, range: start..<at) : nil
    }
}
