internal import NIOCore

/// How much one call may ask of its proxy.
package struct ProxyLimits: Sendable, Hashable {
    /// Connections at once; one more is closed at once.
    package var connections = 64
    /// For whoever connects to say what it wants, and for an address to be found for it.
    package var asking = Duration.seconds(10)
    /// For one address to answer; up to four are tried.
    package var connecting = Duration.seconds(5)
    /// Without a byte either way.
    package var idle = Duration.seconds(120)
    /// Of one connection.
    package var whole = Duration.seconds(3_600)

    /// Connections at once of all calls together: each takes two descriptors of the daemon's.
    static let connectionsOfAll = 256

    package init() {}
}

extension Duration {
    var amount: TimeAmount {
        let (seconds, attoseconds) = components
        return .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
