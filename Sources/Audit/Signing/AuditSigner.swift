internal import Crypto

/// The key pair that signs checkpoints and the head file: Ed25519.
package struct AuditSigner: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// A new key.
    package init() { key = Curve25519.Signing.PrivateKey() }

    /// A stored one; `nil` unless there are 32 bytes.
    package init?(seed: [UInt8]) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { return nil }
        self.key = key
    }

    package var seed: [UInt8] { Array(key.rawRepresentation) }

    package var publicKey: AuditPublicKey { AuditPublicKey(verified: Array(key.publicKey.rawRepresentation)) }

    /// - Throws: Only when the cryptographic library fails.
    func signature(for bytes: [UInt8]) throws -> [UInt8] { Array(try key.signature(for: bytes)) }
}

/// What a receipt or a log is checked against.
package struct AuditPublicKey: Sendable, Hashable {
    /// 32 bytes.
    package let bytes: [UInt8]

    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    fileprivate init(verified bytes: [UInt8]) { self.bytes = bytes }

    /// The first 16 hexadecimal digits of the key's SHA-256: short enough to compare by eye.
    package var id: String { String(LineHash.of(bytes).hex.prefix(16)) }

    package func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
        return key.isValidSignature(signature, for: message)
    }
}
