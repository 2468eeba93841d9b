internal import Audit
internal import Foundation
internal import Synchronization
internal import ToolKit

/// A log in memory with a clock of its own.
final class AuditFixture: Sendable {
    let storage: CrashStorage
    let index: any AuditIndex
    let signer: AuditSigner
    let clock: TestClock
    let faults = Mutex<[String]>([])

    init(
        storage: CrashStorage = CrashStorage(), index: any AuditIndex = InMemoryAuditIndex(),
        signer: AuditSigner = AuditSigner(), clock: TestClock = TestClock()
    ) {
        self.storage = storage
        self.index = index
        self.signer = signer
        self.clock = clock
    }

    var configuration: AuditLogConfiguration {
        let clock = clock
        return AuditLogConfiguration(signer: signer, now: { clock.now })
    }

    func open(_ change: (inout AuditLogConfiguration) -> Void = { _ in }) throws -> AuditLog {
        var configuration = configuration
        configuration.onFault = { [self] fault in faults.withLock { $0.append(fault) } }
        change(&configuration)
        return try AuditLog.open(configuration, index: index, files: storage)
    }

    func verify(index: (any AuditIndex)? = nil, checkpointLines: Int? = 1_000) -> Verification {
        AuditVerifier(storage, key: signer.publicKey, index: index, checkpointLines: checkpointLines).verify()
    }

    /// The same home after a crash.
    func crashed(using random: inout some RandomNumberGenerator) -> AuditFixture {
        AuditFixture(storage: storage.crash(using: &random), index: index, signer: signer, clock: clock)
    }
}

final class TestClock: Sendable {
    private let time = Mutex(1_800_000_000.0)

    var now: Double { time.withLock { $0 } }

    func advance(by seconds: Double) { time.withLock { $0 += seconds } }
}

/// Random numbers that a printed seed gives again.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

extension AuditRecord {
    static func intent(_ id: String, tool: String = "filesystem_read", agent: String? = nil) -> AuditRecord {
        AuditRecord(
            .intent, auditID: id,
            fields: [
                "ts": 1_800_000_000.25, "tool_name": .string(tool), "department": "ops", "agent_id": JSONValue(agent),
                "principal": "operator", "reason": "a test", "trace_id": "t1",
                "args": ["path": "notes/today.md", "limit": 4_096], "args_summary": "path=notes/today.md limit=4096",
            ])
    }

    static func outcome(_ id: String, tool: String = "filesystem_read", status: String = "ok") -> AuditRecord {
        AuditRecord(
            .outcome, auditID: id,
            fields: [
                "ts": 1_800_000_000.5, "tool_name": .string(tool), "status": .string(status), "duration_ms": 1.5,
                "error": nil, "result_summary": "4096 bytes", "undoable": false,
            ])
    }

    static func refusal(_ id: String, status: String = "policy_blocked", agent: String? = nil) -> AuditRecord {
        AuditRecord(
            .refusal, auditID: id,
            fields: [
                "ts": 1_800_000_001, "tool_name": "shell_exec", "agent_id": JSONValue(agent), "principal": "operator",
                "status": .string(status), "error": "not allowed",
            ])
    }

    static func change(_ id: String) -> AuditRecord {
        AuditRecord(
            .change, auditID: id,
            fields: [
                "ts": 1_800_000_002, "tool_name": "change:config", "principal": "operator", "status": "ok",
                "before": ["max_steps_per_run": 50], "after": ["max_steps_per_run": 60],
            ])
    }
}

extension AuditLog {
    /// Calls that ran, one after the other.
    func record(calls: Range<Int>) async throws {
        for call in calls {
            try await append(.intent("call_\(call)"))
            try await append(.outcome("call_\(call)"))
        }
    }
}

extension LogPage {
    var ids: [String] { entries.compactMap { $0["audit_id"]?.stringValue } }
}

/// A fresh folder that is removed afterwards.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("audit-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}
