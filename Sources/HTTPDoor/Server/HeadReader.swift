/// Reads the head of a request line by line while its bytes come in, more strictly than HTTP demands (SECURITY R42):
/// what two parsers might understand differently is refused, so that the parser behind cannot disagree.
struct HeadReader {
    enum Progress {
        case incomplete
        case complete(RequestHead)
        case refused(HTTPRefusal)
    }

    private(set) var head = RequestHead()
    private var position = 0
    private var lineStart = 0
    private var lineFeedIsDue = false
    private var hasRequestLine = false
    private var headStart = 0
    private var fields = 0
    private var headerBytes = 0

    private static let writes: [StaticString] = ["POST", "PATCH", "DELETE", "PUT"]

    /// - Parameter bytes: Everything since the last request's end; each call gets the same bytes and those that came since.
    mutating func read(_ bytes: UnsafeRawBufferPointer, limits: ServerLimits) -> Progress {
        do throws(HTTPRefusal) {
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                if lineFeedIsDue {
                    guard byte == 0x0A else { throw .malformed("a carriage return stands alone in the head") }
                    lineFeedIsDue = false
                    if try endLine(bytes, limits) { return .complete(head) }
                } else if byte == 0x0D {
                    lineFeedIsDue = true
                } else if byte < 0x20 || byte == 0x7F {
                    try refuse(controlByte: byte)
                }
            }
            try checkLength(of: position - lineStart, limits)
            return .incomplete
        } catch {
            return .refused(error)
        }
    }

    private func refuse(controlByte byte: UInt8) throws(HTTPRefusal) {
        if byte == 0x09, hasRequestLine { return }
        if byte == 0x0A { throw .malformed("a line of the head ends without a carriage return") }
        throw .malformed("the head contains a control byte")
    }

    private func checkLength(of line: Int, _ limits: ServerLimits) throws(HTTPRefusal) {
        if !hasRequestLine {
            guard line <= limits.requestLineBytes else { throw .requestLineTooLong(limit: limits.requestLineBytes) }
        } else if headerBytes + line > limits.headerBytes {
            throw .headersTooLarge(limits)
        }
    }

    /// The line that just ended; `true` when it was the empty one behind the headers.
    private mutating func endLine(_ bytes: UnsafeRawBufferPointer, _ limits: ServerLimits) throws(HTTPRefusal) -> Bool {
        let line = lineStart..<position - 2
        lineStart = position
        try checkLength(of: line.count, limits)
        guard hasRequestLine else {
            // RFC 9112 2.2: one empty line before a request is forgiven.
            if line.isEmpty, headStart == 0 {
                headStart = position
                return false
            }
            try requestLine(bytes, line)
            hasRequestLine = true
            return false
        }
        guard !line.isEmpty else {
            head.bytes = headStart..<position
            try finish()
            return true
        }
        fields += 1
        headerBytes += line.count + 2
        guard fields <= limits.headerFields else { throw .headersTooLarge(limits) }
        try field(bytes, line)
        return false
    }

    private mutating func requestLine(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(HTTPRefusal) {
        var index = line.lowerBound
        while index < line.upperBound, ASCII.isToken(bytes[index]) { index += 1 }
        let method = line.lowerBound..<index
        guard !method.isEmpty, method.count <= 32, index < line.upperBound, bytes[index] == 0x20 else {
            throw .malformed("the request line is not 'METHOD /path HTTP/1.1'")
        }
        let targetStart = index + 1
        // " HTTP/1.x" is what a line must end with; a line of HTTP/0.9 has nothing there.
        let targetEnd = line.upperBound - 9
        guard targetEnd > targetStart, ASCII.equal(bytes, targetEnd..<targetEnd + 8, " http/1.") else {
            throw .malformed("the request line does not end with HTTP/1.1")
        }
        switch bytes[line.upperBound - 1] {
        case UInt8(ascii: "1"): break
        case UInt8(ascii: "0"):
            head.isHTTP10 = true
            head.closes = true
        default: throw .malformed("the request line does not end with HTTP/1.1")
        }
        // ASCII.equal forgives case, the protocol's name does not.
        guard bytes[targetEnd + 1] == UInt8(ascii: "H"), bytes[targetEnd + 2] == UInt8(ascii: "T"),
            bytes[targetEnd + 3] == UInt8(ascii: "T"), bytes[targetEnd + 4] == UInt8(ascii: "P")
        else { throw .malformed("the request line does not end with HTTP/1.1") }
        head.method = method
        head.target = targetStart..<targetEnd
        try judgeMethod(bytes)
        guard bytes[targetStart] == UInt8(ascii: "/") else {
            throw .malformed("the request target is not a path", remedy: "send a path that starts with '/'")
        }
        for index in head.target where bytes[index] <= 0x20 || bytes[index] >= 0x7F || bytes[index] == UInt8(ascii: "#")
        {
            throw .malformed("the request target contains a character that must be percent-encoded")
        }
    }

    private mutating func judgeMethod(_ bytes: UnsafeRawBufferPointer) throws(HTTPRefusal) {
        if ASCII.identical(bytes, head.method, "GET") || ASCII.identical(bytes, head.method, "OPTIONS") { return }
        if ASCII.identical(bytes, head.method, "HEAD") {
            head.isHead = true
            return
        }
        for name in Self.writes where ASCII.identical(bytes, head.method, name) {
            head.isWrite = true
            return
        }
        throw .methodNotAllowed("GET, HEAD, POST, PUT, PATCH, DELETE")
    }

    private mutating func field(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(HTTPRefusal) {
        guard ASCII.isToken(bytes[line.lowerBound]) else {
            throw .malformed(
                bytes[line.lowerBound] == 0x20 || bytes[line.lowerBound] == 0x09
                    ? "a header is folded over two lines" : "a header name contains a forbidden character")
        }
        var colon = line.lowerBound
        while colon < line.upperBound, ASCII.isToken(bytes[colon]) { colon += 1 }
        guard colon < line.upperBound, bytes[colon] == UInt8(ascii: ":") else {
            throw .malformed("a header name is not followed by a colon")
        }
        var value = colon + 1..<line.upperBound
        while let first = value.first, ASCII.isSpace(bytes[first]) { value.removeFirst() }
        while let last = value.last, ASCII.isSpace(bytes[last]) { value.removeLast() }
        try interpret(bytes, name: line.lowerBound..<colon, value: value)
    }

    private mutating func interpret(
        _ bytes: UnsafeRawBufferPointer, name: Range<Int>, value: Range<Int>
    ) throws(HTTPRefusal) {
        switch name.count {
        case 4 where ASCII.equal(bytes, name, "host"):
            head.host = try once(head.host, value)
        case 6 where ASCII.equal(bytes, name, "origin"):
            head.origin = try once(head.origin, value)
        case 6 where ASCII.equal(bytes, name, "expect"):
            guard ASCII.equal(bytes, value, "100-continue") else { throw .unknownExpectation }
            head.expectsContinue = true
        case 7 where ASCII.equal(bytes, name, "upgrade"):
            head.closes = true
        case 10 where ASCII.equal(bytes, name, "connection"):
            if ASCII.list(bytes, value, contains: "close") { head.closes = true }
        case 12 where ASCII.equal(bytes, name, "content-type"):
            head.contentType = try once(head.contentType, value)
        case 13 where ASCII.equal(bytes, name, "authorization"):
            try once(&head.hasAuthorization)
        case 14 where ASCII.equal(bytes, name, "content-length"):
            try once(&head.hasLength)
            head.framing = .length(try Self.length(bytes, value))
        case 14 where ASCII.equal(bytes, name, "sec-fetch-site"):
            head.fetchSite = try once(head.fetchSite, value)
        case 17 where ASCII.equal(bytes, name, "transfer-encoding"):
            try once(&head.hasTransferEncoding)
            guard ASCII.equal(bytes, value, "chunked"), !head.isHTTP10 else {
                throw .malformed(
                    "the only transfer encoding that is understood is chunked", remedy: "send a Content-Length instead")
            }
        case 17 where ASCII.equal(bytes, name, "x-execution-token"):
            try once(&head.hasToken)
        default: break
        }
    }

    private func once(_ earlier: Range<Int>?, _ value: Range<Int>) throws(HTTPRefusal) -> Range<Int> {
        guard earlier == nil else { throw .malformed("a header that may be sent once is sent twice") }
        return value
    }

    private func once(_ seen: inout Bool) throws(HTTPRefusal) {
        guard !seen else { throw .malformed("a header that may be sent once is sent twice") }
        seen = true
    }

    /// Plain digits only. A number too long for `Int` is simply too large for any limit.
    private static func length(_ bytes: UnsafeRawBufferPointer, _ value: Range<Int>) throws(HTTPRefusal) -> Int {
        guard !value.isEmpty, value.allSatisfy({ 0x30...0x39 ~= bytes[$0] }) else {
            throw .malformed("the Content-Length is not one number")
        }
        var length = 0
        for index in value {
            let (product, overflow) = length.multipliedReportingOverflow(by: 10)
            guard !overflow, product <= Int.max - 9 else { return Int.max }
            length = product + Int(bytes[index] - 0x30)
        }
        return length
    }

    private mutating func finish() throws(HTTPRefusal) {
        guard let host = head.host, !host.isEmpty else { throw .malformed("the Host header is missing") }
        if head.hasTransferEncoding {
            guard !head.hasLength else {
                throw .malformed(
                    "the request has both a Content-Length and a Transfer-Encoding", remedy: "send only one of them")
            }
            head.framing = .chunked
        }
    }
}
