package import ToolKit

/// What is known of a kept file.
package struct ArtifactRecord: Sendable, Hashable {
    package let artifact: Artifact
    package let call: CallLabel
    /// Unix seconds.
    package let createdAt: Double

    package init(artifact: Artifact, call: CallLabel, createdAt: Double) {
        self.artifact = artifact
        self.call = call
        self.createdAt = createdAt
    }

    /// An element of a listing.
    package var json: JSONValue {
        var members = artifact.json.objectValue ?? [:]
        members["audit_id"] = .string(call.auditID)
        members["tool_name"] = .string(call.toolName)
        members["principal"] = .string(call.principal)
        members["created_at"] = .number(createdAt)
        return .object(members)
    }
}

/// Which artifacts a listing shows.
package struct ArtifactQuery: Sendable, Hashable {
    package var auditID: String?
    package var principal: String?
    package var limit: Int
    /// The `next` of the page before.
    package var before: Int?

    package init(auditID: String? = nil, principal: String? = nil, limit: Int = 100, before: Int? = nil) {
        self.auditID = auditID
        self.principal = principal
        self.limit = limit
        self.before = before
    }
}

/// One page, newest first.
package struct ArtifactPage: Sendable, Hashable {
    package let records: [ArtifactRecord]
    /// What to ask for the older ones with; `nil` at the end.
    package let next: Int?

    package init(records: [ArtifactRecord], next: Int?) {
        self.records = records
        self.next = next
    }
}

/// How much one principal keeps.
package struct ArtifactHolder: Sendable, Hashable {
    package let principal: String
    package let count: Int
    package let bytes: Int

    package init(principal: String, count: Int, bytes: Int) {
        self.principal = principal
        self.count = count
        self.bytes = bytes
    }
}

/// Remembers what is kept. What a method returned from survives a power cut.
package protocol ArtifactIndex: Sendable {
    func insert(_ record: ArtifactRecord) async throws
    /// Ids that are unknown are passed over.
    func removeArtifacts(_ ids: [String]) async throws
    func artifact(_ id: String) async throws -> ArtifactRecord?
    func artifacts(_ query: ArtifactQuery) async throws -> ArtifactPage
    /// In the order in which they were inserted.
    func oldestArtifacts(_ count: Int, of principal: String) async throws -> [ArtifactRecord]
    /// Everybody who keeps something, in no order.
    func artifactHolders() async throws -> [ArtifactHolder]
    func artifactTotals() async throws -> (count: Int, bytes: Int)
    func artifactIDs() async throws -> Set<String>
    func artifactIDs(ofCalls auditIDs: [String]) async throws -> Set<String>
}
