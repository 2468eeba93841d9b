import Synchronization
import ToolKit

@testable import execlayer

/// A home in memory that says the same to every question and remembers the calls.
final class TwinHome: OfflineHome {
    private let seen = Mutex<[JSONValue]>([])
    private let closings = Mutex(0)
    let report: OfflineReport
    let findings: [DoctorFinding]
    let holder: HomeInUse?

    init(
        report: OfflineReport = OfflineReport(isGood: true, lines: ["intact"], json: ["success": true]),
        findings: [DoctorFinding] = [], holder: HomeInUse? = nil
    ) {
        self.report = report
        self.findings = findings
        self.holder = holder
    }

    var calls: [JSONValue] { seen.withLock { $0 } }
    var closedTimes: Int { closings.withLock { $0 } }

    func toolList() async throws -> JSONValue { TwinDaemon.tools(patchIsEnabled: false) }

    func run(call: JSONValue) async throws -> JSONValue {
        if let holder { throw holder }
        seen.withLock { $0.append(call) }
        return ["success": true, "status": "ok", "result": ["from": "home"], "audit_id": "a1", "dry_run": false]
    }

    func createToken(_ request: JSONValue) async throws -> JSONValue {
        seen.withLock { $0.append(request) }
        return ["success": true, "token_id": "t1", "token": "shown-once"]
    }

    func listTokens() async throws -> JSONValue { ["success": true, "tokens": []] }
    func revokeToken(_ id: String) async throws -> JSONValue { ["success": true] }

    func verifyAudit(progress: @escaping @Sendable (OfflineProgress) -> Void) async throws -> OfflineReport {
        progress(OfflineProgress(done: 5, total: 10, unit: "lines"))
        return report
    }

    func reindexAudit(progress: @escaping @Sendable (OfflineProgress) -> Void) async throws -> OfflineReport {
        if let holder { throw holder }
        return report
    }

    func acknowledgeLosses() async throws -> OfflineReport {
        if let holder { throw holder }
        return report
    }

    func rotateHoneytokens() async throws -> OfflineReport {
        if let holder { throw holder }
        return report
    }

    func auditEntry(_ id: String) async throws -> JSONValue { ["success": true, "entry": ["audit_id": .string(id)]] }
    func explainPolicy(_ question: PolicyQuestion) async throws -> OfflineReport { report }
    func proposePolicy(_ places: ProgramPlaces, writing: Bool) async throws -> PolicyProposal {
        PolicyProposal(
            file: "/home/config/policy.yaml", workspace: "/ws", tests: [], toolchains: [], rules: [], notes: [],
            text: "version: 1\n", missing: nil, isWritten: writing)
    }

    func doctorFindings() async throws -> [DoctorFinding] { findings }
    func close() async { closings.withLock { $0 += 1 } }
}
