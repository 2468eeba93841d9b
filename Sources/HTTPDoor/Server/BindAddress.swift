/// Where the server listens.
package struct BindAddress: Sendable, Hashable {
    /// A name or a numeric address, IPv6 without brackets.
    package var host: String
    /// 0 lets the system choose.
    package var port: Int

    package init(host: String, port: Int) {
        if host.hasPrefix("["), host.hasSuffix("]") {
            self.host = String(host.dropFirst().dropLast())
        } else {
            self.host = host
        }
        self.port = port
    }

    /// Whether only this machine can reach it. Anything else needs a token and an explicit wish (SECURITY R51).
    package var isLoopback: Bool { HostRule.isLoopbackName(host.lowercased()) || host == "::1" }

    /// As people write it: `127.0.0.1:8000`, `[::1]:8000`.
    package var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
