/// A token as it is kept: its hash, never itself.
package struct TokenRecord: Sendable, Hashable {
    package let id: String
    /// Unique among all tokens ever made, revoked ones included, so that a name in the audit means one token.
    package let name: String
    package let role: Role
    package let tools: [String]?
    /// SHA-256 of the token, 32 bytes.
    package let hash: [UInt8]
    /// Unix seconds.
    package let createdAt: Double
    package let expiresAt: Double?
    package var revokedAt: Double?

    package init(
        id: String, name: String, role: Role, tools: [String]?, hash: [UInt8], createdAt: Double, expiresAt: Double?,
        revokedAt: Double? = nil
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.tools = tools
        self.hash = hash
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }

    package func isValid(at wall: Double) -> Bool {
        revokedAt == nil && (expiresAt.map { wall < $0 } ?? true)
    }
}

/// Keeps token records. Both conformers promise: what `insert` or `revoke` returned from survives a crash.
package protocol TokenStore: Sendable {
    /// All records ever made, oldest first.
    func tokens() async throws -> [TokenRecord]
    func insert(_ token: TokenRecord) async throws
    func revoke(id: String, at wall: Double) async throws
}
