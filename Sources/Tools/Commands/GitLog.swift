package import ToolKit

/// `git log`, newest commits first.
package struct GitLog: ProgramTool {
    package struct Arguments: ToolArguments {
        package let cwd: WorkspacePath?
        package let limit: Int

        package static let schema = ArgumentSchema(
            .optional("cwd", .path, "A folder of the repository; the workspace by default."),
            .optional("limit", .integer(1...1_000), default: 20, "How many commits at most."))
    }

    package let name = "git_log"
    package let aliases = ["repo_git_log"]
    package let description = "Lists the newest commits: hash, author, date and subject."
    package let risk = Risk.low
    package let isEnabledByDefault = true
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Repository history", readOnly: true)
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
        try GitReading.command(["log", "-n", String(arguments.limit), "--date=iso-strict"], in: arguments.cwd)
    }
}
