package import ToolKit

/// `git status`, with everything that a repository could make git execute switched off.
package struct GitStatus: ProgramTool {
    package struct Arguments: ToolArguments {
        package let cwd: WorkspacePath?

        package static let schema = ArgumentSchema(
            .optional("cwd", .path, "A folder of the repository; the workspace by default."))
    }

    package let name = "git_status"
    package let aliases = ["repo_git_status"]
    package let description = "Shows the branch and the files that differ from the last commit, in git's short format."
    package let risk = Risk.low
    package let isEnabledByDefault = true
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Repository status", readOnly: true)
    package let availability: Availability

    package init(availability: Availability = .available) { self.availability = availability }

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access { .run(try command(arguments)) }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        try context.commands.plan(try command(arguments), limits: GitReading.limits)
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        try await GitReading.run(try command(arguments), in: context)
    }

    private func command(_ arguments: Arguments) throws(ToolFailure) -> Command {
        try GitReading.command(["status", "--short", "--branch"], in: arguments.cwd)
    }
}
