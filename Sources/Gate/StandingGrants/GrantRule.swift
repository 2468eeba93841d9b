package import ToolKit

/// Which calls a person lets pass from now on without being asked again.
package struct GrantRule: Sendable, Hashable {
    /// Canonical.
    package let toolName: String
    /// By canonical name. An argument that is not named here must be left out or have its default.
    package let arguments: [String: ArgumentRule]
    /// Only calls with this label. A label is never authority: it narrows and nothing else.
    package let agentID: String?
    /// Only calls of this token; `nil` for all that may use the tool.
    package let principal: String?
    /// How far the effect may go that a call puts onto the workspace; `nil` where it puts none.
    package let within: EffectLimits?

    package init(
        toolName: String, arguments: [String: ArgumentRule], agentID: String?, principal: String?,
        within: EffectLimits? = nil
    ) {
        self.within = within
        self.toolName = toolName
        self.arguments = arguments
        self.agentID = agentID
        self.principal = principal
    }

    /// - Parameters:
    ///   - arguments: Canonical.
    ///   - effect: What the call puts onto the workspace.
    package func covers(
        _ arguments: [String: JSONValue], schema: ArgumentSchema, principal: String, agentID: String?,
        effect: EffectFacts? = nil, ignoring ignored: Set<String> = []
    ) -> Bool {
        if let within {
            guard let effect, within.excesses(of: effect).isEmpty else { return false }
        }
        guard self.principal == nil || self.principal == principal else { return false }
        guard self.agentID == nil || self.agentID == agentID else { return false }
        guard arguments.keys.allSatisfy({ name in schema.properties.contains { $0.name == name } }) else {
            return false
        }
        return schema.properties.allSatisfy { property in
            if ignored.contains(property.name) { return true }
            let value = arguments[property.name]
            guard let rule = self.arguments[property.name] else {
                return value.map { JSONWriter.write($0) } == property.defaultValue.map { JSONWriter.write($0) }
            }
            return rule.covers(value ?? .null, of: property.type)
        }
    }

    package enum RecordedCover: Sendable {
        case covered
        case outside
        /// The record keeps too little of an argument to say.
        case undecided
    }

    /// As ``covers(_:schema:principal:agentID:)`` for arguments as the audit keeps them, where contents are a size and a
    /// hash, and long texts are cut.
    package func coversRecorded(
        _ arguments: [String: JSONValue], schema: ArgumentSchema, principal: String, agentID: String?
    ) -> RecordedCover {
        var known = Self.canonical(arguments, schema)
        var rules = self.arguments
        var isUndecided = false
        for property in schema.properties {
            guard let value = known[property.name], let rule = rules[property.name] else { continue }
            if let size = value["size"]?.integerValue, let hash = value["sha256"]?.stringValue {
                switch rule {
                case .exact(let expected):
                    guard CallDigest.content(expected) == (size, hash) else { return .outside }
                case .prefix, .words: isUndecided = true
                case .type: break
                }
            } else if Self.isCut(value) {
                isUndecided = true
            } else {
                continue
            }
            known[property.name] = nil
            rules[property.name] = nil
        }
        let remaining = GrantRule(
            toolName: toolName, arguments: rules, agentID: self.agentID, principal: self.principal)
        // The record does not keep how far an effect went.
        if within != nil { isUndecided = true }
        let names = Set(self.arguments.keys).subtracting(rules.keys)
        guard remaining.covers(known, schema: schema, principal: principal, agentID: agentID, ignoring: names) else {
            return .outside
        }
        return isUndecided ? .undecided : .covered
    }

    /// A call that was refused is recorded as it was sent: by other names, and without its defaults.
    private static func canonical(_ arguments: [String: JSONValue], _ schema: ArgumentSchema) -> [String: JSONValue] {
        var known = arguments
        for property in schema.properties where known[property.name] == nil {
            let spelling = property.aliases.first { known[$0] != nil }
            known[property.name] = spelling.flatMap { known.removeValue(forKey: $0) } ?? property.defaultValue
        }
        for property in schema.properties {
            guard property.type == .path, let text = known[property.name]?.stringValue else { continue }
            if let path = try? WorkspacePath(text, roots: []) { known[property.name] = .string(path.description) }
        }
        return known
    }

    /// Whether something was taken out of a value before it was recorded.
    private static func isCut(_ value: JSONValue) -> Bool {
        switch value {
        case .string(let text): text.contains("[redacted]") || text.utf8.count > 2_000
        case .array(let elements): elements.count > 255 || elements.contains(where: isCut)
        default: false
        }
    }

    /// Whether it leaves out enough: an argument that every call must have is narrowed, or, where there is none, any is.
    ///
    /// An optional one would not do: a rule that holds `timeout` to its default and leaves the script open covers every
    /// script.
    func isNarrow(_ schema: ArgumentSchema) -> Bool {
        if let within { return within.isNarrowing }
        guard !schema.properties.isEmpty else { return true }
        let required = schema.properties.filter(\.isRequired)
        return (required.isEmpty ? schema.properties : required).contains { property in
            arguments[property.name]?.isNarrowing(property.type) ?? true
        }
    }
}

/// A rule in force: for how many calls, or until when.
package struct StandingGrant: Sendable, Hashable {
    package let id: String
    package let rule: GrantRule
    /// Rules of the policy that asked about the call with which it was given. What another rule asks about was never shown
    /// to whoever gave it, and is asked about again.
    package let asking: Set<String>
    /// `nil` when only the time limits it.
    package var usesLeft: Int?
    /// Unix seconds; `nil` when only the uses limit it.
    package let expiresAt: Double?
    /// Who gave it, when, and with the decision about which item.
    package let createdBy: String
    package let createdAt: Double
    package let itemID: String
    package var revokedAt: Double?

    package init(
        id: String, rule: GrantRule, asking: Set<String> = [], usesLeft: Int?, expiresAt: Double?, createdBy: String,
        createdAt: Double, itemID: String, revokedAt: Double? = nil
    ) {
        self.id = id
        self.rule = rule
        self.asking = asking
        self.usesLeft = usesLeft
        self.expiresAt = expiresAt
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.itemID = itemID
        self.revokedAt = revokedAt
    }

    package func isInForce(at wall: Double) -> Bool {
        revokedAt == nil && (usesLeft ?? 1) > 0 && (expiresAt.map { wall < $0 } ?? true)
    }
}

/// Keeps standing grants. What returned survives a crash, and no use is given out twice.
package protocol GrantStore: Sendable {
    /// Those that may still be in force at this time: neither revoked nor used up nor expired. Oldest first.
    func grants(inForceAt wall: Double) async throws -> [StandingGrant]

    /// Takes one use, if the grant is still in force at this time. One atomic, durable step.
    func use(_ id: String, at wall: Double) async throws -> Bool

    /// - Returns: The grant as it was; `nil` when there is none in force of that id.
    func revokeGrant(_ id: String, at wall: Double) async throws -> StandingGrant?
}
