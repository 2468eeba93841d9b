/// Hosts that a caller wants a call to be kept to. It narrows what policy opens and never widens it.
public struct HostAllowlist: Sendable, Hashable {
    private enum Host: Sendable, Hashable {
        case exact(WebHost)
        /// With the dot in front.
        case below(String)
    }

    private struct Entry: Sendable, Hashable {
        let host: Host
        /// `nil`: any.
        let port: Int?
    }

    private let entries: [Entry]

    /// - Parameter texts: `host`, `host:port`, `*.example.org` for what lies below a name, or a URL, of which host and port
    ///   count.
    /// - Throws: ``WebURLError`` with the place of what is wrong.
    public init(_ texts: [String]) throws(WebURLError) {
        var entries: [Entry] = []
        for (place, text) in texts.enumerated() {
            do throws(WebURLError) {
                entries.append(try Self.entry(text))
            } catch {
                throw WebURLError("entry \(place + 1) \(error)")
            }
        }
        self.entries = entries
    }

    private static func entry(_ text: String) throws(WebURLError) -> Entry {
        if text.contains("/") {
            let url = try WebURL(text)
            return Entry(host: .exact(url.host), port: url.port)
        }
        let tail = text.hasPrefix("[") ? text.firstIndex(of: "]") ?? text.startIndex : text.startIndex
        guard let colon = text[tail...].firstIndex(of: ":") else { return Entry(host: try host(text), port: nil) }
        return Entry(
            host: try host(String(text[..<colon])), port: try WebURL.readPort(text[text.index(after: colon)...]))
    }

    private static func host(_ text: String) throws(WebURLError) -> Host {
        guard text.hasPrefix("*.") else { return .exact(try WebHost(text)) }
        guard case .name(let name) = try WebHost(text.dropFirst(2)) else {
            throw WebURLError("has a '*' in front of an address")
        }
        return .below("." + name)
    }

    public func contains(_ endpoint: WebEndpoint) -> Bool {
        entries.contains { entry in
            guard entry.port == nil || entry.port == endpoint.port else { return false }
            return switch (entry.host, endpoint.host) {
            case (.exact(let own), let other): own == other
            case (.below(let suffix), .name(let name)): name.hasSuffix(suffix) && name != suffix
            case (.below, .address): false
            }
        }
    }
}
