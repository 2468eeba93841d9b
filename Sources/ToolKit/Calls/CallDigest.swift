internal import Crypto

/// SHA-256 over the canonical form of a call: what an approval is bound to (SECURITY R54).
///
/// Two calls have the same digest exactly when they name the same canonical tool with the same canonical arguments.
/// Canonical arguments hold everything that decides what runs: aliases are resolved, defaults filled in, paths and the
/// working folder normalised; an environment cannot be passed at all.
public struct CallDigest: Sendable, Hashable {
    /// 64 lower-case hexadecimal digits.
    public let hex: String

    /// - Parameters:
    ///   - toolName: The canonical name, never an alias.
    ///   - arguments: As ``ArgumentSchema/canonical(_:roots:)`` answered them.
    public init(toolName: String, arguments: [String: JSONValue]) {
        let document: JSONValue = ["args": .object(arguments), "tool": .string(toolName)]
        hex = Hex.encode(SHA256.hash(data: JSONWriter.write(document)))
    }

    /// Size in bytes and SHA-256 of a content argument, as the audit keeps it.
    public static func content(_ value: JSONValue) -> (size: Int, sha256: String) {
        let bytes = value.stringValue.map { Array($0.utf8) } ?? JSONWriter.write(value)
        return (bytes.count, Hex.encode(SHA256.hash(data: bytes)))
    }

    /// One that was stored.
    public init(hex: String) { self.hex = hex }
}
