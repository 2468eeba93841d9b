/// A call as a door received it: decoded, not yet judged.
public struct ToolCall: Sendable, Hashable {
    public var toolName: String
    public var arguments: [String: JSONValue]
    /// `nil` means the configured default.
    public var dryRun: Bool?
    /// Labels of the caller. They are recorded and never decide anything but the rate bucket.
    public var department: String?
    public var agentID: String?
    public var reason: String?
    public var approvalID: String?
    /// The caller's own label for a trace, kept beside ours.
    public var traceID: String?
    /// Whether to wait in the inbox for a person instead of being refused.
    public var waitsForApproval: Bool
    /// The caller's key: a call that is sent again under it is answered as the first time, and does not run again.
    public var idempotencyKey: String?
    /// The task whose step it is, for its budgets. Set by whoever runs tasks; no door reads it from a caller.
    public var taskID: String?
    /// Whether it shall run on a throw-away layer and tell what it would do. Set by the doors of previews only.
    public var isPreview = false
    /// Whether it may be one of the tools that nobody calls by name. Set by the doors of effects only.
    public var isInternal = false

    public init(
        toolName: String, arguments: [String: JSONValue] = [:], dryRun: Bool? = nil, department: String? = nil,
        agentID: String? = nil, reason: String? = nil, approvalID: String? = nil, traceID: String? = nil,
        waitsForApproval: Bool = false, idempotencyKey: String? = nil
    ) {
        self.toolName = toolName
        self.arguments = arguments
        self.dryRun = dryRun
        self.department = department
        self.agentID = agentID
        self.reason = reason
        self.approvalID = approvalID
        self.traceID = traceID
        self.waitsForApproval = waitsForApproval
        self.idempotencyKey = idempotencyKey
    }
}
