internal import Audit
internal import Foundation
internal import Store
internal import ToolKit

/// A log as the daemon keeps it, with entries like those of a dry run.
enum SampleLog {
    static func open(in home: String) throws -> AuditLog {
        for folder in ["logs", "data", "data/keys"] {
            try FileManager.default.createDirectory(
                atPath: home + "/" + folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        let signer = try AuditKeyFile.load(from: DiskLogStorage(folder: home + "/data/keys"))
        let index = try AuditIndexStore.open(path: home + "/data/audit-index.sqlite")
        return try AuditLog.open(
            AuditLogConfiguration(signer: signer, now: { Date.now.timeIntervalSince1970 }), index: index,
            files: DiskLogStorage(folder: home + "/logs"))
    }

    static func entry(_ number: Int) -> AuditRecord {
        AuditRecord(
            .outcome, auditID: "aud_bench\(number)",
            fields: [
                "tool_name": "filesystem_read", "called_as": "filesystem_read",
                "ts": .number(1_800_000_000 + Double(number)),
                "principal": "operator", "door": "http", "agent_id": "bench", "trace_id": .string("trc_bench\(number)"),
                "status": "dry_run", "duration_ms": 0.25,
                "args": ["path": "page.txt", "offset": 0, "limit": 1_048_576],
                "args_summary": "path=page.txt", "result_summary": "4096 bytes", "error": nil, "undoable": false,
            ])
    }
}
