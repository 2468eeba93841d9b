package import ToolKit

/// `git diff` of the work tree or the index, never through a program that the repository names.
package struct GitDiff: GitReadingTool {
    package struct Arguments: ToolArguments {
        package let cwd: WorkspacePath?
        package let staged: Bool
        package let paths: [WorkspacePath]?

        package static let schema = ArgumentSchema(
            .optional("cwd", .path, "A folder of the repository; the workspace by default."),
            .optional("staged", .boolean, default: false, "Whether to show what is staged instead of what is not."),
            .optional(
                "paths", GitOperands.pathsType,
                "Only these files and folders, relative to the workspace."))
    }

    package let name = "git_diff"
    package let aliases = ["repo_git_diff"]
    package let description = "Shows the changes that are not committed yet as a unified diff."
    package let annotations = ToolAnnotations(title: "Repository diff", readOnly: true)
    package let availability: Availability

    package init(availability: Availability = .available) { self.availability = availability }

    package func command(_ arguments: Arguments) throws(ToolFailure) -> Command {
        var words = ["diff"]
        if arguments.staged { words.append("--cached") }
        if let paths = arguments.paths { words += try GitOperands.words(paths, in: arguments.cwd) }
        return try reading(words, in: arguments.cwd)
    }
}
