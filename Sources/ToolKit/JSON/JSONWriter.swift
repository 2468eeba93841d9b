/// Writes a ``JSONValue`` as compact UTF-8 with members sorted by name: equal values give equal bytes.
public struct JSONWriter {
    /// Which characters beyond those that JSON demands are written as `\u` escapes.
    public enum Escaping: Sendable {
        /// Only what RFC 8259 demands.
        case required
        /// Also DEL, C1 controls, line and paragraph separators and bidirectional controls, so that a line can be shown
        /// on a terminal without changing what the eye reads (SECURITY R62).
        case invisible
    }

    private var bytes: [UInt8] = []
    private let escaping: Escaping

    private init(escaping: Escaping, reserving capacity: Int) {
        self.escaping = escaping
        bytes.reserveCapacity(capacity)
    }

    public static func write(_ value: JSONValue, escaping: Escaping = .required) -> [UInt8] {
        var writer = JSONWriter(escaping: escaping, reserving: 512)
        writer.append(value)
        return writer.bytes
    }

    /// An object of these members, in the order of their names.
    ///
    /// - Parameter members: No two of the same name.
    public static func write(
        members: [(key: String, value: JSONValue)], escaping: Escaping = .required
    ) -> [UInt8] {
        let size = members.reduce(2) { $0 + $1.key.utf8.count + 4 + roughSize($1.value) }
        var writer = JSONWriter(escaping: escaping, reserving: size)
        // Most lists are made in the order of their names; to look costs less than to sort.
        let isSorted = members.indices.dropFirst().allSatisfy { members[$0 - 1].key < members[$0].key }
        writer.append(sorted: isSorted ? members : members.sorted { $0.key < $1.key })
        return writer.bytes
    }

    /// How many bytes a value takes about, so that they are allocated once. Only the long parts matter.
    private static func roughSize(_ value: JSONValue) -> Int {
        switch value {
        case .null, .bool: 5
        case .integer, .number: 20
        case .string(let text): text.utf8.count + text.utf8.count / 16 + 2
        case .array(let elements): elements.reduce(2) { $0 + 1 + roughSize($1) }
        case .object(let members): members.reduce(2) { $0 + $1.key.utf8.count + 4 + roughSize($1.value) }
        }
    }

    /// The same with two spaces of indentation, for files that people edit.
    public static func pretty(_ value: JSONValue) -> [UInt8] {
        var writer = JSONWriter(escaping: .required, reserving: 1_024)
        writer.appendPretty(value, indentation: 0)
        writer.bytes.append(UInt8(ascii: "\n"))
        return writer.bytes
    }

    /// `text` as a JSON string, quotes included.
    public static func quoted(_ text: String, escaping: Escaping = .invisible) -> String {
        String(decoding: write(.string(text), escaping: escaping), as: UTF8.self)
    }

    private mutating func append(_ value: JSONValue) {
        switch value {
        case .null: append(raw: "null")
        case .bool(let flag): append(raw: flag ? "true" : "false")
        case .integer(let number): bytes.append(contentsOf: String(number).utf8)
        case .number(let number): append(number)
        case .string(let text): append(text: text)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(element)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members): append(sorted: members.sorted { $0.key < $1.key })
        }
    }

    private mutating func append(sorted members: [(key: String, value: JSONValue)]) {
        bytes.append(UInt8(ascii: "{"))
        var isFirst = true
        for member in members {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            append(text: member.key)
            bytes.append(UInt8(ascii: ":"))
            append(member.value)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func appendPretty(_ value: JSONValue, indentation: Int) {
        switch value {
        case .array(let elements) where !elements.isEmpty:
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                breakLine(after: index > 0, indentation: indentation + 1)
                appendPretty(element, indentation: indentation + 1)
            }
            breakLine(after: false, indentation: indentation)
            bytes.append(UInt8(ascii: "]"))
        case .object(let members) where !members.isEmpty:
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                breakLine(after: index > 0, indentation: indentation + 1)
                append(text: member.key)
                append(raw: ": ")
                appendPretty(member.value, indentation: indentation + 1)
            }
            breakLine(after: false, indentation: indentation)
            bytes.append(UInt8(ascii: "}"))
        default:
            append(value)
        }
    }

    private mutating func breakLine(after needsComma: Bool, indentation: Int) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indentation * 2))
    }

    private mutating func append(raw text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// JSON has no spelling for infinities and NaN; no value of ours holds one, and `null` is what others write.
    private mutating func append(_ number: Double) {
        if number.isFinite { bytes.append(contentsOf: number.description.utf8) } else { append(raw: "null") }
    }

    private mutating func append(text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { appendEscaped($0) }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ utf8: UnsafeBufferPointer<UInt8>) {
        let clean = firstSuspect(in: utf8, from: 0)
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[..<clean]))
        guard clean < utf8.count else { return }
        if utf8.count > 64 { reserve(utf8.count + utf8.count / 16) }
        // Escaped into memory on the stack, so that the array looks for room once a piece and not twice an escape: a text
        // of many lines has many.
        withUnsafeTemporaryAllocation(byteCount: EscapedText.capacity, alignment: 8) { memory in
            var text = EscapedText(utf8, from: clean, escaping: escaping, in: memory)
            while text.escapeNextPiece() { bytes.append(contentsOf: text.piece) }
        }
    }

    /// Room for `count` more bytes, growing by doubling as arrays do.
    private mutating func reserve(_ count: Int) {
        guard bytes.capacity - bytes.count < count else { return }
        bytes.reserveCapacity(max(bytes.count + count, bytes.capacity * 2))
    }

    /// Where the next byte stands that may need an escape, or the end; eight bytes at a time.
    private func firstSuspect(in utf8: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        if let base = UnsafeRawPointer(utf8.baseAddress) {
            while index + 8 <= utf8.count {
                let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                let mask = EscapedText.suspects(in: word, escaping == .invisible)
                if mask != 0 { return index + (mask.trailingZeroBitCount >> 3) }
                index += 8
            }
        }
        while index < utf8.count, !isSuspect(utf8[index]) { index += 1 }
        return index
    }

    private func isSuspect(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
            || (byte >= 0x7F && escaping == .invisible)
    }
}
