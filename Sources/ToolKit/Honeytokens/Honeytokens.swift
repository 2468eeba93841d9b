/// The honeytokens of an installation, as what looks for them: as they are, in hexadecimal digits, in base64 at each of the
/// three places of a group, backwards; each of these also wrapped, percent-encoded or escaped (``PlainBytes``).
package struct Honeytokens: Sendable {
    /// One of the forms.
    struct Form: Sendable, Hashable {
        let token: Honeytoken
        /// Whether it is the value itself.
        let isPlain: Bool
    }

    package let tokens: [Honeytoken]
    /// Stands beside the token in every environment and is no secret: where both are seen, the whole environment was
    /// printed, as many programs do without looking for anything. `nil`: there is none.
    package let companion: String?

    let search: PatternSearch
    /// By the number of the pattern; `nil` for the companion.
    let forms: [Form?]

    /// - Parameter tokens: Values shorter than ``Honeytoken/shortest`` are left out.
    package init(_ tokens: [Honeytoken], companion: String? = nil) {
        let usable = tokens.filter { $0.value.utf8.count >= Honeytoken.shortest }
        let partner = companion.flatMap { $0.utf8.count >= Honeytoken.shortest ? $0 : nil }
        self.tokens = usable
        self.companion = partner
        var patterns: [[UInt8]] = []
        var forms: [Form?] = []
        for token in usable {
            let value = Array(token.value.utf8)
            for (place, pattern) in Self.encodings(of: value).enumerated() {
                patterns.append(pattern)
                forms.append(Form(token: token, isPlain: place == 0))
            }
        }
        if let partner {
            patterns.append(Array(partner.utf8))
            forms.append(nil)
        }
        search = PatternSearch(patterns)
        self.forms = forms
    }

    package var isAny: Bool { !tokens.isEmpty }

    /// The value first.
    private static func encodings(of value: [UInt8]) -> [[UInt8]] {
        let hex = Hex.encode(value)
        return [value, Array(hex.utf8), Array(hex.uppercased().utf8), value.reversed()]
            + (0..<3).map { base64(value, after: $0) }
    }

    /// What of the base64 of `value` is the same whatever stands around it, when so many bytes of a group stand before it.
    private static func base64(_ value: [UInt8], after before: Int) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var digits: [UInt8] = []
        var (bits, count) = (UInt32(0), before * 8)
        for byte in value {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                digits.append(alphabet[Int(bits >> UInt32(count)) & 63])
                bits &= (1 << UInt32(count)) - 1
            }
        }
        return Array(digits.dropFirst(before == 0 ? 0 : before + 1))
    }

    /// For a text or a stream.
    ///
    /// - Parameter limit: What comes behind so many bytes is not looked at.
    package func reading(upTo limit: Int = .max) -> HoneytokenReading { HoneytokenReading(for: self, upTo: limit) }

    /// Whether one stands in the text, in any form.
    package func isIn(_ text: String) -> Bool {
        guard isAny, text.utf8.count >= Honeytoken.shortest else { return false }
        var text = text
        return text.withUTF8 { text in
            let bytes = UnsafeRawBufferPointer(text)
            guard mayBe(in: bytes) else { return false }
            var reading = reading()
            reading.add(bytes)
            return !reading.seen.isEmpty
        }
    }

    /// Told in a moment of nearly everything that is short: it holds none as it is, and nothing that would have to be made
    /// plain first.
    func mayBe(in bytes: UnsafeRawBufferPointer) -> Bool {
        let isPlain = bytes.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: "\\") }
        guard isPlain else { return true }
        var isFound = false
        search.find(in: bytes) { _, _ in isFound = true }
        return isFound
    }

    /// Where tokens stand in one of the forms that can be cut out, in their order; nearly always empty.
    package func places(in bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
        var places: [Range<Int>] = []
        search.find(in: bytes) { number, place in if forms[number] != nil { places.append(place) } }
        return places
    }
}
