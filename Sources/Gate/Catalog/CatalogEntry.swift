package import ToolKit

/// A tool with what is asked of it for every call, looked up once.
package struct CatalogEntry: Sendable {
    package let tool: any Tool
    package let schema: ArgumentSchema
    package let inputSchema: JSONValue
    /// Arguments that the audit keeps as size and SHA-256.
    package let contentNames: Set<String>
    /// Whether nobody calls it by name: only the routes of effects and what people approve reach it.
    package let isInternal: Bool

    init<T: Tool>(_ tool: T, isInternal: Bool = false) {
        self.tool = tool
        self.isInternal = isInternal
        schema = T.Arguments.schema
        inputSchema = schema.jsonSchema
        contentNames = schema.contentNames
    }

    package var name: String { tool.name }

    /// What a call with these canonical arguments would touch.
    package func access(for arguments: [String: JSONValue]) throws -> Access { try prepare(arguments).access }

    func prepare(_ arguments: [String: JSONValue]) throws -> any PreparedCall {
        try Self.prepare(tool, arguments)
    }

    private static func prepare(_ tool: some Tool, _ arguments: [String: JSONValue]) throws -> any PreparedCall {
        try Prepared(tool, arguments: arguments)
    }
}
