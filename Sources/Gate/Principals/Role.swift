/// What a token may do. A role is a fixed set of permissions; labels in a request never add to it.
package enum Role: String, Sendable, CaseIterable {
    case agent
    case viewer
    case approver
    case `operator`

    package func allows(_ permission: Permission) -> Bool {
        switch self {
        case .operator: true
        case .agent: permission == .runTools || permission == .listTools || permission == .readOwnRecords
        case .viewer: Self.reading.contains(permission)
        case .approver: Self.reading.contains(permission) || permission == .decide || permission == .startLockdown
        }
    }

    private static let reading: Set<Permission> = [
        .listTools, .readOwnRecords, .readAllRecords, .readConfiguration,
    ]
}

/// One thing that a caller may or may not do.
package enum Permission: String, Sendable, CaseIterable {
    case listTools = "list tools"
    case runTools = "run tools"
    case readOwnRecords = "read its own records"
    case readAllRecords = "read all records"
    case readConfiguration = "read the configuration"
    case configure = "change the configuration"
    case decide = "decide about approvals"
    case startLockdown = "start a lockdown"
    case endLockdown = "end a lockdown"
    case manageTokens = "manage tokens"
}
