package import HummingbirdCore
package import NIOCore
package import ToolKit

/// A request on its way to the handler of its route.
package struct RouteRequest: Sendable {
    package let request: Request
    /// The segments of the path that the route's pattern leaves open, by name, as they were sent.
    package let parameters: [String: String]
    /// The peer's numeric address without port.
    package let peer: String
    /// For answers that last: to close it, and to learn that it was closed.
    package let channel: any Channel

    /// The body, when it came in with its head and is small.
    private let body: ByteBuffer?

    init(_ received: ReceivedRequest, parameters: [String: String], channel: any Channel) {
        request = received.request
        self.parameters = parameters
        peer = received.peer
        self.channel = channel
        body = received.body.flatMap { 1...JSONBody.quickBytes ~= $0.readableBytes ? $0 : nil }
    }

    /// The body as JSON; see ``JSONBody``.
    package func json() async throws -> JSONValue {
        if let body { return try JSONBody.parse(body) }
        return try await JSONBody.read(request.body)
    }

    /// The body as JSON, or `nil` when there is none.
    package func optionalJSON() async throws -> JSONValue? { try await JSONBody.readIfPresent(request.body) }
}
