/// Checks a receipt with nothing but the public key: no log, no daemon.
package enum ReceiptVerifier {
    package enum Problem: String, Error, Sendable {
        case noCheckpoint = "no_checkpoint"
        case notCovered = "not_covered"
        case forgedCheckpoint = "forged_checkpoint"
        case wrongProof = "wrong_proof"
        case otherLine = "other_line"
    }

    /// - Parameters:
    ///   - line: The stored line, when it is at hand: it has to be the one that the receipt speaks of.
    /// - Throws: Why the receipt does not prove that the line was in the log when the checkpoint was signed.
    package static func check(_ receipt: AuditReceipt, key: AuditPublicKey, line: [UInt8]? = nil) throws(Problem) {
        guard let checkpoint = receipt.checkpoint, let proof = receipt.inclusionProof else { throw .noCheckpoint }
        guard receipt.seq >= 1, receipt.seq <= checkpoint.size else { throw .notCovered }
        guard checkpoint.isSigned(by: key) else { throw .forgedCheckpoint }
        guard root(of: receipt.hash, index: receipt.seq - 1, size: checkpoint.size, proof: proof) == checkpoint.root
        else {
            throw .wrongProof
        }
        guard let line else { return }
        let trimmed = line.last == UInt8(ascii: "\n") ? line.dropLast() : line[...]
        let stored = trimmed.withUnsafeBytes { try? StoredLine($0) }
        guard let stored, stored.hash == receipt.hash, stored.seq == receipt.seq, stored.prev == receipt.prev else {
            throw .otherLine
        }
    }

    /// RFC 9162, 2.1.3.2.
    private static func root(of line: LineHash, index: Int, size: Int, proof: [LineHash]) -> LineHash? {
        var (node, last) = (index, size - 1)
        var hash = LineHash.leaf(line)
        for sibling in proof {
            guard last > 0 else { return nil }
            if node & 1 == 1 || node == last {
                hash = LineHash.node(sibling, hash)
                while node & 1 == 0, node > 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = LineHash.node(hash, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }
}
