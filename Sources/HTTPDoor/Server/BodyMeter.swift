/// Follows the bytes of a request's body to its exact end, without keeping any.
///
/// Chunked bodies are read strictly (SECURITY R42): sizes of plain hexadecimal digits, no extensions, no trailers, CRLF
/// everywhere. The limit counts the bytes of the body, not those of its framing.
struct BodyMeter {
    enum Progress {
        /// All bytes belong to the body, and more must come.
        case incomplete
        /// The body ends behind this many bytes.
        case complete(Int)
        case refused(HTTPRefusal)
    }

    private enum Expectation {
        case size(digits: Int)
        case sizeLineFeed
        case data
        case dataReturn
        case dataLineFeed
        case lastReturn
        case lastLineFeed
    }

    private let isChunked: Bool
    private let limit: Int
    /// Bytes left of the body, or of the current chunk.
    private var remaining: Int
    private var total = 0
    private var expectation = Expectation.size(digits: 0)

    init(_ framing: RequestHead.Framing, limit: Int) {
        self.limit = limit
        switch framing {
        case .none: (isChunked, remaining) = (false, 0)
        case .length(let length): (isChunked, remaining) = (false, length)
        case .chunked: (isChunked, remaining) = (true, 0)
        }
    }

    mutating func read(_ bytes: UnsafeRawBufferPointer) -> Progress {
        guard isChunked else {
            if bytes.count < remaining {
                remaining -= bytes.count
                return .incomplete
            }
            defer { remaining = 0 }
            return .complete(remaining)
        }
        do throws(HTTPRefusal) {
            var position = 0
            while position < bytes.count {
                if case .data = expectation {
                    let step = min(remaining, bytes.count - position)
                    remaining -= step
                    position += step
                    if remaining == 0 { expectation = .dataReturn }
                    continue
                }
                let isEnd = try frame(bytes[position])
                position += 1
                if isEnd { return .complete(position) }
            }
            return .incomplete
        } catch {
            return .refused(error)
        }
    }

    /// One byte of the framing; `true` when it was the last of the body.
    private mutating func frame(_ byte: UInt8) throws(HTTPRefusal) -> Bool {
        switch expectation {
        case .size(let digits):
            if let digit = Self.value(ofHexDigit: byte) {
                guard digits < 8 else { throw .malformed("a chunk size is too long") }
                remaining = remaining << 4 | digit
                expectation = .size(digits: digits + 1)
                return false
            }
            guard digits > 0, byte == 0x0D else { throw .malformed("a chunk size is not a plain hexadecimal number") }
            guard remaining <= limit - total else { throw .bodyTooLarge(limit: limit) }
            total += remaining
            expectation = .sizeLineFeed
        case .sizeLineFeed:
            try expect(byte, 0x0A)
            expectation = remaining == 0 ? .lastReturn : .data
        case .data: break
        case .dataReturn:
            try expect(byte, 0x0D)
            expectation = .dataLineFeed
        case .dataLineFeed:
            try expect(byte, 0x0A)
            expectation = .size(digits: 0)
        case .lastReturn:
            guard byte == 0x0D else { throw .malformed("a chunked body must not have trailers") }
            expectation = .lastLineFeed
        case .lastLineFeed:
            try expect(byte, 0x0A)
            return true
        }
        return false
    }

    private func expect(_ byte: UInt8, _ expected: UInt8) throws(HTTPRefusal) {
        guard byte == expected else { throw .malformed("a chunk does not end where its size says") }
    }

    private static func value(ofHexDigit byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte - 0x30)
        case 0x41...0x46: Int(byte - 0x37)
        case 0x61...0x66: Int(byte - 0x57)
        default: nil
        }
    }
}
