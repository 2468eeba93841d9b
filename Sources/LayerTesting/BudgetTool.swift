public import ToolKit

/// A tool that says what it would take and does nothing.
public struct BudgetTool: Tool {
    public struct Arguments: ToolArguments {
        public var path: WorkspacePath
        public var content: String
        public var deletions: Int

        public static let schema = ArgumentSchema(
            .required("path", .path, "Where."),
            .optional("content", .content(maxLength: 1_048_576), default: "", "What is written."),
            .optional("deletions", .integer(0...1_000), default: 0, "How many files go."))
    }

    public let name: String
    public let description = "Takes what it is told to."
    public let risk = Risk.low
    public let isEnabledByDefault = true
    public let isIdempotent = true
    public let annotations: ToolAnnotations
    public let availability = Availability.available
    private let use: Access.PathUse

    public init(_ name: String = "spender", use: Access.PathUse = .write, openWorld: Bool = false) {
        self.name = name
        self.use = use
        annotations = ToolAnnotations(title: name, readOnly: use == .read, openWorld: openWorld)
    }

    public func access(for arguments: Arguments) -> Access {
        var access = Access(places: [Access.Place(arguments.path, use)])
        access.deletions = arguments.deletions
        return access
    }

    public func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] { [:] }

    public func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        ToolOutput([:], summary: "nothing")
    }
}
