package import ToolKit

/// `git status`, with everything that a repository could make git execute switched off.
package struct GitStatus: GitReadingTool {
    package struct Arguments: ToolArguments {
        package let cwd: WorkspacePath?

        package static let schema = ArgumentSchema(
            .optional("cwd", .path, "A folder of the repository; the workspace by default."))
    }

    package let name = "git_status"
    package let aliases = ["repo_git_status"]
    package let description = "Shows the branch and the files that differ from the last commit, in git's short format."
    package let annotations = ToolAnnotations(title: "Repository status", readOnly: true)
    package let availability: Availability

    package init(availability: Availability = .available) { self.availability = availability }

    package func command(_ arguments: Arguments) throws(ToolFailure) -> Command {
        try reading(["status", "--short", "--branch"], in: arguments.cwd)
    }
}
