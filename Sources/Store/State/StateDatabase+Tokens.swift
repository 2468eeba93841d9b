package import Gate
internal import Foundation
internal import GRDB
internal import ToolKit

extension StateDatabase: TokenStore {
    package func tokens() async throws -> [TokenRecord] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM tokens ORDER BY created_at, rowid").compactMap(Self.token)
        }
    }

    package func insert(_ token: TokenRecord) async throws {
        let tools = token.tools.map { JSONWriter.write(.array($0.map(JSONValue.string))) }
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO tokens (id, name, role, tools, hash, created_at, expires_at, revoked_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    token.id, token.name, token.role.rawValue, tools.map { String(decoding: $0, as: UTF8.self) },
                    Data(token.hash), token.createdAt, token.expiresAt, token.revokedAt,
                ])
        }
    }

    package func revoke(id: String, at wall: Double) async throws {
        try await write { database in
            try database.execute(
                sql: "UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", arguments: [wall, id])
        }
    }

    /// A row whose role this version does not know is kept as a viewer's that is revoked: known, and good for nothing.
    private static func token(_ row: Row) -> TokenRecord? {
        let hash: Data = row["hash"]
        let tools: String? = row["tools"]
        let role = Role(rawValue: row["role"])
        var record = TokenRecord(
            id: row["id"], name: row["name"], role: role ?? .viewer, tools: tools.map(Self.names), hash: Array(hash),
            createdAt: row["created_at"], expiresAt: row["expires_at"], revokedAt: row["revoked_at"])
        if role == nil { record.revokedAt = record.revokedAt ?? record.createdAt }
        return record
    }

    /// Unreadable means none, never all.
    private static func names(_ text: String) -> [String] {
        guard let value = try? JSONReader.read(text) else { return [] }
        return value.arrayValue?.compactMap(\.stringValue) ?? []
    }
}
