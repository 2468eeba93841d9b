package import ToolKit

/// A tool that starts one program. What the gate judges, a dry run shows and the call runs is made in one place,
/// ``command(_:)``, so they cannot differ (SECURITY R10).
package protocol CommandTool: ProgramTool {
    /// - Throws: ``ToolFailure`` when the arguments make no command.
    func command(_ arguments: Arguments) throws(ToolFailure) -> Command

    func limits(_ arguments: Arguments) -> CommandLimits

    /// What the audit's summary calls the program.
    func spokenName(of command: Command) -> String
}

extension CommandTool {
    package func spokenName(of command: Command) -> String { command.words.words[0] }

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access { .run(try command(arguments)) }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        try context.commands.plan(try command(arguments), limits: limits(arguments))
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        let command = try command(arguments)
        let result = try await context.commands.run(command, limits: limits(arguments))
        return CommandAnswer.output(result, of: spokenName(of: command))
    }
}
