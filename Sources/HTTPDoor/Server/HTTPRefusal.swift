package import ToolKit

/// An answer of the protocol that is not a success: the request was malformed, not entitled, too large, or unknown.
///
/// Handlers throw it; the server writes it as the JSON that CONTRACT fixes.
package struct HTTPRefusal: Error, Sendable, Hashable {
    package var status: Int
    /// Stable, lower case with underscores; clients match on it.
    package var code: String
    /// One sentence without a full stop, free of values that the client sent.
    package var detail: String
    /// What would let the request pass.
    package var remedy: String
    /// Sent as `Retry-After`.
    package var retryAfterSeconds: Int?
    /// Sent as `Allow`.
    package var allow: String?
    /// Further members of the body, such as the fields at fault.
    package var more: [String: JSONValue]
    /// Set when an audit entry for it exists already, so that the server's observer is not told again.
    package var isRecorded = false

    package init(
        _ status: Int, code: String, _ detail: String, remedy: String, retryAfterSeconds: Int? = nil,
        allow: String? = nil,
        more: [String: JSONValue] = [:]
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.remedy = remedy
        self.retryAfterSeconds = retryAfterSeconds
        self.allow = allow
        self.more = more
    }

    package var body: JSONValue {
        var members = more
        members["success"] = false
        members["detail"] = .string(detail)
        members["code"] = .string(code)
        members["remedy"] = .string(remedy)
        return .object(members)
    }
}

extension HTTPRefusal {
    static func malformed(_ detail: String, remedy: String = "send a well-formed HTTP/1.1 request") -> HTTPRefusal {
        HTTPRefusal(400, code: "malformed_request", detail, remedy: remedy)
    }

    static func bodyTooLarge(limit: Int) -> HTTPRefusal {
        HTTPRefusal(
            413, code: "body_too_large", "the body is larger than \(limit) bytes", remedy: "send at most \(limit) bytes"
        )
    }

    static func requestLineTooLong(limit: Int) -> HTTPRefusal {
        HTTPRefusal(
            414, code: "request_line_too_long", "the request line is longer than \(limit) bytes",
            remedy: "use a shorter path and query")
    }

    static func headersTooLarge(_ limits: ServerLimits) -> HTTPRefusal {
        HTTPRefusal(
            431, code: "headers_too_large",
            "the head has more than \(limits.headerFields) header lines or \(limits.headerBytes) bytes of them",
            remedy: "send fewer and shorter headers")
    }

    static func tooSlow(_ part: String) -> HTTPRefusal {
        HTTPRefusal(
            408, code: "request_timeout", "the \(part) did not arrive in time",
            remedy: "send the whole request without pauses")
    }

    static let foreignHost = HTTPRefusal(
        403, code: "foreign_host", "the Host header names neither this machine's loopback nor a listed host",
        remedy: "use http://127.0.0.1 or http://localhost, or list the host in EXECUTION_ALLOWED_HOSTS")

    static let foreignOrigin = HTTPRefusal(
        403, code: "foreign_origin", "the request comes from a page of another origin",
        remedy: "call from the daemon's own pages, or from a program that sends no Origin header")

    static let unsupportedMediaType = HTTPRefusal(
        415, code: "unsupported_media_type", "a body must be application/json in UTF-8",
        remedy: "send the header Content-Type: application/json")

    static let unknownExpectation = HTTPRefusal(
        417, code: "unknown_expectation", "the only expectation that is understood is 100-continue",
        remedy: "leave the Expect header out")

    static let notFound = HTTPRefusal(
        404, code: "not_found", "there is no such path", remedy: "see GET /api/v1/execution/tools and the documentation"
    )

    static func methodNotAllowed(_ allow: String) -> HTTPRefusal {
        HTTPRefusal(
            405, code: "method_not_allowed", "the path does not answer this method", remedy: "use \(allow)",
            allow: allow)
    }

    static let overloaded = HTTPRefusal(
        503, code: "overloaded", "too many requests are being answered", remedy: "try again in a second",
        retryAfterSeconds: 1)

    static let tooManyConnections = HTTPRefusal(
        503, code: "too_many_connections", "too many connections are open",
        remedy: "close some, and try again in a second",
        retryAfterSeconds: 1)

    /// A fault of ours: loud in the log, one bland sentence outside.
    static let internalError = HTTPRefusal(
        500, code: "internal_error", "the daemon could not answer this request", remedy: "see the daemon's log")
}
