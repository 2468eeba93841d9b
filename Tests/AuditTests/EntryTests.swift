internal import Audit
internal import Synchronization
internal import Testing
internal import ToolKit

@Suite("The entries of /logs")
struct EntryTests {
    @Test("merge intent and outcome, keep the intent's time and have every member of the contract")
    func merged() async throws {
        let log = try AuditFixture().open()
        try await log.append(.intent("call_1", agent: "a1"))
        let running = try #require(try await log.entry("call_1"))
        #expect(running["status"] == .null && running["kind"] == "intent")
        try await log.append(.outcome("call_1"))
        let entry = try #require(try await log.entry("call_1"))
        #expect(entry["status"] == "ok" && entry["ts"] == 1_800_000_000.25 && entry["finished_at"] == 1_800_000_000.5)
        #expect(entry["args"]?["path"] == "notes/today.md" && entry["agent_id"] == "a1" && entry["seq"] == 1)
        let members = [
            "audit_id", "ts", "tool_name", "department", "agent_id", "principal", "reason", "status", "trace_id",
            "duration_ms", "error", "args", "args_summary", "result_summary", "undoable", "kind", "seq",
        ]
        #expect(members.filter { entry[$0] == nil }.isEmpty)
        #expect(entry["prev"] == nil && entry["hash"] == nil)
    }

    @Test("come newest first, page by page, without the checkpoints")
    func pages() async throws {
        let log = try AuditFixture().open { $0.checkpointLines = 3 }
        for call in 0..<7 { try await log.append(.refusal("call_\(call)")) }
        let first = try await log.page(LogQuery(limit: 3))
        #expect(first.ids == ["call_6", "call_5", "call_4"])
        let second = try await log.page(LogQuery(limit: 3, before: first.next))
        #expect(second.ids == ["call_3", "call_2", "call_1"])
        let third = try await log.page(LogQuery(limit: 3, before: second.next))
        #expect(third.ids == ["call_0"] && third.next == nil)
    }

    @Test("are read from rotated files as well")
    func rotated() async throws {
        let log = try AuditFixture().open()
        try await log.append(.intent("call_1"))
        try await log.rotate()
        try await log.append(.outcome("call_1"), .refusal("call_2"))
        try await log.rotate()
        try await log.append(.change("change_1"))
        let page = try await log.page(LogQuery())
        #expect(page.ids == ["change_1", "call_2", "call_1"])
        #expect(page.entries[2]["status"] == "ok" && page.entries[2]["args"]?["limit"] == 4_096)
    }

    @Test("are still listed when their line was tampered with, and say so")
    func tampered() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.append(.refusal("call_1"), .refusal("call_2"))
        _ = try await log.page(LogQuery())
        fixture.storage.state.withLock { state in
            guard let id = state.names[LogNames.active] else { return }
            state.files[id]?.current[40] ^= 1
        }
        let page = try await log.page(LogQuery())
        #expect(page.ids == ["call_2", "call_1"])
        #expect(page.entries[1]["error"]?.stringValue?.contains("audit verify") == true)
        #expect(page.entries[0]["error"] == "not allowed")
    }

    @Test("are all there when the index fell far behind")
    func backlog() async throws {
        let log = try AuditFixture().open { $0.indexBacklog = 3 }
        for call in 0..<50 { try await log.append(.refusal("a_\(call)"), .refusal("b_\(call)")) }
        #expect(try await log.page(LogQuery(limit: 1_000)).entries.count == 100)
    }
}
