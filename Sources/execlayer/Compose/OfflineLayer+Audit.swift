internal import Audit
internal import Engine
internal import Foundation
internal import Gate
internal import Store
internal import ToolKit

/// The record without a daemon, or beside one. Looking takes no lock and changes nothing.
extension OfflineLayer {
    /// What else there is to hold the log against; what is missing or cannot be read is no witness.
    struct Witnesses {
        var key: AuditPublicKey?
        var index: AuditIndexStore?
        var memory: StateDatabase?
        var remarks: [String] = []

        init(of home: Home) {
            key = (try? DiskLogStorage(folder: home.keys)).flatMap { try? AuditKeyFile.publicKey(from: $0) }
            let (index, state) = (home.data + "/audit-index.sqlite", home.data + "/state.sqlite")
            if FileManager.default.fileExists(atPath: index) {
                do {
                    self.index = try AuditIndexStore.reading(path: index)
                } catch {
                    remarks.append(
                        "data/audit-index.sqlite is damaged or cannot be read, so it was no witness; "
                            + "execlayer audit reindex makes it again")
                }
            }
            if FileManager.default.fileExists(atPath: state) {
                do {
                    memory = try StateDatabase(readingFrom: state)
                } catch {
                    remarks.append("data/state.sqlite cannot be read, so it was no witness")
                }
            }
        }
    }

    func verifyAudit(progress: @escaping @Sendable (OfflineProgress) -> Void) async throws -> OfflineReport {
        let home = try Home(existing: location.home)
        let result = try await pool.run {
            let witnesses = Witnesses(of: home)
            var result = AuditVerifier(
                try DiskLogStorage(folder: home.logs), key: witnesses.key, index: witnesses.index,
                memory: witnesses.memory
            ).verify { done, total in
                progress(OfflineProgress(done: done >> 20, total: total >> 20, unit: "MB"))
            }
            result.remarks = witnesses.remarks + result.remarks
            return result
        }
        var lines = ["\(result.lines) lines, head \(result.head.hex)"]
        if result.tornBytes > 0 {
            lines.append(
                "the last line is torn (\(result.tornBytes) bytes), as a crash leaves it; the next start mends it")
        }
        lines += result.remarks
        for loss in result.losses {
            let found = Timestamp.text(loss.foundAt)
            let answer = loss.acknowledgedAt.map { "acknowledged \(Timestamp.text($0))" }
            lines.append(
                "\(loss.sentence); found \(found), "
                    + (answer ?? "not acknowledged: find out why, then execlayer audit acknowledge"))
        }
        if let problem = result.problem {
            let place = problem.line.map { "line \($0) of " } ?? ""
            lines.append("BAD: \(place)\(problem.file): \(problem.message) (\(problem.kind.rawValue))")
        }
        return OfflineReport(isGood: result.isGood, lines: lines, json: result.json)
    }

    func acknowledgeLosses() async throws -> OfflineReport {
        try await withLayer { layer in
            let open = try await layer.pool.run { try layer.state.losses() }.filter { $0.acknowledgedAt == nil }
            guard !open.isEmpty else {
                return OfflineReport(
                    isGood: true, lines: ["nothing is missing that nobody answered for"],
                    json: ["success": true, "acknowledged": 0])
            }
            // On record first, so that nobody takes note in silence.
            _ = try await layer.log.append(
                AuditRecord(
                    .change, auditID: Identifier.make("chg"),
                    fields: [
                        "tool_name": "change:audit", "principal": .string(Authenticator.owner.name),
                        "ts": .number(layer.time.wall), "status": "ok",
                        "reason": "missing lines were acknowledged", "before": .null,
                        "after": ["losses": .array(open.map { .string($0.sentence) })],
                    ]))
            let count = try await layer.pool.run { try layer.state.acknowledgeLosses(at: layer.time.wall) }
            return OfflineReport(
                isGood: true, lines: open.map { "acknowledged: \($0.sentence)" },
                json: ["success": true, "acknowledged": .integer(count)])
        }
    }

    func reindexAudit(progress: @escaping @Sendable (OfflineProgress) -> Void) async throws -> OfflineReport {
        let home = try Home(existing: location.home)
        let lock = try HomeLock(of: home)
        try await pool.run {
            for suffix in ["", "-wal", "-shm"] {
                let path = home.data + "/audit-index.sqlite" + suffix
                if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
            }
        }
        var options = LayerOptions(home: location.home, workspace: location.workspace)
        options.onIndexed = { done, total in progress(OfflineProgress(done: done, total: total, unit: "lines")) }
        let layer = try await Layer(options, home: home, lock: lock)
        let count = layer.log.recovery.indexedLines
        await layer.close()
        return OfflineReport(
            isGood: true, lines: ["\(count) lines indexed anew"], json: ["success": true, "lines": .integer(count)])
    }

    func auditEntry(_ id: String) async throws -> JSONValue {
        let home = try Home(existing: location.home)
        let found = try await pool.run {
            let witnesses = Witnesses(of: home)
            guard Identifier.isWellFormed(id) else { return nil as (entry: JSONValue, receipt: AuditReceipt)? }
            return try StoredLog(
                try DiskLogStorage(folder: home.logs), index: witnesses.index, key: witnesses.key
            ).entry(id)
        }
        guard let found else {
            throw Refusal(
                .invalid, code: "unknown_entry", "there is no such entry", remedy: "execlayer logs shows audit ids")
        }
        return ["success": true, "entry": found.entry, "receipt": found.receipt.json]
    }
}
