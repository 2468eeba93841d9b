package import ToolKit

/// A signed statement: these many lines, with this root, ending in this hash.
package struct Checkpoint: Sendable, Hashable {
    /// Number of lines it speaks of: all before the line that carries it.
    package let size: Int
    package let root: LineHash
    /// Hash of the last of those lines.
    package let head: LineHash
    /// Unix seconds.
    package let signedAt: Int
    package let publicKey: AuditPublicKey
    package let signature: [UInt8]

    init(of chain: ChainState, at time: Int, signer: AuditSigner) throws {
        size = chain.tree.size
        root = chain.tree.root
        head = chain.hash
        signedAt = time
        publicKey = signer.publicKey
        signature = try signer.signature(for: Self.signedBytes(size: size, root: root, head: head, signedAt: time))
    }

    /// What the signature is over (docs/audit-format.md, "Checkpoints").
    private static func signedBytes(size: Int, root: LineHash, head: LineHash, signedAt: Int) -> [UInt8] {
        Array("execution-layer audit checkpoint v1\n\(size)\n\(root.hex)\n\(head.hex)\n\(signedAt)\n".utf8)
    }

    /// Whether `key` signed it. The key that the checkpoint itself names proves nothing.
    package func isSigned(by key: AuditPublicKey) -> Bool {
        key.isValid(signature, for: Self.signedBytes(size: size, root: root, head: head, signedAt: signedAt))
    }
}

extension Checkpoint {
    /// The members of a checkpoint line, and of GET `/audit/checkpoint`.
    package var fields: [String: JSONValue] {
        [
            "size": .integer(size),
            "root": .string(root.hex),
            "head": .string(head.hex),
            "signed_at": .integer(signedAt),
            "public_key": .string(Hex.encode(publicKey.bytes)),
            "key_id": .string(publicKey.id),
            "signature": .string(Hex.encode(signature)),
        ]
    }

    package init?(fields: [String: JSONValue]) {
        guard let size = fields["size"]?.integerValue, size >= 0,
            let root = fields["root"]?.stringValue.flatMap(LineHash.init(hex:)),
            let head = fields["head"]?.stringValue.flatMap(LineHash.init(hex:)),
            let signedAt = fields["signed_at"]?.integerValue,
            let key = fields["public_key"]?.stringValue.flatMap(Hex.decode).flatMap(AuditPublicKey.init(bytes:)),
            let signature = fields["signature"]?.stringValue.flatMap(Hex.decode)
        else { return nil }
        self.size = size
        self.root = root
        self.head = head
        self.signedAt = signedAt
        publicKey = key
        self.signature = signature
    }
}
