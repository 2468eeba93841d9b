package import ToolKit

/// A tool together with arguments that its schema accepted: everything that decides what would run, and nothing else.
package protocol PreparedCall: Sendable {
    /// What it would touch, as the tool says.
    var access: Access { get }
    var timeLimit: Duration { get }
    func plan(in context: ToolContext) async throws -> [String: JSONValue]
    func call(in context: ToolContext) async throws -> ToolOutput
}

struct Prepared<T: Tool>: PreparedCall {
    let tool: T
    let arguments: T.Arguments
    let access: Access

    init(_ tool: T, arguments: [String: JSONValue]) throws {
        self.tool = tool
        self.arguments = try ArgumentDecoder.decode(T.Arguments.self, from: arguments)
        access = try tool.access(for: self.arguments)
    }

    var timeLimit: Duration { tool.timeLimit }

    func plan(in context: ToolContext) async throws -> [String: JSONValue] {
        try await tool.plan(for: arguments, in: context)
    }

    func call(in context: ToolContext) async throws -> ToolOutput {
        try await tool.call(arguments: arguments, in: context)
    }
}
