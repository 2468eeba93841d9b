/// What the kernel is really given for a pinned command: its words and the constant additions that keep a program from
/// reading somebody's configuration or code. Pure, so that the plan, the audit and the start say the same.
public struct ProgramInvocation: Sendable, Hashable {
    public let argv: [String]
    /// On top of PATH, HOME, LANG and TMPDIR, which the runner sets.
    public let environment: [String: String]

    /// - Parameters:
    ///   - workspace: The root of the workspace as the program sees it, absolute, without a slash at the end.
    ///   - repository: For git: where the `.git` folder lies that was found and verified.
    ///   - filters: For git: names of configured filters, see ``GitConfigScan``.
    ///   - quarantine: For git that commits: where it writes, see ``GitQuarantine``.
    ///   - hidden: For git: what it must not take for deleted, see ``GitInvocation``.
    public init(
        _ command: PinnedCommand, workspace: String, repository: WorkspacePath? = nil, filters: [String] = [],
        quarantine: GitQuarantine? = nil, hidden: [WorkspacePath] = []
    ) {
        var arguments = command.arguments
        var additions: [String: String] = [:]
        switch command.program {
        case "git":
            let git = GitInvocation(
                judged: arguments, workspace: workspace, repository: repository, filters: filters,
                quarantine: quarantine, hidden: hidden)
            arguments = git.arguments
            additions = git.environment
        case "pip", "pip3":
            arguments = ["--isolated"] + arguments
            additions = Self.pip(command)
        case "python", "python3":
            if arguments.starts(with: ["-m", "json.tool"]) {
                // Neither the folder nor site packages can put another json in front of the real one (SECURITY R17).
                arguments = ["-I", "-S"] + arguments
            } else if arguments.starts(with: ["-m", "pip"]) {
                arguments = ["-I", "-m", "pip", "--isolated"] + arguments.dropFirst(2)
                additions = Self.pip(command)
            }
        default: break
        }
        argv = command.wrapping + [command.executable] + arguments
        // What we add wins over what a toolchain says.
        environment =
            command.environment.isEmpty ? additions : command.environment.merging(additions) { _, ours in ours }
    }

    /// No configuration, no questions, and no index unless a rule lets it reach a host (SECURITY R18).
    private static func pip(_ command: PinnedCommand) -> [String: String] {
        var variables = [
            "PIP_CONFIG_FILE": "/dev/null", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1",
            "PIP_NO_CACHE_DIR": "1",
        ]
        if command.hosts.isEmpty { variables["PIP_NO_INDEX"] = "1" }
        return variables
    }
}
