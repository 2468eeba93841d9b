/// Values that the name in front of them gives away: `password=…`, `"api_key": "…"`, `--token …`.
extension SecretScanner {
    /// `--password hunter2`; the form with `=` is found at its sign.
    func flag(at index: Int) -> SecretMatch? {
        guard holds("--", at: index), index == 0 || Self.isSpace(bytes[index - 1]) else { return nil }
        let nameEnd = run(from: index + 2, while: Self.isTokenByte)
        guard nameEnd < bytes.count, bytes[nameEnd] == 0x20, isSecretName(index + 2..<nameEnd) else { return nil }
        let start = skipSpaces(from: nameEnd)
        guard start < bytes.count, bytes[start] != UInt8(ascii: "-") else { return nil }
        return value(from: start, mayTakeLine: false)
    }

    /// The password of `-u user:password`, as curl takes it; `-u 1000:1000` names a user and a group by number.
    func userOption(at index: Int) -> SecretMatch? {
        guard index == 0 || Self.isSpace(bytes[index - 1]) || Self.isQuote(bytes[index - 1]) else { return nil }
        guard let option = ["-u ", "--user ", "--proxy-user "].first(where: { holds($0, at: index) }) else {
            return nil
        }
        let start = skipSpaces(from: index + option.utf8.count)
        // `date -u +%H:%M`
        guard start < bytes.count, bytes[start] != UInt8(ascii: "+"), bytes[start] != UInt8(ascii: "-") else {
            return nil
        }
        let isQuoted = Self.isQuote(bytes[start]) || bytes[start] == UInt8(ascii: "\\")
        let word =
            isQuoted
            ? valueRange(from: start, mayTakeLine: false) : start..<run(from: start) { $0 > 0x20 && !Self.isQuote($0) }
        guard let colon = bytes[word].firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let password = colon + 1..<word.upperBound
        guard !password.isEmpty, !isReference(password), !holds("$(", at: colon + 1), !holds("//", at: colon + 1),
            !bytes[word].allSatisfy({ Self.isDigit($0) || $0 == UInt8(ascii: ":") })
        else { return nil }
        return SecretMatch(kind: .namedValue, range: password)
    }

    func namedValue(separatedAt separator: Int) -> SecretMatch? {
        guard let name = nameRange(before: separator), isSecretName(name) else { return nil }
        var start = separator + 1
        while start < bytes.count, start < separator + 3, bytes[start] == UInt8(ascii: "=") || bytes[start] == 0x3E {
            start += 1
        }
        let afterSign = start
        start = skipSpaces(from: start)
        guard start < bytes.count else { return nil }
        let hasSpace = start > afterSign || (name.upperBound < separator && bytes[separator - 1] == 0x20)
        return value(from: start, mayTakeLine: hasSpace && startsLine(name.lowerBound))
    }

    /// The name in front of a separator; quotes, spaces and a type between (`token: str = …`) are stepped over.
    func nameRange(before separator: Int) -> Range<Int>? {
        guard let nearest = word(before: separator) else { return nil }
        if isSecretName(nearest) || bytes[separator] == UInt8(ascii: ":") { return nearest }
        var place = nearest.lowerBound
        while place > 0, bytes[place - 1] == 0x20 { place -= 1 }
        guard place > 0, bytes[place - 1] == UInt8(ascii: ":") else { return nearest }
        return word(before: place - 1)
    }

    func word(before index: Int) -> Range<Int>? {
        var end = index
        while end > 0, index - end < 8, Self.isBetweenNameAndSign(bytes[end - 1]) { end -= 1 }
        var start = end
        while start > 0, end - start < 80, Self.isTokenByte(bytes[start - 1]) { start -= 1 }
        return start < end ? start..<end : nil
    }

    func isSecretName(_ range: Range<Int>) -> Bool {
        let name = UnsafeBufferPointer(rebasing: bytes[range])
        return SecretNames.mayBeSecret(name) && SecretNames.isSecret(words: SecretNames.words(of: name))
    }

