package import HummingbirdCore
package import ToolKit

/// A request on its way to the handler of its route.
package struct RouteRequest: Sendable {
    package let request: Request
    /// The segments of the path that the route's pattern leaves open, by name, as they were sent.
    package let parameters: [String: String]
    /// The peer's numeric address without port.
    package let peer: String

    package init(request: Request, parameters: [String: String], peer: String) {
        self.request = request
        self.parameters = parameters
        self.peer = peer
    }

    /// The body as JSON; see ``JSONBody``.
    package func json() async throws -> JSONValue { try await JSONBody.read(request.body) }

    /// The body as JSON, or `nil` when there is none.
    package func optionalJSON() async throws -> JSONValue? { try await JSONBody.readIfPresent(request.body) }
}
