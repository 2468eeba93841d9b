package import ToolKit

/// Runs a project's tests with the runner that the project uses.
package struct RunTests: Tool {
    package struct Arguments: ToolArguments {
        package let runner: String
        package let cwd: WorkspacePath?
        package let timeout: Int

        package static let schema = ArgumentSchema(
            .required(
                "runner", .choice(RunTests.runners), aliases: ["command"],
                "The command that the project's tests are started with."),
            .optional("cwd", .path, "The folder of the project; the workspace by default."),
            .optional(
                "timeout", .integer(1...3_600), default: 600, aliases: ["timeout_sec"],
                "Seconds after which they are ended."))
    }

    static let runners = [
        "pytest", "python -m pytest", "python -m pytest -v", "npm test", "npm run test", "pnpm test", "pnpm run test",
        "swift test", "cargo test", "go test",
    ]

    package let name = "run_tests"
    package let description =
        "Runs the tests of a project in the sandbox, without a network. Build and cache folders of the runner are "
        + "writable, everything else is not."
    package let risk = Risk.medium
    package let isEnabledByDefault = true
    package let isIdempotent = false
    package let annotations = ToolAnnotations(title: "Run tests", readOnly: false)
    package let availability: Availability
    package let timeLimit = Duration.seconds(3_660)

    package init(availability: Availability = .available) { self.availability = availability }

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access { .run(try command(arguments)) }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        try context.commands.plan(try command(arguments), limits: limits(arguments))
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        let result = try await context.commands.run(try command(arguments), limits: limits(arguments))
        return CommandAnswer.output(result, of: arguments.runner)
    }

    private func command(_ arguments: Arguments) throws(ToolFailure) -> Command {
        Command(try CommandAnswer.words(.string(arguments.runner)), in: arguments.cwd ?? .root)
    }

    private func limits(_ arguments: Arguments) -> CommandLimits {
        CommandLimits(wallTime: .seconds(arguments.timeout))
    }
}
