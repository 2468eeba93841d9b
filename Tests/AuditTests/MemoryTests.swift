internal import Audit
internal import Synchronization
internal import Testing
internal import ToolKit

/// What the state database keeps, as a value.
final class TwinMemory: AuditMemory {
    private let head = Mutex<RememberedHead?>(nil)
    private let found = Mutex<[AuditLoss]>([])

    func rememberedHead() throws -> RememberedHead? { head.withLock { $0 } }
    func remember(_ new: RememberedHead) throws { head.withLock { $0 = new } }
    func losses() throws -> [AuditLoss] { found.withLock { $0 } }
    func add(_ loss: AuditLoss) throws { found.withLock { $0.append(loss) } }
    func acknowledge() { found.withLock { $0 = $0.map { loss in loss.acknowledged } } }
}

extension AuditLoss {
    fileprivate var acknowledged: AuditLoss {
        var loss = self
        loss.acknowledgedAt = 1
        return loss
    }
}

@Suite("A log whose witnesses beside it were thrown away")
struct MemoryTests {
    private let fixture = AuditFixture()
    private let memory = TwinMemory()

    private func open(index: any AuditIndex = InMemoryAuditIndex()) throws -> AuditLog {
        try AuditLog.open(fixture.configuration, index: index, files: fixture.storage, memory: memory)
    }

    private func verify() -> Verification {
        AuditVerifier(fixture.storage, key: fixture.signer.publicKey, memory: memory).verify()
    }

    /// Twelve lines and the checkpoint of a clean stop.
    private func closed() async throws {
        let log = try open()
        try await log.record(calls: 0..<6)
        await log.close()
    }

    private func cut(_ count: Int) {
        var forger = Forger(fixture.storage)
        forger.files[0].lines.removeLast(count)
        forger.store()
        fixture.storage.state.withLock { $0.names[LogNames.head] = nil }
    }

    @Test("R61: verifies over restarts while nobody touched it (positive control)")
    func control() async throws {
        for _ in 0..<3 { try await closed() }
        #expect(try memory.losses().isEmpty)
        #expect(verify().problem == nil)
    }

    @Test("R61: that was cut is found out before a start, and afterwards for good")
    func cutOff() async throws {
        try await closed()
        let remembered = try #require(try memory.rememberedHead()?.position.seq)
        #expect(remembered == 13)
        cut(3)
        #expect(verify().problem?.kind == .truncated)
        let log = try open()
        #expect(log.recovery.loss?.lines == 11...13)
        await log.close()
        for _ in 0..<2 {
            let result = verify()
            #expect(result.problem?.kind == .linesMissing)
            #expect(result.problem?.message.contains("lines 11 to 13 are missing") == true)
            // The finding has a line of its own, and later starts find nothing new.
            let again = try open()
            #expect(again.recovery.loss == nil)
            let entries = try await again.page(LogQuery(group: .change)).entries
            #expect(entries.contains { $0["after"]?["first_seq"] == 11 && $0["after"]?["last_seq"] == 13 })
            await again.close()
        }
        #expect(try memory.losses().count == 1)
    }

    @Test("R61: that was removed as a whole is found out")
    func removed() async throws {
        try await closed()
        fixture.storage.state.withLock { $0.names.removeAll() }
        let log = try open()
        #expect(log.recovery.loss?.lines == 1...13)
        await log.close()
        #expect(verify().problem?.kind == .linesMissing)
    }

    @Test("R61: that was replaced by as many other lines is found out")
    func replaced() async throws {
        try await closed()
        cut(3)
        // Another daemon of the same key goes on from there, and knows nothing of what was remembered.
        let other = try AuditLog.open(fixture.configuration, index: InMemoryAuditIndex(), files: fixture.storage)
        try await other.record(calls: 10..<13)
        await other.close()
        #expect(verify().problem?.kind == .memoryMismatch)
        let log = try open()
        #expect(log.recovery.loss?.isCut == false)
        await log.close()
        #expect(verify().problem?.kind == .linesMissing)
    }

    @Test("is in order again once somebody answered for it, and still says so")
    func acknowledged() async throws {
        try await closed()
        cut(3)
        await (try open()).close()
        memory.acknowledge()
        let result = verify()
        #expect(result.problem == nil)
        #expect(result.losses.count == 1)
    }

    @Test("R60: is not remembered call by call, but at checkpoints and at a clean stop")
    func seldom() async throws {
        let log = try open()
        try await log.record(calls: 0..<6)
        #expect(try memory.rememberedHead() == nil)
        await log.close()
        #expect(try memory.rememberedHead()?.position.seq == 13)
    }
}

@Suite("An entry looked up in a log that another process holds")
struct StoredLogTests {
    @Test("is the one that the log answers, with and without an index", arguments: [true, false])
    func same(hasIndex: Bool) async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.record(calls: 0..<4)
        try await log.rotate()
        try await log.record(calls: 4..<8)
        _ = try await log.checkpoint()
        let stored = StoredLog(
            fixture.storage, index: hasIndex ? fixture.index : nil, key: fixture.signer.publicKey)
        for id in ["call_1", "call_6"] {
            let expected = try await log.entry(id)
            let receipt = try await log.receipt(for: id)
            let found = try #require(try stored.entry(id))
            #expect(found.entry == expected)
            #expect(found.receipt.hash == receipt?.hash && found.receipt.seq == receipt?.seq)
        }
        #expect(try stored.entry("call_9") == nil)
        await log.close()
        let proof = try #require(try stored.entry("call_6")?.receipt)
        #expect((proof.inclusionProof != nil) == hasIndex)
    }
}

@Suite("Long work on a long log")
struct ProgressTests {
    @Test("says how far verifying and indexing have come")
    func told() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.record(calls: 0..<600)
        await log.close()
        var verified: [(done: Int, total: Int)] = []
        let result = AuditVerifier(fixture.storage, key: fixture.signer.publicKey).verify { verified.append(($0, $1)) }
        #expect(result.isGood && !verified.isEmpty)
        #expect(verified.allSatisfy { 0 < $0.done && $0.done <= $0.total })

        let indexed = Mutex<[Int]>([])
        let again = AuditFixture(storage: fixture.storage, signer: fixture.signer)
        let reindexed = try again.open { $0.onIndexed = { done, _ in indexed.withLock { $0.append(done) } } }
        #expect(indexed.withLock { $0 } == [1_000, result.lines])
        await reindexed.close()
    }
}
