package import ToolKit

/// Runs one program where it can do no harm: in a fresh temporary folder without the workspace, or over a throw-away layer
/// of it.
package struct SandboxWorkerRun: CommandTool {
    package struct Arguments: ToolArguments {
        package let command: JSONValue
        package let timeoutSec: Int
        package let workspace: Bool
        package let keep: [String]?

        package static let schema = ArgumentSchema(
            .required(
                "command", CommandAnswer.commandType, aliases: ["cmd"],
                "The program and its arguments: a list of words, or one text that is split as a shell would."),
            .optional(
                "timeout_sec", .integer(1...3_600), default: 60, aliases: ["timeout"],
                "Seconds after which it is ended."),
            .optional(
                "workspace", .boolean, default: false,
                "Whether to run over a throw-away layer of the workspace instead; the answer tells by effect_id what it did there."
            ),
            .optional(
                "keep", .array(of: .string(minLength: 1, maxLength: KeepPattern.lengthLimit), count: 1...32),
                "Files to keep once the program has ended, relative to the folder it starts in: a file's name, a "
                    + "folder's name for everything below it, or a pattern with *, ? and ** such as out/**/*.html. "
                    + "Regular files only, at most 64 and 64 MiB together, 32 MiB each; the answer lists them as "
                    + "artifacts, and under not_kept what was left out and why."))
    }

    package let name = "sandbox_worker_run"
    package let description =
        "Runs one program in a fresh temporary folder, without the workspace, without a home folder and, unless policy "
        + "opens hosts to it, without a network. What it writes is gone when it ends, but for the files that keep names. With workspace: true it runs "
        + "over a layer of the workspace, and what it did there can be applied afterwards."
    package let risk = Risk.medium
    package let isEnabledByDefault = false
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Run in a throw-away sandbox", readOnly: true)
    package let availability: Availability
    package let timeLimit = Duration.seconds(3_660)

    package init(availability: Availability = .available) { self.availability = availability }

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access {
        var access = Access.run(try command(arguments))
        access.runsAsPreview = arguments.workspace
        return access
    }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        var plan = try context.commands.plan(try command(arguments), limits: limits(arguments))
        plan["keep"] = arguments.keep.map { .array($0.map(JSONValue.string)) }
        return plan
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        let command = try command(arguments)
        let result = try await context.commands.run(
            command, limits: limits(arguments), keeping: try patterns(arguments))
        return CommandAnswer.output(
            result, of: command.words.words[0],
            adding: ["status": "ok", "cwd": .string(arguments.workspace ? "." : KeepPattern.folder)])
    }

    package func command(_ arguments: Arguments) throws(ToolFailure) -> Command {
        guard arguments.keep == nil || !arguments.workspace else {
            throw ToolFailure(
                "invalid_arguments", "keep is for programs that do not see the workspace",
                remedy: "leave keep out; what the program writes is in the effect")
        }
        // Before anything runs: a call whose files cannot be kept as asked is wrong as a whole.
        _ = try patterns(arguments)
        return Command(
            try CommandAnswer.words(arguments.command), view: arguments.workspace ? .layered : .hidden)
    }

    private func patterns(_ arguments: Arguments) throws(ToolFailure) -> [KeepPattern] {
        var patterns: [KeepPattern] = []
        for text in arguments.keep ?? [] { patterns.append(try KeepPattern(text)) }
        return patterns
    }

    package func limits(_ arguments: Arguments) -> CommandLimits {
        CommandLimits(wallTime: .seconds(arguments.timeoutSec))
    }
}
