internal import Audit
internal import Testing
internal import ToolKit

@Suite("A receipt")
struct ReceiptTests {
    /// RFC 6962, 2.1, word for word and slow.
    private func root(_ leaves: ArraySlice<LineHash>) -> LineHash {
        guard leaves.count > 1, let first = leaves.first else {
            return leaves.first.map { LineHash.of([0] + $0.bytes) } ?? LineHash.of([])
        }
        _ = first
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let (left, right) = (leaves.prefix(split), leaves.dropFirst(split))
        return LineHash.of([1] + root(left).bytes + root(right).bytes)
    }

    @Test("rests on the tree of RFC 6962")
    func tree() {
        let lines = (0..<600).map { LineHash.of([UInt8($0 & 255), UInt8($0 >> 8)]) }
        var tree = MerkleTree()
        #expect(tree.root == root([]))
        for (index, line) in lines.enumerated() {
            tree.append(line)
            if index < 70 || index % 97 == 0 { #expect(tree.root == root(lines[...index])) }
        }
    }

    @Test("proves its line in logs of any length, across files", arguments: [1, 2, 3, 255, 256, 257, 511, 700, 1_300])
    func proves(lines: Int) async throws {
        let fixture = AuditFixture()
        let log = try fixture.open { configuration in
            configuration.checkpointLines = 10_000
            configuration.maximumFileSize = 60_000
        }
        try await log.append((0..<lines).map { AuditRecord.refusal("call_\($0)") })
        let checkpoint = try await log.checkpoint()
        for call in Set([0, lines / 3, lines / 2, lines - 2, lines - 1].filter { $0 >= 0 }) {
            let receipt = try #require(try await log.receipt(for: "call_\(call)"))
            #expect(receipt.checkpoint == checkpoint)
            try ReceiptVerifier.check(receipt, key: fixture.signer.publicKey)
            #expect(AuditReceipt(json: receipt.json) == receipt)
        }
        await log.close()
    }

    @Test("has no proof before the next checkpoint")
    func early() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.append(.refusal("call_1"))
        let receipt = try #require(try await log.receipt(for: "call_1"))
        #expect(receipt.checkpoint == nil)
        #expect(throws: ReceiptVerifier.Problem.noCheckpoint) {
            try ReceiptVerifier.check(receipt, key: fixture.signer.publicKey)
        }
        #expect(try await log.receipt(for: "call_2") == nil)
    }

    @Test("R61: proves nothing once anything in it was changed")
    func forged() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.append((0..<9).map { AuditRecord.refusal("call_\($0)") })
        _ = try await log.checkpoint()
        let receipt = try #require(try await log.receipt(for: "call_4"))
        let key = fixture.signer.publicKey
        try ReceiptVerifier.check(receipt, key: key)
        let proof = try #require(receipt.inclusionProof)
        let others = [
            AuditReceipt(
                seq: 6, hash: receipt.hash, prev: receipt.prev, checkpoint: receipt.checkpoint, inclusionProof: proof),
            AuditReceipt(
                seq: 5, hash: receipt.prev, prev: receipt.prev, checkpoint: receipt.checkpoint, inclusionProof: proof),
            AuditReceipt(
                seq: 5, hash: receipt.hash, prev: receipt.prev, checkpoint: receipt.checkpoint,
                inclusionProof: proof.dropLast()),
            AuditReceipt(
                seq: 5, hash: receipt.hash, prev: receipt.prev, checkpoint: receipt.checkpoint,
                inclusionProof: proof + [receipt.hash]),
        ]
        for other in others {
            #expect(throws: ReceiptVerifier.Problem.wrongProof) { try ReceiptVerifier.check(other, key: key) }
        }
        #expect(throws: ReceiptVerifier.Problem.forgedCheckpoint) {
            try ReceiptVerifier.check(receipt, key: AuditSigner().publicKey)
        }
        let lines = Forger.lines(fixture.storage.bytes(LogNames.active))
        try ReceiptVerifier.check(receipt, key: key, line: lines[4])
        #expect(throws: ReceiptVerifier.Problem.otherLine) {
            try ReceiptVerifier.check(receipt, key: key, line: lines[5])
        }
    }
}
