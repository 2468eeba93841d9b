/// Which `Host` headers are ours (SECURITY R48, against DNS rebinding) and which origins may call (R49, against
/// cross-site requests).
package struct HostRule: Sendable {
    private let allowed: Set<String>
    private let scheme: String

    /// - Parameters:
    ///   - allowed: The entries of `EXECUTION_ALLOWED_HOSTS`: `host` for any port, or `host:port`.
    ///   - scheme: `http`, or `https` when the server speaks TLS.
    package init(allowed: [String] = [], scheme: String = "http") {
        self.allowed = Set(allowed.map { $0.lowercased() })
        self.scheme = scheme
    }

    /// Whether a request with this `Host` is meant for us: a loopback name or address with any port, or a listed host.
    package func admits(_ host: String) -> Bool {
        let host = host.lowercased()
        guard let name = Self.name(of: host) else { return false }
        return Self.isLoopbackName(name) || name == "[::1]" || allowed.contains(host) || allowed.contains(String(name))
    }

    /// Whether `origin` is the very origin that `host` names under our scheme.
    package func isSameOrigin(_ origin: String, host: String) -> Bool {
        let prefix = scheme + "://"
        let origin = origin.lowercased()
        guard origin.hasPrefix(prefix) else { return false }
        return withoutDefaultPort(origin.dropFirst(prefix.count)) == withoutDefaultPort(host.lowercased()[...])
    }

    private func withoutDefaultPort(_ host: Substring) -> Substring {
        let suffix = scheme == "https" ? ":443" : ":80"
        return host.hasSuffix(suffix) ? host.dropLast(suffix.count) : host
    }

    /// The host without its port; `nil` when it is neither a name nor a bracketed address, or the port is no number.
    private static func name(of host: String) -> Substring? {
        let text = host[...]
        let utf8 = text.utf8
        let end: Substring.Index
        if utf8.first == UInt8(ascii: "[") {
            guard let bracket = utf8.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            end = utf8.index(after: bracket)
        } else {
            end = utf8.firstIndex(of: UInt8(ascii: ":")) ?? utf8.endIndex
            guard utf8[..<end].allSatisfy(isNameByte), end > utf8.startIndex else { return nil }
        }
        if end == utf8.endIndex { return text }
        let port = utf8[utf8.index(after: end)...]
        guard utf8[end] == UInt8(ascii: ":"), 1...5 ~= port.count,
            port.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        return text[..<end]
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// `localhost`, a name below it, or a dotted address of 127.0.0.0/8 in its plain spelling; lower case, without port.
    static func isLoopbackName(_ name: some StringProtocol) -> Bool {
        if name == "localhost" || name.hasSuffix(".localhost") { return true }
        guard name.hasPrefix("127.") else { return false }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                guard 1...3 ~= part.utf8.count, part.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let value = Int(part)
                else {
                    return false
                }
                return value <= 255 && (part.utf8.count == 1 || part.utf8.first != 0x30)
            }
    }
}
