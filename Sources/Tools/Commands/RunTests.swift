package import ToolKit

/// Runs a project's tests with the runner that the project uses.
package struct RunTests: CommandTool {
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

    package func spokenName(of command: Command) -> String { command.words.words.joined(separator: " ") }

    package func command(_ arguments: Arguments) throws(ToolFailure) -> Command {
        Command(
            try CommandAnswer.words(.string(arguments.runner)), in: arguments.cwd ?? .root,
            environment: Self.environment)
    }

    /// For every runner, because one starts the others: nothing is fetched, nothing waits for a person or watches files,
    /// and caches go where there is room and nobody else reads them.
    private static let environment = [
        "CI": "true", "NO_COLOR": "1",
        "PYTHONDONTWRITEBYTECODE": "1", "COVERAGE_FILE": "/tmp/.coverage", "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "npm_config_cache": "/tmp/npm", "npm_config_update_notifier": "false", "npm_config_offline": "true",
        "npm_config_audit": "false", "npm_config_fund": "false", "COREPACK_ENABLE_NETWORK": "0",
        "CARGO_NET_OFFLINE": "true",
        "GOCACHE": "/tmp/go-build", "GOPROXY": "off", "GOTOOLCHAIN": "local",
    ]

    package func limits(_ arguments: Arguments) -> CommandLimits {
        CommandLimits(wallTime: .seconds(arguments.timeout))
    }
}
