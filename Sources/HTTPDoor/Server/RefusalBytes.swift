internal import NIOCore
internal import NIOHTTP1
internal import ToolKit

extension HTTPRefusal {
    /// The whole answer as it goes over the wire, for refusals that are made below the HTTP encoder. It closes the connection.
    /// - Parameter withBody: `false` for an answer to HEAD.
    func bytes(withBody: Bool, date: String) -> ByteBuffer {
        let body = JSONWriter.write(self.body)
        var buffer = ByteBufferAllocator().buffer(capacity: 320 + body.count)
        let reason = HTTPResponseStatus(statusCode: status).reasonPhrase
        buffer.writeString(
            "HTTP/1.1 \(status) \(reason)\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n")
        for (name, value) in AnswerHeaders.always { buffer.writeString("\(name): \(value)\r\n") }
        if let allow { buffer.writeString("Allow: \(allow)\r\n") }
        if let retryAfterSeconds { buffer.writeString("Retry-After: \(retryAfterSeconds)\r\n") }
        buffer.writeString("Date: \(date)\r\nConnection: close\r\n\r\n")
        if withBody { buffer.writeBytes(body) }
        return buffer
    }
}

/// Headers that no answer goes without (SECURITY R46).
enum AnswerHeaders {
    static let noSniff = (name: "X-Content-Type-Options", value: "nosniff")
    static let noStore = (name: "Cache-Control", value: "no-store")
    static let always = [noSniff, noStore]
}
