package import ToolKit

/// Runs one program that a rule of the policy lets pass. No shell is started.
package struct ShellExec: CommandTool {
    package struct Arguments: ToolArguments {
        package let command: JSONValue
        package let cwd: WorkspacePath?
        package let timeoutSec: Int

        package static let schema = ArgumentSchema(
            .required(
                "command", CommandAnswer.commandType, aliases: ["cmd"],
                "The program and its arguments: a list of words, or one text that is split as a shell would."),
            .optional("cwd", .path, "The folder to run in; the workspace by default."),
            .optional(
                "timeout_sec", .integer(1...3_600), default: 30, aliases: ["timeout"],
                "Seconds after which it is ended."))
    }

    package let name = "shell_exec"
    package let description =
        "Runs one program in the sandbox, without a shell. The workspace is read-only to it except where the rule "
        + "that lets it pass says otherwise, and there is no network."
    package let risk = Risk.medium
    package let isEnabledByDefault = true
    package let isIdempotent = false
    package let annotations = ToolAnnotations(title: "Run a program", readOnly: false, destructive: true)
    package let availability: Availability
    package let timeLimit = Duration.seconds(3_660)

    package init(availability: Availability = .available) { self.availability = availability }

    package func command(_ arguments: Arguments) throws(ToolFailure) -> Command {
        Command(try CommandAnswer.words(arguments.command), in: arguments.cwd ?? .root)
    }

    package func limits(_ arguments: Arguments) -> CommandLimits {
        CommandLimits(wallTime: .seconds(arguments.timeoutSec))
    }
}
