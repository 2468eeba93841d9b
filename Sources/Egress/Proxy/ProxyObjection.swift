internal import ToolKit

/// Why a program does not get the connection that it asks for.
struct ProxyObjection: Error, Sendable, Hashable {
    /// As in a failure of a tool.
    let code: String
    /// The status of an HTTP answer.
    let status: Int
    /// One sentence without a full stop.
    let message: String
    let remedy: String
    /// The reply code of SOCKS (RFC 1928).
    let socks: UInt8

    private init(_ code: String, _ status: Int, _ socks: UInt8, _ message: String, _ remedy: String) {
        self.code = code
        self.status = status
        self.socks = socks
        self.message = message
        self.remedy = remedy
    }

    static func policy(_ message: String, remedy: String) -> ProxyObjection {
        ProxyObjection("policy_blocked", 403, 2, message, remedy)
    }

    static let honeytoken = ProxyObjection(
        "honeytoken", 403, 2,
        "the request holds a false credential that is planted in the sandbox; it was not sent",
        "a person decides about the incident in the inbox")

    /// - Parameter clause: Follows "the request".
    static func malformed(_ clause: String, status: Int = 400, socks: UInt8 = 1) -> ProxyObjection {
        ProxyObjection(
            "malformed_request", status, socks, "the request to the proxy \(clause)",
            "speak HTTP or SOCKS5 to it, as the variables of the environment say")
    }

    static func notSupported(_ clause: String, socks: UInt8, status: Int = 501) -> ProxyObjection {
        ProxyObjection(
            "not_supported", status, socks, "the request to the proxy \(clause)",
            "use CONNECT, plain HTTP, or the command CONNECT of SOCKS5")
    }

    /// - Parameter clause: Follows "the request" about a host in it.
    static func host(_ error: WebURLError) -> ProxyObjection {
        ProxyObjection(
            "policy_blocked", 403, 2, "the request to the proxy \(error)",
            "name the host in its one canonical form")
    }

    static func unresolved(_ endpoint: WebEndpoint) -> ProxyObjection {
        ProxyObjection(
            "name_not_found", 502, 4, "the host of \(endpoint) has no address",
            "look at the spelling, and whether this machine has a network")
    }

    static func unreachable(_ endpoint: WebEndpoint) -> ProxyObjection {
        ProxyObjection(
            "unreachable", 502, 5, "\(endpoint) cannot be connected to",
            "look at host and port, and whether something answers there")
    }

    /// A whole answer of HTTP, after which nothing follows.
    var answer: String {
        let reasons = [
            400: "Bad Request", 403: "Forbidden", 411: "Length Required", 431: "Request Header Fields Too Large",
            501: "Not Implemented", 502: "Bad Gateway",
        ]
        let body = "\(message): \(remedy)\n"
        return "HTTP/1.1 \(status) \(reasons[status] ?? "Refused")\r\ncontent-type: text/plain; charset=utf-8\r\n"
            + "content-length: \(body.utf8.count)\r\nconnection: close\r\n\r\n" + body
    }
}
