internal import ToolKit

/// The key pair in `data/keys`: `audit.ed25519` (0600, 64 hexadecimal digits) and `audit.ed25519.pub` beside it.
package enum AuditKeyFile {
    package static let name = "audit.ed25519"
    package static let publicName = "audit.ed25519.pub"

    /// The stored key, or a new one when there is none yet.
    ///
    /// A log that was signed by a lost key is found by ``AuditLog/open(_:index:files:)``, which then refuses.
    /// - Parameter folder: `data/keys`, existing and 0700.
    package static func load(from folder: any LogStorage) throws -> AuditSigner {
        if let contents = try folder.contents(name) {
            guard let signer = signer(in: contents) else {
                throw AuditDamaged(
                    nil, "the audit's signing key is not 64 hexadecimal digits",
                    remedy: "restore data/keys/\(name) from a backup, or move data/keys and logs aside")
            }
            if try publicKey(from: folder) != signer.publicKey { try storePublicKey(of: signer, in: folder) }
            return signer
        }
        let signer = AuditSigner()
        try folder.replace(name, with: Array((Hex.encode(signer.seed) + "\n").utf8))
        try storePublicKey(of: signer, in: folder)
        return signer
    }

    /// The public half, for checks that need no secret; `nil` when there is none or it cannot be read as one.
    package static func publicKey(from folder: any LogStorage) throws -> AuditPublicKey? {
        guard let contents = try folder.contents(publicName) else { return nil }
        return hex(contents).flatMap(AuditPublicKey.init(bytes:))
    }

    private static func storePublicKey(of signer: AuditSigner, in folder: any LogStorage) throws {
        try folder.replace(publicName, with: Array((Hex.encode(signer.publicKey.bytes) + "\n").utf8))
    }

    private static func signer(in contents: [UInt8]) -> AuditSigner? {
        hex(contents).flatMap(AuditSigner.init(seed:))
    }

    private static func hex(_ contents: [UInt8]) -> [UInt8]? {
        Hex.decode(String(decoding: contents.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
