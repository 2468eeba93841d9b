internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore

/// Writes one answer to its connection: head and body leave in one piece when the body is small. Adds the headers that no
/// answer goes without (SECURITY R46).
///
/// Used on the connection's event loop only.
struct AnswerWriter: ResponseBodyWriter {
    private let exchange: NIOLoopBound<Exchange>
    /// The head, until it leaves with the first bytes of the body.
    private var head: ByteBuffer?
    private let isChunked: Bool
    private let isStream: Bool

    /// Bytes of a body that are copied behind the head to be sent with it; more are sent as they are.
    private static let joined = 64 * 1_024

    init(_ exchange: NIOLoopBound<Exchange>, _ response: Response) throws {
        self.exchange = exchange
        let connection = exchange.value.connection
        guard connection.takesAnswers else { throw Exchange.RequestCut() }
        connection.answerBegins()
        let length = response.body.contentLength
        isStream = length == nil
        // HTTP/1.0 knows no chunks: without a length the body ends with the connection.
        isChunked = isStream && !response.headers.contains(.contentLength) && !connection.isHTTP10
        var bytes = ByteBufferAllocator().buffer(capacity: 320 + min(length ?? 0, Self.joined))
        Self.write(response, chunked: isChunked, of: connection, to: &bytes)
        head = bytes
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        guard buffer.readableBytes > 0 else { return }
        var body = buffer
        if isChunked {
            var chunk = ByteBufferAllocator().buffer(capacity: buffer.readableBytes + 16)
            chunk.writeString(String(buffer.readableBytes, radix: 16))
            chunk.writeStaticString("\r\n")
            chunk.writeBuffer(&body)
            chunk.writeStaticString("\r\n")
            body = chunk
        }
        if var head, body.readableBytes <= Self.joined {
            head.writeBuffer(&body)
            self.head = head
        } else {
            try send(takeHead())
            try send(body)
        }
        guard isStream else { return }
        try send(takeHead())
        try flush()
        let exchange = exchange
        await withCheckedContinuation { exchange.value.waitForRoom($0) }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        try send(takeHead())
        if isChunked { try send(ByteBuffer(staticString: "0\r\n\r\n")) }
        try flush()
        exchange.value.connection.answerIsWritten()
    }

    private mutating func takeHead() -> ByteBuffer? {
        defer { head = nil }
        return head
    }

    private func send(_ bytes: ByteBuffer?) throws {
        guard let bytes else { return }
        try exchange.value.connection.write(answer: bytes)
    }

    private func flush() throws { exchange.value.connection.context?.flush() }

    private static func write(
        _ response: Response, chunked: Bool, of connection: ConnectionGuard, to bytes: inout ByteBuffer
    ) {
        if response.status == .ok, !connection.isHTTP10 {
            bytes.writeStaticString("HTTP/1.1 200 OK\r\n")
        } else {
            bytes.writeStaticString(connection.isHTTP10 ? "HTTP/1.0 " : "HTTP/1.1 ")
            bytes.writeString(String(response.status.code))
            bytes.writeStaticString(" ")
            bytes.writeString(response.status.reasonPhrase)
            bytes.writeStaticString("\r\n")
        }
        // Looked for on the way: to ask the fields by name makes an index of them first.
        var saysHowToCache = false
        for field in response.headers {
            add(field.name.rawName, field.value, to: &bytes)
            if field.name == .cacheControl { saysHowToCache = true }
        }
        add(AnswerHeaders.noSniff.name, AnswerHeaders.noSniff.value, to: &bytes)
        if !saysHowToCache { add(AnswerHeaders.noStore.name, AnswerHeaders.noStore.value, to: &bytes) }
        if chunked { bytes.writeStaticString("Transfer-Encoding: chunked\r\n") }
        add("Date", connection.date.now(), to: &bytes)
        if connection.closesAfterAnswer { bytes.writeStaticString("Connection: close\r\n") }
        bytes.writeStaticString("\r\n")
    }

    private static func add(_ name: String, _ value: String, to bytes: inout ByteBuffer) {
        bytes.writeString(name)
        bytes.writeStaticString(": ")
        bytes.writeString(value)
        bytes.writeStaticString("\r\n")
    }
}
