/// Reads strict JSON (RFC 8259) in one pass over the bytes.
///
/// Refused, because two readers could understand them differently or because they only serve attacks (SECURITY R45):
/// duplicate members, invalid UTF-8, lone surrogates, a byte order mark, numbers that fit neither `Int` nor a finite
/// `Double`, `NaN` and its kind, nesting deeper than ``maximumDepth``, anything after the document.
public struct JSONReader {
    public static let maximumDepth = 64

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// - Throws: ``JSONSyntaxError`` for the first thing that is wrong.
    public static func read(_ bytes: some Sequence<UInt8>) throws(JSONSyntaxError) -> JSONValue {
        let result: Result<JSONValue, JSONSyntaxError>? = bytes.withContiguousStorageIfAvailable { readBuffer($0) }
        if let result { return try result.get() }
        return try Array(bytes).withUnsafeBufferPointer { readBuffer($0) }.get()
    }

    public static func read(_ bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> JSONValue {
        try bytes.withMemoryRebound(to: UInt8.self) { readBuffer($0) }.get()
    }

    public static func read(_ text: String) throws(JSONSyntaxError) -> JSONValue {
        try read(text.utf8)
    }

    private static func readBuffer(_ buffer: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONSyntaxError> {
        var reader = JSONReader(buffer)
        do throws(JSONSyntaxError) {
            reader.skipSpace()
            let value = try reader.value()
            reader.skipSpace()
            guard reader.position == buffer.count else { throw reader.error("unexpected text after the document") }
            return .success(value)
        } catch {
            return .failure(error)
        }
    }

    private func error(_ reason: String, at offset: Int? = nil) -> JSONSyntaxError {
        let place = min(offset ?? position, bytes.count)
        var line = 1
        var lineStart = 0
        for index in 0..<place where bytes[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        return JSONSyntaxError(reason: reason, offset: place, line: line, column: place - lineStart + 1)
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func value() throws(JSONSyntaxError) -> JSONValue {
        guard position < bytes.count else { throw error("the document ends too early") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw error("unexpected character")
        }
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count else { throw error("unexpected character") }
        for index in 0..<count where bytes[position + index] != text.utf8Start[index] {
            throw error("unexpected character")
        }
        position += count
        return value
    }

    private mutating func descend() throws(JSONSyntaxError) {
        depth += 1
        guard depth <= Self.maximumDepth else { throw error("nesting deeper than \(Self.maximumDepth) levels") }
        position += 1
        skipSpace()
    }

    private mutating func object() throws(JSONSyntaxError) -> JSONValue {
        try descend()
        defer { depth -= 1 }
        var members: [String: JSONValue] = [:]
        if next(is: UInt8(ascii: "}")) { return .object(members) }
        // A request is an object of a few members; it need not grow three times. Those within are too many to be generous.
        if depth == 1 { members.reserveCapacity(6) }
        while true {
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw error("a member name in double quotes is expected")
            }
            let nameOffset = position
            let name = try string()
            skipSpace()
            guard next(is: UInt8(ascii: ":")) else { throw error("':' is expected after a member name") }
            skipSpace()
            let value = try value()
            guard members.updateValue(value, forKey: name) == nil else {
                throw error("duplicate member \(JSONWriter.quoted(String(name.prefix(80))))", at: nameOffset)
            }
            skipSpace()
            if next(is: UInt8(ascii: "}")) { return .object(members) }
            guard next(is: UInt8(ascii: ",")) else { throw error("',' or '}' is expected") }
            skipSpace()
        }
    }

    private mutating func array() throws(JSONSyntaxError) -> JSONValue {
        try descend()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        if next(is: UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if next(is: UInt8(ascii: "]")) { return .array(elements) }
            guard next(is: UInt8(ascii: ",")) else { throw error("',' or ']' is expected") }
            skipSpace()
        }
    }

    /// Steps over `byte` when it comes next.
    private mutating func next(is byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        var isInteger = true
        _ = next(is: UInt8(ascii: "-"))
        if next(is: UInt8(ascii: "0")) {
            // A leading zero stands alone.
        } else {
            try digits()
        }
        if next(is: UInt8(ascii: ".")) {
            isInteger = false
            try digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if !next(is: UInt8(ascii: "+")) { _ = next(is: UInt8(ascii: "-")) }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger {
            guard let value = Int(text) else { throw error("a number out of range", at: start) }
            return .integer(value)
        }
        guard let value = Double(text), value.isFinite else { throw error("a number out of range", at: start) }
        return .number(value)
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while position < bytes.count, bytes[position] &- 0x30 < 10 { position += 1 }
        guard position > start else { throw error("a digit is expected") }
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = try text(bytes[start..<position], at: start)
                position += 1
                return text
            case UInt8(ascii: "\\"):
                return try escapedString(from: start)
            case 0..<0x20:
                throw error("a control character in a string must be escaped")
            default:
                position += 1
            }
        }
        throw error("a string is not closed")
    }

    private func text(_ slice: Slice<UnsafeBufferPointer<UInt8>>, at start: Int) throws(JSONSyntaxError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw error("invalid UTF-8 in a string", at: start)
        }
        return text
    }

    /// The slow path: a string with at least one escape, first met at `position`.
    private mutating func escapedString(from start: Int) throws(JSONSyntaxError) -> String {
        var unescaped = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let text = String(validating: unescaped, as: UTF8.self) else {
                    throw error("invalid UTF-8 in a string", at: start)
                }
                return text
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &unescaped)
            case 0..<0x20:
                throw error("a control character in a string must be escaped")
            default:
                unescaped.append(byte)
                position += 1
            }
        }
        throw error("a string is not closed")
    }

    private mutating func escape(into unescaped: inout [UInt8]) throws(JSONSyntaxError) {
        guard position < bytes.count else { throw error("a string is not closed") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(byte)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"): try unicodeEscape(into: &unescaped)
        default: throw error("an unknown escape in a string", at: position - 2)
        }
    }

    private mutating func unicodeEscape(into unescaped: inout [UInt8]) throws(JSONSyntaxError) {
        let start = position - 2
        var code = try hexQuad()
        if 0xDC00...0xDFFF ~= code { throw error("a lone surrogate in a string", at: start) }
        if 0xD800...0xDBFF ~= code {
            guard next(is: UInt8(ascii: "\\")), next(is: UInt8(ascii: "u")) else {
                throw error("a lone surrogate in a string", at: start)
            }
            let low = try hexQuad()
            guard 0xDC00...0xDFFF ~= low else { throw error("a lone surrogate in a string", at: start) }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("a lone surrogate in a string", at: start) }
        unescaped.append(contentsOf: String(scalar).utf8)
    }

    private mutating func hexQuad() throws(JSONSyntaxError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error("four hexadecimal digits are expected") }
        var code: UInt32 = 0
        for _ in 0..<4 {
            let byte = bytes[position]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw error("four hexadecimal digits are expected")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}
