public import ToolKit

/// A tool that does nothing but say what was asked of it.
public struct ProbeTool: Tool {
    public struct Arguments: ToolArguments {
        public var path: WorkspacePath
        public var loud: Bool

        public static let schema = ArgumentSchema(
            .required("path", .path, aliases: ["file"], "What would be touched."),
            .optional("loud", .boolean, default: false, "Nothing."))
    }

    public let name: String
    public let aliases: [String]
    public let description = "Touches nothing."
    public let risk: Risk
    public let isEnabledByDefault: Bool
    public let isIdempotent: Bool
    public let annotations = ToolAnnotations(title: "Probe", readOnly: true)
    public let availability: Availability
    public let alwaysNeedsApproval: Bool
    private let use: Access.PathUse
    /// Called by every run that really starts.
    private let onCall: @Sendable (Arguments) async throws -> Void

    public init(
        _ name: String = "probe", aliases: [String] = [], risk: Risk = .low, isEnabledByDefault: Bool = true,
        availability: Availability = .available, isIdempotent: Bool = true, use: Access.PathUse = .read,
        alwaysNeedsApproval: Bool = false,
        onCall: @escaping @Sendable (Arguments) async throws -> Void = { _ in }
    ) {
        self.name = name
        self.aliases = aliases
        self.risk = risk
        self.isEnabledByDefault = isEnabledByDefault
        self.availability = availability
        self.isIdempotent = isIdempotent
        self.use = use
        self.alwaysNeedsApproval = alwaysNeedsApproval
        self.onCall = onCall
    }

    public func access(for arguments: Arguments) -> Access {
        Access(places: [Access.Place(arguments.path, use)])
    }

    public func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        ["summary": .string("would touch \(arguments.path)")]
    }

    public func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        try await onCall(arguments)
        return ToolOutput(["touched": .string(arguments.path.description)], summary: "touched \(arguments.path)")
    }
}
