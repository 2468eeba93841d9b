package import Gate
internal import GRDB
internal import ToolKit

extension StateDatabase: ApprovalStore {
    package func insert(_ approval: Approval) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO approvals (id, tool_name, digest, agent_id, principal, policy_version, created_by,
                        created_at, created_since_boot, boot_id, spent_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    approval.id, approval.toolName, approval.binding?.digest.hex, approval.binding?.agentID,
                    approval.binding?.principal, approval.binding?.policyVersion, approval.createdBy,
                    approval.createdAt, approval.createdSinceBoot, approval.bootID, approval.spentAt,
                ])
        }
    }

    /// Writers take turns in SQLite, so nobody comes between the look and the update.
    package func spend(_ id: String, claim: ApprovalClaim) async throws -> ApprovalObjection? {
        try await write { database in
            let row = try Row.fetchOne(database, sql: "SELECT * FROM approvals WHERE id = ?", arguments: [id])
            guard let row else { return .unknown }
            if let objection = Self.approval(row).objection(to: claim) { return objection }
            try database.execute(
                sql: "UPDATE approvals SET spent_at = ? WHERE id = ? AND spent_at IS NULL",
                arguments: [claim.wall, id])
            return database.changesCount == 1 ? nil : .spent
        }
    }

    package func removeExpired(bootID: String, createdBefore sinceBoot: Double) async throws {
        try await write { database in
            try database.execute(
                sql: "DELETE FROM approvals WHERE boot_id <> ? OR created_since_boot < ?",
                arguments: [bootID, sinceBoot])
        }
    }

    private static func approval(_ row: Row) -> Approval {
        let digest: String? = row["digest"]
        let binding = digest.map { digest in
            Approval.Binding(
                digest: CallDigest(hex: digest), agentID: row["agent_id"], principal: row["principal"] ?? "",
                policyVersion: row["policy_version"] ?? "")
        }
        return Approval(
            id: row["id"], toolName: row["tool_name"], binding: binding, createdBy: row["created_by"],
            createdAt: row["created_at"], createdSinceBoot: row["created_since_boot"], bootID: row["boot_id"],
            spentAt: row["spent_at"])
    }
}
