internal import ToolKit

/// Puts a previewed effect onto the workspace, exactly as it was seen, all of it or nothing.
struct EffectApply: Tool {
    let kept: any KeptEffects

    let name = "effect_apply"
    let description = "Puts a previewed effect onto the workspace: exactly those bytes, all of them or nothing."
    let risk = Risk.medium
    let isEnabledByDefault = true
    let isIdempotent = false
    let annotations = ToolAnnotations(title: "Apply an effect", readOnly: false, destructive: true)
    let timeLimit = Duration.seconds(600)

    struct Arguments: ToolArguments {
        var effectID: String
        var effectDigest: String

        enum CodingKeys: String, CodingKey {
            case effectID = "effect_id"
            case effectDigest = "effect_digest"
        }

        static let schema = ArgumentSchema(
            .required("effect_id", .string(minLength: 1, maxLength: 64), "As the preview answered it"),
            .required("effect_digest", .string(minLength: 1, maxLength: 128), "Of the effect, as it was seen"))
    }

    func access(for arguments: Arguments) throws(ToolFailure) -> Access {
        try kept.access(applying: arguments.effectID, digest: arguments.effectDigest)
    }

    func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        try await context.effects.plan(applying: arguments.effectID)
    }

    func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        try context.checkLimits()
        return try await context.effects.apply(arguments.effectID)
    }
}
