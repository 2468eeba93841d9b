internal import ToolKit

/// What the tools that only look at a repository have in common.
enum GitReading {
    static let limits = CommandLimits(wallTime: .seconds(30))

    static func command(_ arguments: [String], in folder: WorkspacePath?) throws(ToolFailure) -> Command {
        Command(try CommandAnswer.words(["git"] + arguments), in: folder ?? .root, view: .readOnly)
    }

    static func run(_ command: Command, in context: ToolContext) async throws -> ToolOutput {
        let result = try await context.commands.run(command, limits: limits)
        return CommandAnswer.output(result, of: "git \(command.words.words.dropFirst().first ?? "")")
    }
}
