package import ToolKit

/// What a preview found, kept so that exactly that can be applied.
package struct EffectRecord: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        /// It waits.
        case previewed
        /// A call is putting it onto the workspace.
        case applying
        case applied
        case discarded
        case expired
        /// It gave way to newer ones.
        case evicted

        /// Whether its contents are still needed.
        package var isLive: Bool { self == .previewed || self == .applying }
    }

    package let id: String
    /// Who previewed, and with which label.
    package let principal: String
    package let agentID: String?
    /// Canonical.
    package let toolName: String
    /// As the audit keeps them.
    package let arguments: JSONValue
    /// Of the call that was previewed.
    package let callDigest: CallDigest
    /// Of the preview.
    package let auditID: String
    package let effect: Effect
    package let digest: String
    /// Of each file the lines that come and go; `nil` where they cannot be counted.
    package let lines: [Int?]
    package let basis: EffectFacts.Basis
    package let method: CallEffects.Method?
    package let omissions: [String]
    /// `Result` of the contract, as the preview answered it.
    package let answer: JSONValue
    /// The policy under which it was previewed.
    package let policyVersion: String
    /// Unix seconds.
    package let createdAt: Double
    package var expiresAt: Double
    package var state = State.previewed
    /// Of the call that applies or applied it.
    package var appliedAuditID: String?
    /// When it was applied, discarded or given up.
    package var endedAt: Double?

    package init(
        id: String, principal: String, agentID: String?, toolName: String, arguments: JSONValue,
        callDigest: CallDigest, auditID: String, effect: Effect, lines: [Int?], basis: EffectFacts.Basis,
        method: CallEffects.Method?, omissions: [String], answer: JSONValue, policyVersion: String,
        createdAt: Double, expiresAt: Double
    ) {
        self.id = id
        self.principal = principal
        self.agentID = agentID
        self.toolName = toolName
        self.arguments = arguments
        self.callDigest = callDigest
        self.auditID = auditID
        self.effect = effect
        digest = effect.digest
        self.lines = lines
        self.basis = basis
        self.method = method
        self.omissions = omissions
        self.answer = answer
        self.policyVersion = policyVersion
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// What is kept for it: what the files held before, the workspace still holds until it is applied.
    package var contents: [String: Int] { effect.contents(before: false, after: true) }

    package var heading: EffectHeading {
        EffectHeading(
            id: id, principal: principal, agentID: agentID, toolName: toolName, arguments: arguments,
            auditID: auditID, digest: digest, files: effect.files.count,
            deletions: effect.files.count { $0.after == nil }, createdAt: createdAt, expiresAt: expiresAt,
            state: state, appliedAuditID: appliedAuditID, endedAt: endedAt)
    }

    package func isOpen(at wall: Double) -> Bool { state == .previewed && wall < expiresAt }

    /// What rules about effects judge of it now.
    package func facts(under policyVersion: String) -> EffectFacts {
        var basis = basis
        // Another policy may have taken from its command what it may write.
        if case .folders = basis, policyVersion != self.policyVersion { basis = .nothing }
        return EffectFacts(toolName: toolName, effect: effect, lines: lines, basis: basis)
    }
}

/// What lists show of an effect.
package struct EffectHeading: Sendable, Hashable {
    package let id: String
    package let principal: String
    package let agentID: String?
    package let toolName: String
    package let arguments: JSONValue
    package let auditID: String
    package let digest: String
    package let files: Int
    package let deletions: Int
    package let createdAt: Double
    package let expiresAt: Double
    package let state: EffectRecord.State
    package let appliedAuditID: String?
    package let endedAt: Double?

    package init(
        id: String, principal: String, agentID: String?, toolName: String, arguments: JSONValue, auditID: String,
        digest: String, files: Int, deletions: Int, createdAt: Double, expiresAt: Double, state: EffectRecord.State,
        appliedAuditID: String?, endedAt: Double?
    ) {
        self.id = id
        self.principal = principal
        self.agentID = agentID
        self.toolName = toolName
        self.arguments = arguments
        self.auditID = auditID
        self.digest = digest
        self.files = files
        self.deletions = deletions
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.state = state
        self.appliedAuditID = appliedAuditID
        self.endedAt = endedAt
    }

    /// Of one that waits longer than it may, what it is, whatever is kept.
    package func state(at wall: Double) -> EffectRecord.State {
        state == .previewed && wall >= expiresAt ? .expired : state
    }

    package func json(at wall: Double) -> JSONValue {
        [
            "effect_id": .string(id), "effect_digest": .string(digest), "state": .string(state(at: wall).rawValue),
            "tool_name": .string(toolName), "args": arguments, "principal": .string(principal),
            "agent_id": JSONValue(agentID), "audit_id": .string(auditID), "files_changed": .integer(files),
            "deletions": .integer(deletions), "created_at": .number(createdAt), "expires_at": .number(expiresAt),
            "applied_audit_id": JSONValue(appliedAuditID), "ended_at": endedAt.map(JSONValue.number) ?? .null,
        ]
    }
}

extension Effect {
    /// Contents that it speaks of, by hash, with their sizes.
    package func contents(before: Bool, after: Bool) -> [String: Int] {
        var contents: [String: Int] = [:]
        for file in files {
            if before, let state = file.before { contents[state.sha256] = state.size }
            if after, let state = file.after { contents[state.sha256] = state.size }
        }
        return contents
    }
}