    func startsLine(_ index: Int) -> Bool {
        var place = index
        while place > 0, Self.isSpace(bytes[place - 1]), bytes[place - 1] != 0x0A { place -= 1 }
        return place == 0 || bytes[place - 1] == 0x0A
    }

    func value(from start: Int, mayTakeLine: Bool) -> SecretMatch? {
        var range = valueRange(from: start, mayTakeLine: mayTakeLine)
        range = behindScheme(range)
        guard !range.isEmpty, !isReference(range), !holds("-----BEGIN ", at: range.lowerBound) else { return nil }
        if let known = prefixed(at: range.lowerBound) ?? jsonWebToken(at: range.lowerBound) {
            return SecretMatch(
                kind: known.kind, range: range.lowerBound..<max(range.upperBound, known.range.upperBound))
        }
        return SecretMatch(kind: .namedValue, range: range)
    }

    func valueRange(from start: Int, mayTakeLine: Bool) -> Range<Int> {
        var open = start
        let isEscaped = bytes[open] == UInt8(ascii: "\\") && open + 1 < bytes.count && Self.isQuote(bytes[open + 1])
        if isEscaped { open += 1 }
        if Self.isQuote(bytes[open]) { return quoted(by: bytes[open], from: open + 1, isEscaped: isEscaped) }
        if mayTakeLine {
            var end = run(from: start) { $0 != 0x0A && $0 != 0x0D }
            while end > start, Self.isSpace(bytes[end - 1]) { end -= 1 }
            if !assignsQuoted(start..<end) { return start..<end }
        }
        return start..<run(from: start) { $0 > 0x20 && !",;&\"'`<>(){}[]\\|".utf8.contains($0) }
    }

    func quoted(by quote: UInt8, from start: Int, isEscaped: Bool) -> Range<Int> {
        var end = start
        while end < bytes.count, bytes[end] != 0x0A {
            if bytes[end] == UInt8(ascii: "\\"), end + 1 < bytes.count {
                if isEscaped, bytes[end + 1] == quote { break }
                end += 2
                continue
            }
            if bytes[end] == quote { break }
            end += 1
        }
        return start..<min(end, bytes.count)
    }

    /// Whether the line goes on to assign a quoted text, so that what came first was a type.
    func assignsQuoted(_ range: Range<Int>) -> Bool {
        guard let sign = bytes[range].firstIndex(of: UInt8(ascii: "=")) else { return false }
        let next = skipSpaces(from: sign + 1)
        return next < range.upperBound && Self.isQuote(bytes[next])
    }

    /// `Bearer x` means x: the scheme is no secret and the word after it is.
    func behindScheme(_ range: Range<Int>) -> Range<Int> {
        for scheme in ["bearer", "basic", "token", "digest", "negotiate"] {
            guard holds(scheme, at: range.lowerBound, ignoringCase: true) else { continue }
            let end = range.lowerBound + scheme.utf8.count
            let start = skipSpaces(from: end)
            guard start > end, start < bytes.count, end <= range.upperBound else { continue }
            let wordEnd = run(from: start) { $0 > 0x20 && !Self.isQuote($0) }
            return start..<max(range.upperBound, wordEnd)
        }
        return range
    }

    /// Whether the value only points at one (`$TOKEN`, `${TOKEN}`, `{{ token }}`) or says that there is none.
    func isReference(_ range: Range<Int>) -> Bool {
        let value = String(decoding: bytes[range], as: UTF8.self)
        switch value.lowercased() {
        case "null", "nil", "none", "true", "false", "undefined", "|", ">", "|-", ">-", "[redacted]": return true
        default: break
        }
        if value.hasPrefix("${"), value.hasSuffix("}") || value == "${" { return true }
        if value.hasPrefix("{{"), value.hasSuffix("}}") { return true }
        if value == "$" { return true }
        return value.hasPrefix("$") && value.dropFirst().utf8.allSatisfy { Self.isUpperOrDigit($0) || $0 == 0x5F }
    }
}
