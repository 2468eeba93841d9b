package import HummingbirdCore
internal import HTTPTypes
internal import NIOCore
package import ToolKit

/// Answers as this API gives them: JSON, never cached, never sniffed (the last two are added to every answer on its way out).
package enum JSONAnswer {
    private static let headers: HTTPFields = [.contentType: "application/json"]

    package static func make(_ value: JSONValue, status: Int = 200) -> Response {
        make(bytes: JSONWriter.write(value), status: status)
    }

    /// - Parameter bytes: A JSON document that is written already.
    package static func make(bytes: [UInt8], status: Int = 200) -> Response {
        Response(
            status: HTTPResponse.Status(code: status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    package static func make(_ refusal: HTTPRefusal) -> Response {
        var response = make(refusal.body, status: refusal.status)
        if let allow = refusal.allow { response.headers[.allow] = allow }
        if let seconds = refusal.retryAfterSeconds { response.headers[.retryAfter] = "\(seconds)" }
        return response
    }
}
