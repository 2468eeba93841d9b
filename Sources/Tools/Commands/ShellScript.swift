package import ToolKit

/// Runs a script of bash in the sandbox, over a layer of the workspace. Its words are not judged; what it did to the layer
/// is what people see and apply.
package struct ShellScript: CommandTool {
    package struct Arguments: ToolArguments {
        package let script: String
        package let cwd: WorkspacePath?
        package let timeoutSec: Int

        package static let schema = ArgumentSchema(
            .required("script", .content(maxLength: 65_536), "The script, as it would stand in a file."),
            .optional("cwd", .path, "The folder to run in; the workspace by default."),
            .optional(
                "timeout_sec", .integer(1...3_600), default: 120, aliases: ["timeout"],
                "Seconds after which it is ended."))
    }

    package let name = "shell_script"
    package let description =
        "Runs a bash script in the sandbox, without a network, over a throw-away layer of the workspace, and answers what "
        + "it would change with an effect_id; nothing is changed until that is applied."
    package let risk = Risk.high
    package let isEnabledByDefault = false
    package let isIdempotent = false
    package let annotations = ToolAnnotations(title: "Run a script", readOnly: false, destructive: true)
    package let availability: Availability
    package let timeLimit = Duration.seconds(3_660)
    /// Whether a run changes the workspace at once, as the configuration says at the moment.
    private let isDirect: @Sendable () -> Bool

    package init(availability: Availability = .available, isDirect: @escaping @Sendable () -> Bool = { false }) {
        self.availability = availability
        self.isDirect = isDirect
    }

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access {
        var access = Access.run(try command(arguments))
        access.runsAsPreview = !isDirect()
        return access
    }

    package func command(_ arguments: Arguments) throws(ToolFailure) -> Command {
        let words = ["bash", "--noprofile", "--norc", "-c", arguments.script, "bash"]
        return Command(try CommandAnswer.words(words), in: arguments.cwd ?? .root, view: .script)
    }

    package func limits(_ arguments: Arguments) -> CommandLimits {
        CommandLimits(wallTime: .seconds(arguments.timeoutSec))
    }
}
