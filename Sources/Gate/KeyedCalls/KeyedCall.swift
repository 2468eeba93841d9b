package import ToolKit

/// A call that was sent with an idempotency key, and its first answer.
package struct KeyedCall: Sendable, Hashable {
    /// How long a key is remembered, in seconds; that of a call that waits for a person, so long after it was decided.
    package static let lifetime = 604_800.0

    /// Whose key it is; another principal may use the same one for something else.
    package let principal: String
    /// As the caller chose it, 1 to 255 characters.
    package let key: String
    /// Of everything that decides what the call does, ``Gate/digest(ofKeyed:)``.
    package let digest: CallDigest
    /// Of the attempt that the key stands for; kept before anything begins, so that after a crash the audit can tell
    /// what became of it.
    package var auditID: String
    /// Unix seconds.
    package let createdAt: Double
    /// The first answer as it left, without its receipt; `nil` until there is one, and when a crash came before it.
    package var answer: JSONValue?

    /// The inbox's item, when the call waits or waited for a person.
    package var itemID: String? { answer?["approval_request_id"]?.stringValue }

    package init(
        principal: String, key: String, digest: CallDigest, auditID: String, createdAt: Double,
        answer: JSONValue? = nil
    ) {
        self.principal = principal
        self.key = key
        self.digest = digest
        self.auditID = auditID
        self.createdAt = createdAt
        self.answer = answer
    }
}

extension Gate {
    /// Two calls under one key are the same call when this is the same: the canonical tool and arguments, as far as they
    /// can be read, whether it is a dry run, and whom it is said to be for. Labels for the record do not count.
    package func digest(ofKeyed call: ToolCall) -> CallDigest {
        let entry = catalog.entry(named: call.toolName, allowsInternal: call.isInternal)
        // What no schema accepts is refused in any case; under its key it is itself.
        let canonical = entry.flatMap { try? $0.schema.canonical(call.arguments, roots: workspaceRoots) }
        return CallDigest(
            toolName: entry?.name ?? call.toolName,
            arguments: [
                "args": .object(canonical ?? call.arguments), "dry_run": call.dryRun.map(JSONValue.bool) ?? .null,
                "agent_id": call.agentID.map(JSONValue.string) ?? .null,
            ].merging(call.isPreview ? ["preview": true] : [:]) { own, _ in own })
    }
}
