/// What is known of kept effects, for the tools that apply and undo them, before their calls are judged. Blocks.
public protocol KeptEffects: Sendable {
    /// What applying an effect would touch.
    ///
    /// - Parameter digest: The effect's, as the caller has seen it.
    /// - Throws: ``ToolFailure`` when there is no such effect, it is another one, or it cannot be applied any more.
    func access(applying id: String, digest: String) throws(ToolFailure) -> Access

    /// What undoing a call would touch.
    ///
    /// - Throws: ``ToolFailure`` when there is no such call, or it cannot be undone.
    func access(undoing auditID: String) throws(ToolFailure) -> Access
}

/// Puts kept effects onto the workspace, for one call.
public protocol EffectDeeds: Sendable {
    /// What ``apply(_:)`` would do: all that a preview's answer says of the effect, and what conflicts now.
    func plan(applying id: String) async throws -> [String: JSONValue]

    /// - Throws: ``ToolFailure``; nothing was changed then.
    func apply(_ id: String) async throws -> ToolOutput

    func plan(undoing auditID: String) async throws -> [String: JSONValue]

    /// - Throws: ``ToolFailure``; nothing was changed then.
    func undo(_ auditID: String) async throws -> ToolOutput
}

/// For a world in which no effects are kept.
public struct NoEffects: EffectDeeds {
    public init() {}

    public func plan(applying id: String) async throws -> [String: JSONValue] { throw Self.refusal }
    public func apply(_ id: String) async throws -> ToolOutput { throw Self.refusal }
    public func plan(undoing auditID: String) async throws -> [String: JSONValue] { throw Self.refusal }
    public func undo(_ auditID: String) async throws -> ToolOutput { throw Self.refusal }

    private static let refusal = ToolFailure(
        "effects_unavailable", "no effects are kept here", remedy: "use the daemon")
}
