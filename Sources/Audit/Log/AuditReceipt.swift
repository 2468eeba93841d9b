package import ToolKit

/// What a caller gets for a recorded line, and can hold against the log later.
package struct AuditReceipt: Sendable, Hashable {
    package let seq: Int
    package let hash: LineHash
    package let prev: LineHash
    /// A signed statement that covers the line; none until the next checkpoint.
    package var checkpoint: Checkpoint?
    /// From the line to the checkpoint's root (RFC 6962, 2.1.1).
    package var inclusionProof: [LineHash]?

    package init(
        seq: Int, hash: LineHash, prev: LineHash, checkpoint: Checkpoint? = nil, inclusionProof: [LineHash]? = nil
    ) {
        self.seq = seq
        self.hash = hash
        self.prev = prev
        self.checkpoint = checkpoint
        self.inclusionProof = inclusionProof
    }

    /// As GET `/audit/{audit_id}` answers it.
    package var json: JSONValue {
        var fields: [String: JSONValue] = [
            "seq": .integer(seq), "hash": .string(hash.hex), "prev": .string(prev.hex),
        ]
        if let checkpoint { fields["checkpoint"] = .object(checkpoint.fields) }
        if let inclusionProof { fields["inclusion_proof"] = .array(inclusionProof.map { .string($0.hex) }) }
        return .object(fields)
    }

    package init?(json: JSONValue) {
        guard let seq = json["seq"]?.integerValue, seq > 0,
            let hash = json["hash"]?.stringValue.flatMap(LineHash.init(hex:)),
            let prev = json["prev"]?.stringValue.flatMap(LineHash.init(hex:))
        else { return nil }
        let proof = json["inclusion_proof"]?.arrayValue?.map { $0.stringValue.flatMap(LineHash.init(hex:)) }
        if let proof, proof.contains(nil) { return nil }
        self.init(
            seq: seq, hash: hash, prev: prev,
            checkpoint: json["checkpoint"]?.objectValue.flatMap(Checkpoint.init(fields:)),
            inclusionProof: proof?.compactMap { $0 })
    }
}
