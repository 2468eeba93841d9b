/// Which hosts a rule speaks of: one host, or everything below a name (`*.example.org`, which is not `example.org` itself).
public enum HostPattern: Sendable, Hashable {
    case exact(WebHost)
    /// With the dot in front: `.example.org`.
    case below(String)

    /// - Throws: ``WebURLError`` with a clause that follows the pattern.
    public init(_ text: String) throws(WebURLError) {
        guard text.hasPrefix("*") else {
            self = .exact(try WebHost(text))
            return
        }
        guard text.hasPrefix("*.") else {
            throw WebURLError("has a '*' that does not stand for whole names; write \"*.example.org\"")
        }
        guard case .name(let name) = try WebHost(text.dropFirst(2)) else {
            throw WebURLError("has a '*' in front of an address; write addresses one by one")
        }
        // What everybody can register below says nothing about who answers.
        guard name.contains(".") else {
            throw WebURLError("is far too broad; name at least two parts, such as \"*.example.org\"")
        }
        self = .below("." + name)
    }

    public func matches(_ host: WebHost) -> Bool {
        switch self {
        case .exact(let own): own == host
        case .below(let suffix):
            if case .name(let name) = host {
                name.utf8.count > suffix.utf8.count && name.hasSuffix(suffix)
            } else {
                false
            }
        }
    }

    /// Whether it names one address: that is reached wherever it is.
    public var isAddress: Bool { if case .exact(.address) = self { true } else { false } }

    public var isExact: Bool { if case .exact = self { true } else { false } }
}

extension HostPattern: CustomStringConvertible {
    public var description: String {
        switch self {
        case .exact(let host): host.description
        case .below(let suffix): "*" + suffix
        }
    }
}
