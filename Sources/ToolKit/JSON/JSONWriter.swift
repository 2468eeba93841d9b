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
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(text: member.key)
                bytes.append(UInt8(ascii: ":"))
                append(member.value)
            }
            bytes.append(UInt8(ascii: "}"))
        }
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
        var runStart = 0
        var index = 0
        while index < utf8.count {
            let byte = utf8[index]
            let length: Int
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                length = 1
            } else if byte < 0x7F || escaping == .required {
                index += 1
                continue
            } else {
                length = Self.invisibleLength(utf8, at: index)
                if length == 0 {
                    index += 1
                    continue
                }
            }
            bytes.append(contentsOf: utf8[runStart..<index])
            appendEscape(utf8[index..<index + length])
            index += length
            runStart = index
        }
        bytes.append(contentsOf: utf8[runStart...])
    }

    /// How many bytes the invisible character that starts here has; 0 when it is a visible one or not a start.
    private static func invisibleLength(_ utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let byte = utf8[index]
        if byte == 0x7F { return 1 }
        guard index + 1 < utf8.count else { return 0 }
        if byte == 0xC2, utf8[index + 1] < 0xA0 { return 2 }
        if byte == 0xD8, utf8[index + 1] == 0x9C { return 2 }
        guard index + 2 < utf8.count else { return 0 }
        switch (byte, utf8[index + 1], utf8[index + 2]) {
        case (0xE2, 0x80, 0x8B...0x8F), (0xE2, 0x80, 0xA8...0xAE), (0xE2, 0x81, 0xA0...0xAF): return 3
        case (0xEF, 0xBB, 0xBF): return 3
        default: return 0
        }
    }

    private mutating func appendEscape(_ character: Slice<UnsafeBufferPointer<UInt8>>) {
        let first = character[character.startIndex]
        switch first {
        case UInt8(ascii: "\""): append(raw: "\\\"")
        case UInt8(ascii: "\\"): append(raw: "\\\\")
        case 0x0A: append(raw: "\\n")
        case 0x0D: append(raw: "\\r")
        case 0x09: append(raw: "\\t")
        default:
            let scalar = String(decoding: character, as: UTF8.self).unicodeScalars.first?.value ?? 0xFFFD
            append(raw: "\\u")
            for shift in stride(from: 12, through: 0, by: -4) {
                let digit = UInt8(scalar >> UInt32(shift) & 0xF)
                bytes.append(digit < 10 ? digit + 0x30 : digit + 0x57)
            }
        }
    }
}
