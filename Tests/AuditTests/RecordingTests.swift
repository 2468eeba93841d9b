internal import Audit
internal import Foundation
internal import Synchronization
internal import Testing
internal import ToolKit

@Suite("A call that is recorded")
struct RecordingTests {
    @Test("R60: is durable when append returns")
    func durable() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.append(.intent("call_1"))
        var random = SeededRandom(1)
        let after = fixture.crashed(using: &random)
        #expect(String(decoding: after.storage.bytes(LogNames.active), as: UTF8.self).contains("call_1"))
    }

    @Test("R61: names its predecessor's hash and its own, over the stored bytes")
    func chain() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        let receipts = try await log.append(.intent("call_1"), .outcome("call_1"))
        await log.close()
        let lines = Forger.lines(fixture.storage.bytes(LogNames.active)).map { String(decoding: $0, as: UTF8.self) }
        let first = try #require(lines.first?.dropLast())
        #expect(first.hasSuffix(#","seq":1,"prev":"\#(LineHash.none.hex)","hash":"\#(receipts[0].hash.hex)"}"#))
        #expect(LineHash.of(Array((first.dropLast(75) + "}").utf8)) == receipts[0].hash)
        #expect(receipts[1].prev == receipts[0].hash)
        #expect(fixture.verify().isGood)
    }

    @Test("R62: holds control and direction characters only as escapes")
    func escapes() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        var record = AuditRecord.refusal("call_1")
        record.fields["reason"] = "a\u{202E}b\u{2028}c\u{1B}[2Jd\u{85}\ne"
        try await log.append(record)
        let text = String(decoding: fixture.storage.bytes(LogNames.active), as: UTF8.self)
        #expect(text.contains(#"a\u202eb\u2028c\u001b[2Jd\u0085\ne"#))
        #expect(try await log.entry("call_1")?["reason"] == record.fields["reason"])
    }

    @Test("R62: cannot set the members of the chain")
    func ownMembers() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        var record = AuditRecord.refusal("call_1")
        record.fields.merge(["seq": 99, "hash": "x", "prev": "y", "kind": "checkpoint", "audit_id": "z"]) { $1 }
        try await log.append(record)
        await log.close()
        #expect(fixture.verify().isGood)
    }

    @Test("R64: takes at most 64 KiB, whatever its fields", arguments: [1, 40, 700])
    func large(fields: Int) async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        var record = AuditRecord.refusal("call_1")
        for field in 0..<fields {
            record.fields["field_\(field)"] = .string(String(repeating: "\u{1}ä", count: 100_000 / fields))
        }
        try await log.append(record, .refusal("call_2"))
        await log.close()
        let lines = Forger.lines(fixture.storage.bytes(LogNames.active))
        #expect(lines.allSatisfy { $0.count <= 65_536 })
        #expect(fixture.verify().lines == 3 && fixture.verify().isGood)
        let text = String(decoding: lines[0], as: UTF8.self)
        #expect(text.contains(#""status":"policy_blocked""#))
    }

    @Test("is durable with the next record when it was only enqueued, and stands before it")
    func enqueued() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try log.enqueue(.intent("call_1"))
        let syncs = fixture.storage.state.withLock { $0.operations.filter { $0 == .sync }.count }
        let receipt = try await log.append(.outcome("call_1"))
        #expect(receipt[0].seq == 2)
        #expect(fixture.storage.state.withLock { $0.operations.filter { $0 == .sync }.count } == syncs + 1)
        #expect(try await log.page(LogQuery()).entries[0]["status"] == "ok")
    }

    @Test("shares a sync with those that queued meanwhile")
    func groups() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for call in 0..<500 { group.addTask { _ = try await log.append(.refusal("call_\(call)")) } }
            try await group.waitForAll()
        }
        await log.close()
        let syncs = fixture.storage.state.withLock { $0.operations.filter { $0 == .sync }.count }
        #expect(syncs < 500)
        let result = fixture.verify()
        #expect(result.isGood && result.lines == 501)
    }

    @Test("cannot be recorded after the log was closed")
    func closed() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        await log.close()
        await #expect(throws: AuditUnavailable.self) { try await log.append(.refusal("call_1")) }
    }

    @Test("makes a checkpoint due after 30 seconds")
    func checkpointByTime() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.append(.refusal("call_1"))
        #expect(log.latestCheckpoint == nil)
        fixture.clock.advance(by: 31)
        try await log.append(.refusal("call_2"))
        #expect(log.latestCheckpoint?.size == 2)
    }
}
