internal import ToolKit

/// Takes back what an earlier call changed, all of it or nothing.
struct EffectUndo: Tool {
    let kept: any KeptEffects

    let name = "effect_undo"
    let description = "Restores what an earlier call changed: all of it or nothing, and nothing that changed since."
    /// It leads to what was there before.
    let risk = Risk.low
    let isEnabledByDefault = true
    let isIdempotent = false
    let annotations = ToolAnnotations(title: "Undo a call", readOnly: false, destructive: true)
    let timeLimit = Duration.seconds(600)

    struct Arguments: ToolArguments {
        var auditID: String

        enum CodingKeys: String, CodingKey {
            case auditID = "audit_id"
        }

        static let schema = ArgumentSchema(
            .required("audit_id", .string(minLength: 1, maxLength: 64), "Of the call to be undone"))
    }

    func access(for arguments: Arguments) throws(ToolFailure) -> Access {
        try kept.access(undoing: arguments.auditID)
    }

    func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        try await context.effects.plan(undoing: arguments.auditID)
    }

    func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        try context.checkLimits()
        return try await context.effects.undo(arguments.auditID)
    }
}
