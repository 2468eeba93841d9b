internal import Audit
internal import Foundation
internal import Synchronization
internal import Testing
internal import ToolKit

@Suite("A crash")
struct CrashTests {
    static let rounds = Int(ProcessInfo.processInfo.environment["AUDIT_CRASH_ROUNDS"] ?? "") ?? 12

    /// Ids of calls whose outcome was acknowledged.
    private final class Acknowledged: Sendable {
        private let ids = Mutex<Set<String>>([])

        func insert(_ id: String) { ids.withLock { _ = $0.insert(id) } }
        var all: Set<String> { ids.withLock { $0 } }
    }

    private static func work(_ log: AuditLog, _ prefix: String, _ acknowledged: Acknowledged) async {
        for call in 0..<60 {
            let id = "\(prefix)_\(call)"
            do {
                if call.isMultiple(of: 2) { try log.enqueue(.intent(id)) } else { try await log.append(.intent(id)) }
                try await log.append(.outcome(id))
                acknowledged.insert(id)
            } catch { return }
        }
    }

    /// Four workers record until the machine stops at some write.
    private static func life(
        _ number: Int, _ fixture: AuditFixture, _ acknowledged: Acknowledged, _ random: inout SeededRandom
    ) async throws -> AuditFixture {
        let log = try fixture.open { configuration in
            configuration.checkpointLines = 7
            configuration.maximumFileSize = 9_000
        }
        let stop = Int.random(in: 0..<120, using: &random)
        let workers = (0..<4).map { worker in
            Task { await work(log, "call_\(number)_\(worker)", acknowledged) }
        }
        let ended = Task { for worker in workers { await worker.value } }
        await fixture.storage.reached(writes: stop, orEndOf: ended)
        let next = fixture.crashed(using: &random)
        await ended.value
        await log.close()
        return next
    }

    @Test("R60, R71: loses no acknowledged record, tears none, and the log verifies afterwards")
    func manySeeds() async throws {
        for seed in 0..<UInt64(Self.rounds) {
            var random = SeededRandom(seed)
            var fixture = AuditFixture()
            let acknowledged = Acknowledged()
            for number in 0..<3 { fixture = try await Self.life(number, fixture, acknowledged, &random) }
            let log = try fixture.open { $0.checkpointLines = 7 }
            var missing: [String] = []
            for id in acknowledged.all where try await log.entry(id)?["status"] != "ok" { missing.append(id) }
            #expect(missing.isEmpty, "seed \(seed)")
            await log.close()
            let result = fixture.verify(index: fixture.index, checkpointLines: 7)
            #expect(result.problem == nil, "seed \(seed)")
            #expect(result.tornBytes == 0, "seed \(seed)")
        }
    }

    @Test("R71: closes what was running as unknown, and only that")
    func unknown() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.append(.intent("call_1"), .outcome("call_1"), .intent("call_2"), .refusal("call_3"))
        _ = try await log.page(LogQuery())
        var random = SeededRandom(3)
        let after = fixture.crashed(using: &random)
        let next = try after.open()
        #expect(next.recovery.closedCalls == ["call_2"])
        #expect(try await next.entry("call_2")?["status"] == "unknown")
        #expect(try await next.entry("call_1")?["status"] == "ok")
        await next.close()
        #expect(try after.open().recovery.closedCalls.isEmpty)
    }

    @Test("R61: leaves a torn line that is cut off and recorded, with no whole line lost", arguments: [false, true])
    func torn(hasZeros: Bool) async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.record(calls: 0..<3)
        _ = try await log.page(LogQuery())
        var random = SeededRandom(5)
        let after = fixture.crashed(using: &random)
        let rest =
            hasZeros ? Array("{\"audit_id\":\"x\",".utf8) + [0, 0, 0, 0x0A] + Array("{}\n".utf8) : Array("{\"aud".utf8)
        after.storage.set(LogNames.active, after.storage.bytes(LogNames.active) + rest)
        let next = try after.open()
        #expect(next.recovery.lines == 6 && next.recovery.tornBytes == rest.count)
        let change = try #require(try await next.page(LogQuery(group: .change)).entries.first)
        #expect(change["tool_name"] == "change:audit")
        #expect(change["after"]?["removed_bytes"] == .integer(rest.count))
        #expect(change["after"]?["removed_sha256"] == .string(LineHash.of(rest).hex))
        await next.close()
        #expect(after.verify().isGood)
        #expect(try after.open().recovery.tornBytes == 0)
    }

    @Test("R61: between the cut and its record still leads to the record")
    func tornTwice() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.record(calls: 0..<3)
        var random = SeededRandom(5)
        let after = fixture.crashed(using: &random)
        after.storage.set(LogNames.active, after.storage.bytes(LogNames.active) + Array("{\"aud".utf8))
        after.storage.fail([.write], code: EIO)
        #expect(throws: AuditUnavailable.self) { _ = try after.open() }
        let next = try after.open()
        #expect(next.recovery.tornBytes == 5)
        #expect(try await next.page(LogQuery(group: .change)).entries.count == 1)
    }

    @Test("of just the checkpoint that was due is made up for before the next line")
    func checkpointCutOff() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open { $0.checkpointLines = 3 }
        let head = fixture.storage.bytes(LogNames.head)
        for call in 0..<3 { try await log.append(.refusal("call_\(call)")) }
        await log.close()
        var forger = Forger(fixture.storage)
        forger.files[0].lines.removeLast()
        forger.store()
        fixture.storage.set(LogNames.head, head)
        let after = AuditFixture(storage: fixture.storage, signer: fixture.signer, clock: fixture.clock)
        let next = try after.open { $0.checkpointLines = 3 }
        try await next.append(.refusal("call_3"))
        await next.close()
        #expect(after.verify(checkpointLines: 3).problem == nil)
    }

    @Test("of the index alone is made up for from the log")
    func indexLost() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open { $0.maximumFileSize = 50_000 }
        try await log.record(calls: 0..<400)
        let before = try await log.page(LogQuery(limit: 1_000))
        await log.close()
        let rebuilt = AuditFixture(storage: fixture.storage, signer: fixture.signer, clock: fixture.clock)
        let next = try rebuilt.open()
        #expect(next.recovery.indexedLines == next.recovery.lines)
        #expect(try await next.page(LogQuery(limit: 1_000)) == before)
        #expect(try rebuilt.index.tiles(level: 8, positions: 0..<9) == fixture.index.tiles(level: 8, positions: 0..<9))
        #expect(rebuilt.verify(index: rebuilt.index).isGood)
    }
}
