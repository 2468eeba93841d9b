internal import Audit
internal import Foundation
internal import Synchronization
internal import Testing
internal import ToolKit

@Suite("A disk that fails")
struct FaultTests {
    @Test(
        "R60: refuses the record, keeps the chain whole and records again once it works",
        arguments: CrashStorage.Fault.allCases)
    func write(_ fault: CrashStorage.Fault) async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.append(.refusal("call_1"))
        fixture.storage.fail([.write], fault)
        await #expect(throws: AuditUnavailable.self) { try await log.append(.intent("call_2")) }
        #expect(fixture.storage.bytes(LogNames.active).count { $0 == 0x0A } == 1)
        let receipt = try await log.append(.refusal("call_3"))
        #expect(receipt[0].seq == 2)
        await log.close()
        #expect(fixture.verify().isGood && fixture.verify().lines == 3)
    }

    @Test(
        "R60: also when the file cannot be cut back at once", arguments: [CrashStorage.Fault.unpersisted, .persisted])
    func truncate(_ fault: CrashStorage.Fault) async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.append(.refusal("call_1"))
        fixture.storage.fail([.write, .truncate], fault == .persisted ? .short : .persisted)
        await #expect(throws: AuditUnavailable.self) { try await log.append(.refusal("call_2"), .refusal("call_2b")) }
        fixture.storage.fail([.truncate], fault)
        _ = try? await log.append(.refusal("call_3"))
        try await log.append(.refusal("call_4"))
        await log.close()
        #expect(fixture.verify().isGood)
    }

    @Test(
        "R60: that cannot sync ends recording until a restart", arguments: [CrashStorage.Fault.unpersisted, .persisted])
    func sync(_ fault: CrashStorage.Fault) async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.append(.refusal("call_1"))
        fixture.storage.fail([.sync], fault, code: EIO)
        await #expect(throws: AuditUnavailable.self) { try await log.append(.refusal("call_2")) }
        await #expect(throws: AuditUnavailable.self) { try await log.append(.refusal("call_3")) }
        #expect(log.failure?.isFinal == true)
        #expect(throws: AuditUnavailable.self) { try log.enqueue(.intent("call_4")) }
        await log.close()
        var random = SeededRandom(2)
        let after = fixture.crashed(using: &random)
        let next = try after.open()
        try await next.append(.refusal("call_5"))
        await next.close()
        #expect(after.verify().isGood)
    }

    @Test("keeps the outcome of a call that ran, and writes it first when it can")
    func outcome() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.append(.intent("call_1"))
        try log.enqueue(.intent("call_2"))
        fixture.storage.fail([.write])
        await #expect(throws: AuditUnavailable.self) { try await log.append(.outcome("call_1")) }
        try await log.append(.outcome("call_2"))
        #expect(try await log.entry("call_1")?["status"] == "ok")
        #expect(try await log.entry("call_2")?["status"] == "ok")
        await log.close()
        #expect(fixture.verify().isGood)
    }

    @Test("R60: that is full refuses new calls and still takes the outcomes of those admitted")
    func full() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open { configuration in
            configuration.reserve = 5_000
            configuration.outcomeReserve = 10_000
        }
        try await log.append(.intent("call_1"))
        fixture.storage.state.withLock { $0.capacity = 16_000 }
        var admitted = ["call_1"]
        for call in 2..<100 {
            do {
                try await log.append(.intent("call_\(call)"))
                admitted.append("call_\(call)")
            } catch { break }
        }
        #expect(admitted.count > 2 && admitted.count < 99)
        await #expect(throws: AuditUnavailable.self) { try await log.append(.refusal("refused")) }
        #expect(throws: AuditUnavailable.self) { try log.enqueue(.intent("late")) }
        for id in admitted { try await log.append(.outcome(id)) }
        fixture.storage.state.withLock { $0.capacity = .max }
        try await log.append(.intent("after"), .outcome("after"))
        try log.enqueue(.intent("later"))
        try await log.append(.outcome("later"))
        await log.close()
        #expect(fixture.verify().isGood)
    }

    @Test("warns before it is full, and when that is over")
    func warning() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        #expect(!log.isSpaceLow)
        fixture.storage.state.withLock { $0.free = 1_000_000 }
        try await log.tick()
        #expect(log.isSpaceLow)
        fixture.storage.state.withLock { $0.free = 1 << 40 }
        try await log.tick()
        #expect(!log.isSpaceLow)
    }

    @Test(
        "R60: a file that somebody else wrote to, moved or removed ends recording",
        arguments: ["grown", "moved", "removed"])
    func intruder(_ deed: String) async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.append(.refusal("call_1"))
        switch deed {
        case "grown":
            fixture.storage.state.withLock { state in
                if let id = state.names[LogNames.active] { state.files[id]?.current += [0x7B] }
            }
        case "moved":
            fixture.storage.state.withLock { state in
                state.names["elsewhere"] = state.names.removeValue(forKey: LogNames.active)
            }
        default: fixture.storage.state.withLock { $0.names[LogNames.active] = nil }
        }
        await #expect(throws: AuditUnavailable.self) { try await log.append(.refusal("call_2")) }
        #expect(log.failure?.isFinal == true)
    }

    @Test(
        "during a rotation leaves a log that goes on", arguments: Array(0..<6),
        [CrashStorage.Fault.unpersisted, .persisted])
    func rotation(_ step: Int, _ fault: CrashStorage.Fault) async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.record(calls: 0..<3)
        _ = try await log.page(LogQuery())
        fixture.storage.fail([.create, .rename, .remove, .open], after: step, fault, code: EIO)
        _ = try? await log.rotate()
        fixture.storage.state.withLock { $0.failsIn = nil }
        _ = try? await log.append(.refusal("call_9"))
        // A crash ends the threads of a daemon; here the old log's indexer must have nothing left to do.
        _ = try? await log.page(LogQuery())
        var random = SeededRandom(UInt64(step))
        let after = fixture.crashed(using: &random)
        let next = try after.open()
        try await next.append(.refusal("call_10"))
        await next.close()
        #expect(after.verify(index: after.index).problem == nil)
    }

    @Test("or a stop right after a rotation leaves a log that goes on")
    func rotationControl() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.record(calls: 0..<3)
        try await log.rotate()
        await log.close()
        var random = SeededRandom(1)
        let after = fixture.crashed(using: &random)
        let next = try after.open()
        #expect(next.recovery.lines == 7)
        await next.close()
        #expect(after.verify(index: after.index).problem == nil)
    }
}
