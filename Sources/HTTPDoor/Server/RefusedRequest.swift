/// What the audit wants to know about a request that got no further than the door (SECURITY R59).
package struct RefusedRequest: Sendable, Hashable {
    /// The peer's numeric address without port; all of this machine is one peer.
    package let peer: String
    /// Empty when the request line was not understood.
    package let method: String
    /// Without query, at most 200 bytes, as it was sent; empty when the request line was not understood.
    package let path: String
    package let status: Int
    package let code: String

    static let longestPath = 200

    /// `path` without its query and cut to what an entry keeps.
    static func shortened(_ path: String) -> String {
        let end = path.utf8.firstIndex(of: UInt8(ascii: "?")) ?? path.endIndex
        return String(path[..<end].prefix(longestPath))
    }
}

/// Told of a refused request before its answer is sent; the answer waits for it.
package typealias RefusalObserver = @Sendable (RefusedRequest) async -> Void
