package import ToolKit

/// What GET `/logs` asks for.
package struct LogQuery: Sendable, Hashable {
    package enum Group: String, Sendable, CaseIterable {
        /// Calls, dry runs and refusals.
        case call
        case change
    }

    /// How many entries an index looks at for one page when two filters meet: the page then ends early and names where
    /// to go on, so that no query costs more because there is more history.
    package static let window = 2_000

    /// 1…1000 (SECURITY R64).
    package var limit: Int
    /// Entries before this `seq` only.
    package var before: Int?
    package var group: Group?
    package var toolName: String?
    package var status: CallStatus?
    package var agentID: String?
    package var principal: String?

    package init(
        limit: Int = 50, before: Int? = nil, group: Group? = nil, toolName: String? = nil, status: CallStatus? = nil,
        agentID: String? = nil, principal: String? = nil
    ) {
        self.limit = min(max(limit, 1), 1_000)
        self.before = before
        self.group = group
        self.toolName = toolName
        self.status = status
        self.agentID = agentID
        self.principal = principal
    }

    package func matches(_ keys: LineKeys) -> Bool {
        (group == nil || group == Group(keys.kind)) && (toolName == nil || toolName == keys.toolName)
            && (status == nil || status?.rawValue == keys.status) && (agentID == nil || agentID == keys.agentID)
            && (principal == nil || principal == keys.principal)
    }
}

extension LogQuery.Group {
    package init(_ kind: LineKind) { self = kind == .change ? .change : .call }
}

/// A page of `/logs`.
package struct LogPage: Sendable, Hashable {
    /// `AuditEntry` objects, newest first.
    package var entries: [JSONValue]
    package var next: Int?
}
