package import ToolKit

/// `git diff` of the work tree or the index, never through a program that the repository names.
package struct GitDiff: ProgramTool {
    package struct Arguments: ToolArguments {
        package let cwd: WorkspacePath?
        package let staged: Bool
        package let paths: [WorkspacePath]?

        package static let schema = ArgumentSchema(
            .optional("cwd", .path, "A folder of the repository; the workspace by default."),
            .optional("staged", .boolean, default: false, "Whether to show what is staged instead of what is not."),
            .optional(
                "paths", .array(of: .path, count: 1...1_000),
                "Only these files and folders, relative to the workspace."))
    }

    package let name = "git_diff"
    package let aliases = ["repo_git_diff"]
    package let description = "Shows the changes that are not committed yet as a unified diff."
    package let risk = Risk.low
    package let isEnabledByDefault = true
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Repository diff", readOnly: true)
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
        var words = ["diff"]
        if arguments.staged { words.append("--cached") }
        if let paths = arguments.paths {
            let folder = arguments.cwd ?? .root
            words.append("--")
            for path in paths {
                guard let relative = path.relative(to: folder) else {
                    throw ToolFailure(
                        "path_outside_folder", "\(path) does not lie in \(folder)",
                        remedy: "leave cwd out, or name paths inside it")
                }
                words.append(relative)
            }
        }
        return try GitReading.command(words, in: arguments.cwd)
    }
}
