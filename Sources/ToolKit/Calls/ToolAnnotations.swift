/// Hints for clients that draw a tool or choose between tools. No decision of ours reads them.
public struct ToolAnnotations: Sendable, Hashable {
    public var title: String
    public var readOnly: Bool
    public var destructive: Bool
    /// Whether it reaches beyond this machine.
    public var openWorld: Bool

    public init(title: String, readOnly: Bool, destructive: Bool = false, openWorld: Bool = false) {
        self.title = title
        self.readOnly = readOnly
        self.destructive = destructive
        self.openWorld = openWorld
    }
}

/// Whether a tool can work on this machine at all.
public enum Availability: Sendable, Hashable {
    case available
    /// - Parameters:
    ///   - reason: What is missing, one clause: `needs Windows`.
    ///   - remedy: What the operator can do about it.
    ///   - dependency: The missing program or system, as clients know it: `optional_dependency` of the contract.
    case unavailable(reason: String, remedy: String, dependency: String?)
}

/// How the programs of a tool are confined on this machine.
public struct ToolConfinement: Sendable, Hashable {
    /// `sandbox`, or `unavailable` where the walls cannot be built.
    public var level: String
    /// What would give it a sandbox; `nil` where it has one.
    public var remedy: String?

    public init(level: String, remedy: String? = nil) {
        self.level = level
        self.remedy = remedy
    }
}
