/// Where a daemon answers: `http` or `https`, a host, a port, and nothing else.
struct DaemonAddress: Sendable, Hashable {
    enum Scheme: String, Sendable {
        case http
        case https
    }

    let scheme: Scheme
    /// As in a URL: an IPv6 address stands in brackets.
    let host: String
    let port: Int

    static let standard = DaemonAddress(scheme: .http, host: "127.0.0.1", port: 8_000)

    private init(scheme: Scheme, host: String, port: Int) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    /// - Parameter text: `http://127.0.0.1:8000`; a slash at the end passes. User names, paths, queries and fragments are
    ///   refused rather than dropped.
    /// - Throws: ``ClientFailure/badAddress(_:)`` without the text, which may hold a password.
    init(_ text: String) throws(ClientFailure) {
        let lowered = text.lowercased()
        let scheme: Scheme
        let rest: Substring
        if lowered.hasPrefix("http://") {
            (scheme, rest) = (.http, lowered.dropFirst(7))
        } else if lowered.hasPrefix("https://") {
            (scheme, rest) = (.https, lowered.dropFirst(8))
        } else {
            throw .badAddress("must start with http:// or https://")
        }
        let authority = rest.hasSuffix("/") ? rest.dropLast() : rest
        guard !authority.contains("@") else { throw .badAddress("must not hold a user name or password") }
        guard !authority.contains(where: { "/?#\\".contains($0) }) else {
            throw .badAddress("must be scheme, host and port only, without a path or query")
        }
        (host, port) = try Self.hostAndPort(authority, scheme)
        self.scheme = scheme
    }

    private static func hostAndPort(
        _ authority: Substring, _ scheme: Scheme
    ) throws(ClientFailure) -> (host: String, port: Int) {
        let host: Substring
        let portText: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw .badAddress("has a '[' that is not closed") }
            host = authority[...end]
            let after = authority[authority.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw .badAddress("has text after the ']'") }
            portText = after.isEmpty ? nil : after.dropFirst()
            guard host.count > 2, host.dropFirst().dropLast().allSatisfy({ $0.isHexDigit || ":.".contains($0) }) else {
                throw .badAddress("has no IPv6 address between the brackets")
            }
        } else {
            let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else { throw .badAddress("must have an IPv6 address in brackets") }
            host = parts[0]
            portText = parts.count == 2 ? parts[1] : nil
            guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(isHostByte) else {
                throw .badAddress("has no host name of letters, digits, '.', '-' and '_'")
            }
        }
        guard let portText else { return (String(host), scheme == .http ? 80 : 443) }
        guard portText.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let port = Int(portText), 1...65_535 ~= port else {
            throw .badAddress("has a port that is not from 1 to 65535")
        }
        return (String(host), port)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// Whether what is sent there stays on this machine.
    var isLoopback: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension DaemonAddress: CustomStringConvertible {
    var description: String { "\(scheme.rawValue)://\(host):\(port)" }
}
