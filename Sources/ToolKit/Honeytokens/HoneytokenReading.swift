/// Looks for honeytokens in a stream that comes in pieces, in constant memory.
package struct HoneytokenReading: Sendable {
    private let tokens: Honeytokens
    /// Ends of what came before: as it was, and made plain.
    private var raw: [UInt8] = []
    private var plain: [UInt8] = []
    private var decoder = PlainBytes()
    private var second = PlainBytes()
    private var hasCompanion = false
    private var found: Set<Honeytokens.Form> = []

    /// Bytes that may still come.
    private var left: Int
    /// Whether more came than was looked at.
    package private(set) var isCut = false

    init(for tokens: Honeytokens, upTo limit: Int) {
        self.tokens = tokens
        left = limit
    }

    /// Looks at the next piece.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty, tokens.isAny else { return }
        if bytes.count > left { isCut = true }
        let bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(left))
        guard !bytes.isEmpty else { return }
        left -= bytes.count
        let overlap = tokens.search.longest - 1
        let percent = UInt8(ascii: "%")
        // One that the piece before ended with may be decoded only now.
        let mayDecode = decoder.hasDecoded || bytes.contains(byte: percent) || raw.suffix(2).contains(percent)
        // Across the border, then what lies behind it.
        if !raw.isEmpty { look(in: raw + bytes.prefix(overlap)) }
        look(in: bytes)
        Self.keepEnd(&raw, adding: bytes, overlap)
        if mayDecode {
            var once: [UInt8] = []
            decoder.add(bytes, to: &once)
            once.withUnsafeBytes { second.add($0, to: &plain) }
        } else {
            decoder.add(bytes, to: &plain)
        }
        look(in: plain)
        if plain.count > overlap { plain.removeFirst(plain.count - overlap) }
    }

    private static func keepEnd(_ end: inout [UInt8], adding bytes: UnsafeRawBufferPointer, _ limit: Int) {
        if bytes.count >= limit {
            end = Array(bytes.suffix(limit))
        } else {
            end += bytes
            if end.count > limit { end.removeFirst(end.count - limit) }
        }
    }

    private mutating func look(in bytes: [UInt8]) {
        bytes.withUnsafeBytes { look(in: $0) }
    }

    private mutating func look(in bytes: UnsafeRawBufferPointer) {
        var (forms, hasCompanion) = (found, hasCompanion)
        tokens.search.find(in: bytes) { number, _ in
            if let form = tokens.forms[number] { forms.insert(form) } else { hasCompanion = true }
        }
        (found, self.hasCompanion) = (forms, hasCompanion)
    }

    /// Where the tokens are planted that were seen so far, in any form.
    package var seen: Set<Honeytoken.Place> { Set(found.map(\.token.place)) }

    /// Those of ``seen`` that cannot come of printing the whole environment.
    package var taken: Set<Honeytoken.Place> {
        guard hasCompanion else { return seen }
        return Set(found.filter { $0.token.place != .environment || !$0.isPlain }.map(\.token.place))
    }

    /// Those of ``taken`` that more of the stream cannot explain.
    package var certain: Set<Honeytoken.Place> {
        Set(found.filter { $0.token.place != .environment || !$0.isPlain }.map(\.token.place))
    }
}
