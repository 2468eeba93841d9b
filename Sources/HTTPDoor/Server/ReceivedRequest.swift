internal import HummingbirdCore
internal import NIOCore

/// A request as it came over the wire.
struct ReceivedRequest: Sendable {
    let request: Request
    /// The body, when all of it came in with the head; it is the request's body too.
    let body: ByteBuffer?
    /// The other end's numeric address without port.
    let peer: String
}
