/// What a call finds that has a network of its own: nothing but `lo`, and there one port with a proxy behind it that the
/// daemon serves from outside. Names, addresses and datagrams lead nowhere from inside.
package enum GuardedNetwork {
    /// The same number as in `protocol.h`. In each call it is another socket.
    package static let port = 3_128
    /// HTTP and SOCKS5 are both understood there.
    package static let host = "127.0.0.1"

    /// What programs look for, in both spellings. Names are left to the proxy.
    package static let environment: [String: String] = {
        let http = "http://\(host):\(port)"
        let variables = [
            "HTTP_PROXY": http, "HTTPS_PROXY": http, "ALL_PROXY": "socks5h://\(host):\(port)", "NO_PROXY": "",
        ]
        return variables.reduce(into: variables) { $0[$1.key.lowercased()] = $1.value }
    }()
}

/// Takes the listener of a call's own network over: a TCP socket that listens already and does not block. Connections that
/// are accepted from it come from inside of the call. Called at most once for a call, before or while its program starts,
/// on the one thread that reads for all calls; so it must hand over and return at once. It may come as late as the end of
/// the call.
package typealias ListenerTaker = @Sendable (Int32) -> Void
