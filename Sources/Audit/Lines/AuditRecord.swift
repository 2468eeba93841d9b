package import ToolKit

/// One thing to be recorded, as a caller hands it over: already redacted, without the chain's own members.
package struct AuditRecord: Sendable {
    package typealias Member = (key: String, value: JSONValue)

    package var kind: LineKind
    /// Ties an outcome to its intent; unique per call, refusal or change.
    package var auditID: String
    /// The members of `AuditEntry` as far as they are known, no two of one name; `kind`, `audit_id`, `seq`, `prev` and
    /// `hash` are the log's.
    package var members: [Member]

    /// The same by name.
    package var fields: [String: JSONValue] {
        get { Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first } }
        set { members = newValue.map { ($0.key, $0.value) } }
    }

    package init(_ kind: LineKind, auditID: String, fields: [String: JSONValue]) {
        self.init(kind, auditID: auditID, members: fields.map { ($0.key, $0.value) })
    }

    /// - Parameter members: In any order; those that are in the order of their names cost least.
    package init(_ kind: LineKind, auditID: String, members: [Member]) {
        self.kind = kind
        self.auditID = auditID
        self.members = members
    }
}

/// What the index keeps of a line besides its place.
package struct LineKeys: Sendable, Hashable {
    package var kind: LineKind
    package var auditID: String
    package var toolName: String?
    package var status: String?
    package var agentID: String?
    package var principal: String?

    package init(
        kind: LineKind, auditID: String, toolName: String?, status: String?, agentID: String?, principal: String?
    ) {
        self.kind = kind
        self.auditID = auditID
        self.toolName = toolName
        self.status = status
        self.agentID = agentID
        self.principal = principal
    }

    init(kind: LineKind, auditID: String, fields: [String: JSONValue]) {
        self.kind = kind
        self.auditID = auditID
        toolName = fields["tool_name"]?.stringValue
        status = fields["status"]?.stringValue
        agentID = fields["agent_id"]?.stringValue
        principal = fields["principal"]?.stringValue
    }

    init(kind: LineKind, auditID: String, members: [AuditRecord.Member]) {
        self.kind = kind
        self.auditID = auditID
        for (name, value) in members {
            switch name {
            case "tool_name": toolName = value.stringValue
            case "status": status = value.stringValue
            case "agent_id": agentID = value.stringValue
            case "principal": principal = value.stringValue
            default: break
            }
        }
    }
}

/// A record as bytes, made on the caller's thread so that the writer has little left to do.
struct EncodedRecord: Sendable {
    let keys: LineKeys
    /// `{"agent_id":…,"ts":…`: a JSON object without its closing brace; the writer adds `seq`, `prev` and `hash`.
    let bytes: [UInt8]

    init(_ record: AuditRecord) {
        var members: [AuditRecord.Member] = []
        members.reserveCapacity(record.members.count + 2)
        for member in record.members where !Self.ownMembers.contains(member.key) { members.append(member) }
        members.append(("audit_id", .string(record.auditID)))
        members.append(("kind", .string(record.kind.rawValue)))
        self.init(
            keys: LineKeys(kind: record.kind, auditID: record.auditID, members: record.members), members: members)
    }

    init(keys: LineKeys, members: [AuditRecord.Member]) {
        var bytes = JSONWriter.write(members: members, escaping: .invisible)
        if bytes.count > LineFormat.maximumBody {
            bytes = FieldLimits.fit(
                Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }, into: LineFormat.maximumBody)
        }
        bytes.removeLast()
        self.keys = keys
        self.bytes = bytes
    }

    /// What only the log itself says of a line.
    private static let ownMembers = ["kind", "audit_id", "seq", "prev", "hash"]
}
