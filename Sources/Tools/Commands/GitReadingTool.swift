package import ToolKit

/// A tool that only looks at a repository.
package protocol GitReadingTool: CommandTool {}

extension GitReadingTool {
    package var risk: Risk { .low }
    package var isEnabledByDefault: Bool { true }
    package var isIdempotent: Bool { true }

    package func limits(_ arguments: Arguments) -> CommandLimits { CommandLimits(wallTime: .seconds(30)) }

    package func spokenName(of command: Command) -> String { command.words.words.prefix(2).joined(separator: " ") }

    /// - Parameter arguments: The words behind `git`.
    func reading(_ arguments: [String], in folder: WorkspacePath?) throws(ToolFailure) -> Command {
        Command(try CommandAnswer.words(["git"] + arguments), in: folder ?? .root, view: .readOnly)
    }
}
