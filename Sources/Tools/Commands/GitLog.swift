package import ToolKit

/// `git log`, newest commits first.
package struct GitLog: GitReadingTool {
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
    package let annotations = ToolAnnotations(title: "Repository history", readOnly: true)
    package let availability: Availability

    package init(availability: Availability = .available) { self.availability = availability }

    package func command(_ arguments: Arguments) throws(ToolFailure) -> Command {
        try reading(["log", "-n", String(arguments.limit), "--date=iso-strict"], in: arguments.cwd)
    }
}
