internal import ToolKit

/// What a program asks of the proxy in HTTP: the way to a host, or one request to be passed on. Whatever two readers could
/// understand differently is an objection (SECURITY R38, R42).
struct ProxyRequest: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// Bytes both ways from here on.
        case tunnel
        /// The head as the server gets it, and how many bytes of body follow.
        case plain(head: [UInt8], body: Int)
    }

    static let headLimit = 32 << 10
    static let fieldLimit = 100

    let host: WebHost
    let port: Int
    let kind: Kind

    /// - Parameter head: Everything up to the empty line, that line included.
    /// - Throws: ``ProxyObjection``.
    init(head: [UInt8]) throws(ProxyObjection) {
        var lines = try Self.lines(head)
        let words = lines.removeFirst().split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 3, words.allSatisfy({ $0.allSatisfy { 0x21...0x7E ~= $0 } }),
            Self.isToken(words[0]), ["HTTP/1.1", "HTTP/1.0"].contains(String(decoding: words[2], as: UTF8.self))
        else { throw .malformed("does not begin with a method, a target and HTTP/1.1") }
        let fields = try Self.fields(lines)
        let target = String(decoding: words[1], as: UTF8.self)
        if words[0].elementsEqual("CONNECT".utf8) {
            let (host, port) = try Self.authority(target[...])
            guard let port else { throw .malformed("names no port to connect to") }
            try Self.agree(fields, host, port, otherwise: port)
            (self.host, self.port, kind) = (host, port, .tunnel)
            return
        }
        guard !target.hasPrefix("/"), target != "*" else {
            throw .malformed("does not name a whole URL, and there is no server here but a proxy")
        }
        let url = try Self.url(target)
        try Self.agree(fields, url.host, url.port, otherwise: url.scheme.defaultPort)
        let length = try Self.length(fields)
        (host, port) = (url.host, url.port)
        kind = .plain(head: Self.forwarded(words[0], url, fields), body: length)
    }

    private static func url(_ text: String) throws(ProxyObjection) -> WebURL {
        let url: WebURL
        do throws(WebURLError) {
            url = try WebURL(text)
        } catch {
            throw .host(error)
        }
        guard url.scheme == .http else { throw .malformed("wants TLS made by the proxy; use CONNECT for https") }
        return url
    }

    /// `host:port`, the port `nil` where there is none.
    static func authority(_ text: Substring) throws(ProxyObjection) -> (WebHost, Int?) {
        let from =
            text.hasPrefix("[") ? text.utf8.firstIndex(of: UInt8(ascii: "]")) ?? text.startIndex : text.startIndex
        do throws(WebURLError) {
            guard let colon = text.utf8[from...].firstIndex(of: UInt8(ascii: ":")) else {
                return (try WebHost(text), nil)
            }
            return (try WebHost(text[..<colon]), try WebURL.readPort(text[text.utf8.index(after: colon)...]))
        } catch {
            throw .host(error)
        }
    }

    // MARK: Fields

    private struct Field {
        let name: String
        let value: ArraySlice<UInt8>
    }

    private static func lines(_ head: [UInt8]) throws(ProxyObjection) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = head[...]
        while let end = rest.firstIndex(of: 0x0D) {
            let line = rest[..<end]
            guard rest.index(after: end) < rest.endIndex, rest[end + 1] == 0x0A, !line.contains(0x0A) else { break }
            rest = rest[(end + 2)...]
            if line.isEmpty { break }
            lines.append(line)
        }
        guard rest.isEmpty, !lines.isEmpty, head.suffix(4).elementsEqual([13, 10, 13, 10]) else {
            throw .malformed("has lines that do not end as HTTP's do")
        }
        guard lines.count <= fieldLimit + 1 else { throw .malformed("has too many fields", status: 431) }
        return lines
    }

    private static func fields(_ lines: [ArraySlice<UInt8>]) throws(ProxyObjection) -> [Field] {
        var fields: [Field] = []
        for line in lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]) else {
                throw .malformed("has a line that is no field")
            }
            let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            let end = value.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? value.startIndex
            guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw .malformed("has control characters in a field")
            }
            fields.append(
                Field(name: String(decoding: line[..<colon], as: UTF8.self).lowercased(), value: value[..<end]))
        }
        return fields
    }

    private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// What is judged is the target; a Host that says something else would reach somebody else behind the same address.
    private static func agree(
        _ fields: [Field], _ host: WebHost, _ port: Int, otherwise usual: Int
    ) throws(ProxyObjection) {
        let given = fields.filter { $0.name == "host" }
        guard given.count <= 1 else { throw .malformed("has two Host fields") }
        guard let field = given.first else { return }
        let text = String(decoding: field.value, as: UTF8.self)
        guard let (named, number) = try? authority(text[...]), named == host, (number ?? usual) == port else {
            throw .malformed("has a Host field that is not the host of its target")
        }
    }

    private static func length(_ fields: [Field]) throws(ProxyObjection) -> Int {
        guard !fields.contains(where: { $0.name == "transfer-encoding" }) else {
            throw .malformed("does not say how long its body is", status: 411)
        }
        let given = fields.filter { $0.name == "content-length" }
        guard let first = given.first else { return 0 }
        guard given.count == 1, 1...15 ~= first.value.count, first.value.allSatisfy({ 0x30...0x39 ~= $0 }),
            let length = Int(String(decoding: first.value, as: UTF8.self))
        else { throw .malformed("has a Content-Length that is no one number") }
        return length
    }

    /// Fields that speak of this connection, and not of the request.
    private static let ownFields: Set<String> = [
        "connection", "proxy-connection", "proxy-authorization", "proxy-authenticate", "keep-alive", "te", "trailer",
        "upgrade", "host",
    ]

    private static func forwarded(_ method: ArraySlice<UInt8>, _ url: WebURL, _ fields: [Field]) -> [UInt8] {
        let listed = fields.filter { $0.name == "connection" }.flatMap { field in
            String(decoding: field.value, as: UTF8.self).lowercased().split { ", \t".contains($0) }.map(String.init)
        }
        let dropped = ownFields.union(listed).subtracting(["content-length"])
        let isUsual = url.port == url.scheme.defaultPort
        var head =
            Array(method)
            + Array(" \(url.target) HTTP/1.1\r\nHost: \(url.host)\(isUsual ? "" : ":\(url.port)")\r\n".utf8)
        for field in fields where !dropped.contains(field.name) {
            head += Array("\(field.name): ".utf8) + field.value + [13, 10]
        }
        return head + Array("connection: close\r\n\r\n".utf8)
    }
}
