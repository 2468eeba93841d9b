/// A URL that may be fetched, in its one canonical form: `http` or `https`, a host that every reader understands alike, a
/// port, and what is asked for (SECURITY R38).
public struct WebURL: Sendable, Hashable {
    public enum Scheme: String, Sendable, Hashable, CaseIterable {
        case http
        case https

        public var defaultPort: Int { self == .http ? 80 : 443 }
    }

    public let scheme: Scheme
    public let host: WebHost
    public let port: Int
    /// Path and query, ASCII, beginning with a slash. A fragment is never sent.
    public let target: String

    public static let lengthLimit = 8_192

    /// - Throws: ``WebURLError`` that says what is wrong, without the URL's own text.
    public init(_ text: String) throws(WebURLError) {
        try Self.check(text)
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            let scheme = Scheme(rawValue: text[..<colon].lowercased())
        else { throw WebURLError("must begin with http:// or https://") }
        let rest = text[text.utf8.index(after: colon)...]
        guard rest.hasPrefix("//") else { throw WebURLError("must have // behind its scheme") }
        let end = rest.utf8.dropFirst(2).firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
        self.scheme = scheme
        (host, port) = try Self.authority(rest[rest.utf8.index(rest.startIndex, offsetBy: 2)..<end], scheme)
        target = Self.target(rest[end...])
    }

    private init(_ other: WebURL, target: String) {
        (scheme, host, port) = (other.scheme, other.host, other.port)
        self.target = target
    }

    /// What is asked of the rules.
    public var endpoint: WebEndpoint { WebEndpoint(scheme: scheme, host: host, port: port) }

    private static func check(_ text: String) throws(WebURLError) {
        guard text.utf8.count <= lengthLimit else { throw WebURLError("is longer than \(lengthLimit) bytes") }
        for byte in text.utf8 {
            guard byte >= 0x20, byte != 0x7F else { throw WebURLError("holds a control character") }
            guard byte != UInt8(ascii: "\\") else { throw WebURLError("holds a backslash") }
        }
    }

    private static func authority(
        _ text: Substring, _ scheme: Scheme
    ) throws(WebURLError) -> (WebHost, Int) {
        guard !text.utf8.contains(UInt8(ascii: "@")) else {
            throw WebURLError("holds a user or a password in front of its host, which are never sent")
        }
        var host = text
        var port = scheme.defaultPort
        let afterBracket = text.hasPrefix("[") ? text.utf8.firstIndex(of: UInt8(ascii: "]")) : text.startIndex
        if let from = afterBracket, let colon = text[from...].utf8.firstIndex(of: UInt8(ascii: ":")) {
            host = text[..<colon]
            port = try Self.readPort(text[text.utf8.index(after: colon)...])
        }
        return (try WebHost(host), port)
    }

    /// A port as it stands behind a colon.
    public static func readPort(_ text: some StringProtocol) throws(WebURLError) -> Int {
        guard 1...5 ~= text.utf8.count, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), text.utf8.first != 0x30,
            let port = Int(text), port <= 65_535
        else { throw WebURLError("has a port that is no number from 1 to 65535") }
        return port
    }

    /// Path and query with what must not stand in a request line as `%XX`.
    private static func target(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = text.utf8.first == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]
        for byte in text.utf8.prefix(while: { $0 != UInt8(ascii: "#") }) {
            if 0x21...0x7E ~= byte, !"\"<>`{|}^".utf8.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += Array("%".utf8) + Hex.encode([byte]).uppercased().utf8
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension WebURL {
    /// Where a reference in an answer from here leads: the `Location` of a redirect, a link of a page.
    ///
    /// - Throws: ``WebURLError`` for anything that is no URL to be fetched, such as `mailto:`.
    public func resolving(_ reference: String) throws(WebURLError) -> WebURL {
        // What browsers do with the white space that pages have around and inside of addresses.
        let text = String(
            reference.unicodeScalars.filter { $0 != "\n" && $0 != "\r" && $0 != "\t" }
                .trimmingPrefix { $0.value <= 0x20 }
                .reversed().trimmingPrefix { $0.value <= 0x20 }.reversed().map(Character.init))
        if Self.hasScheme(text) { return try WebURL(text) }
        if text.hasPrefix("//") { return try WebURL("\(scheme.rawValue):\(text)") }
        try Self.check(text)
        let path = target.prefix { $0 != "?" }
        switch text.utf8.first {
        case nil, UInt8(ascii: "#"): return self
        case UInt8(ascii: "?"): return WebURL(self, target: Self.target(path + text))
        case UInt8(ascii: "/"): return WebURL(self, target: Self.target(Self.withoutDots(text)))
        default:
            let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[...$0] } ?? "/"
            return WebURL(self, target: Self.target(Self.withoutDots(folder + text)))
        }
    }

    private static func hasScheme(_ text: String) -> Bool {
        guard let end = text.utf8.firstIndex(where: { ":/?#".utf8.contains($0) }), text.utf8[end] == UInt8(ascii: ":"),
            let first = text.unicodeScalars.first, first.isASCII, first.properties.isAlphabetic
        else { return false }
        return text[..<end].utf8.allSatisfy { byte in
            0x61...0x7A ~= byte | 0x20 || 0x30...0x39 ~= byte || "+-.".utf8.contains(byte)
        }
    }

    /// Takes `.` and `..` out of a path, as RFC 3986 does; query and fragment stay.
    private static func withoutDots(_ text: some StringProtocol) -> String {
        let end = text.utf8.firstIndex { "?#".utf8.contains($0) } ?? text.endIndex
        var kept: [Substring] = []
        let parts = String(text[..<end]).split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (place, part) in parts.enumerated() {
            let isLast = place == parts.count - 1
            switch part.lowercased() {
            case ".", "%2e": if isLast { kept.append("") }
            case "..", ".%2e", "%2e.", "%2e%2e":
                _ = kept.popLast()
                if isLast { kept.append("") }
            default: kept.append(part)
            }
        }
        return "/" + kept.joined(separator: "/") + text[end...]
    }
}

extension WebURL: CustomStringConvertible {
    public var description: String { "\(endpoint)\(target)" }
}

/// Whom a request is sent to.
public struct WebEndpoint: Sendable, Hashable, CustomStringConvertible {
    public let scheme: WebURL.Scheme
    public let host: WebHost
    public let port: Int

    public init(scheme: WebURL.Scheme, host: WebHost, port: Int) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    /// `https://example.com`, with the port where it is not the scheme's own.
    public var description: String {
        "\(scheme.rawValue)://\(host)" + (port == scheme.defaultPort ? "" : ":\(port)")
    }

    public var json: JSONValue {
        ["scheme": .string(scheme.rawValue), "host": .string(host.description), "port": .integer(port)]
    }
}

/// Why a text is no URL to be fetched.
public struct WebURLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A clause that follows "the URL", free of the URL's own text.
    public let description: String

    public init(_ description: String) { self.description = description }

    /// As the outcome of a tool.
    public var failure: ToolFailure {
        ToolFailure(
            "invalid_url", "the URL \(description)", remedy: "send a plain URL such as https://example.com/page")
    }
}
