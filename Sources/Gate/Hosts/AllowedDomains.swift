package import ToolKit

/// `AUTOMATION_ALLOWED_DOMAINS`: hosts that may be reached beside those of `policy.yaml`. Empty means none.
package struct AllowedDomains: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package let pattern: HostPattern
        /// `nil`: 80 and 443, and any port where the host is private.
        package let port: Int?
    }

    package static let variable = "AUTOMATION_ALLOWED_DOMAINS"
    package static let none = AllowedDomains()
    static let limit = 1_000

    package let entries: [Entry]

    private init() { entries = [] }

    /// - Parameter text: `host` or `host:port` between commas; `*.example.org` for what lies below a name.
    /// - Throws: ``WebURLError`` with the place of what is wrong.
    package init(_ text: String) throws(WebURLError) {
        var entries: [Entry] = []
        let parts = text.split(separator: ",").map { part in
            part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        }
        guard parts.count <= Self.limit else { throw WebURLError("lists more than \(Self.limit) hosts") }
        for (place, part) in parts.enumerated() where !part.isEmpty {
            do throws(WebURLError) {
                entries.append(try Self.entry(String(part)))
            } catch {
                throw WebURLError("entry \(place + 1) \(error)")
            }
        }
        self.entries = entries
    }

    private static func entry(_ text: String) throws(WebURLError) -> Entry {
        guard !text.contains("/"), !text.contains("@") else {
            throw WebURLError("must be a host or host:port, without scheme, user and path")
        }
        let tail = text.hasPrefix("[") ? text.firstIndex(of: "]") ?? text.startIndex : text.startIndex
        guard let colon = text[tail...].firstIndex(of: ":") else {
            return Entry(pattern: try HostPattern(text), port: nil)
        }
        return Entry(
            pattern: try HostPattern(String(text[..<colon])),
            port: try WebURL.readPort(text[text.index(after: colon)...]))
    }

    func matches(_ endpoint: WebEndpoint) -> [EgressMatch] {
        entries.compactMap { entry in
            guard entry.pattern.matches(endpoint.host), entry.port == nil || entry.port == endpoint.port else {
                return nil
            }
            let isUsual = entry.port != nil || endpoint.port == 80 || endpoint.port == 443
            // Whoever answers for names below another chooses their addresses: only a whole name lists a private host.
            guard isUsual || entry.pattern.isExact else { return nil }
            return EgressMatch(
                rule: Self.variable, verdict: .allow, endpoint: endpoint,
                reach: !entry.pattern.isExact ? .public : isUsual ? .anywhere : .privateOnly,
                reason: "the environment lists it", pattern: entry.pattern.description)
        }
    }
}
