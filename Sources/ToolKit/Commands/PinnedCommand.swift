/// A command that the gate let pass, with everything that its rule decided: the only thing that is ever started.
///
/// It comes from one ``Command`` and is made in one place; nobody looks a program up, adds a flag or reads an
/// environment afterwards. git, pip and python's json.tool get constant additions, see ``ProgramInvocation``.
public struct PinnedCommand: Sendable, Hashable {
    public let command: Command
    /// Wrapping programs with their own arguments, each program an absolute path: `/usr/bin/timeout 5`.
    public let wrapping: [String]
    /// The name under which rules know the program.
    public let program: String
    /// Absolute, in a system folder or a listed toolchain.
    public let executable: String
    /// Without the program itself, exactly as the caller gave them.
    public let arguments: [String]
    /// Folders that have to be mounted read-only for it, absolute.
    public let toolchains: [String]
    /// Variables of the tool and of toolchains; the runner adds PATH from
    /// ``searchPath``, HOME, LANG and TMPDIR (SECURITY R34).
    public let environment: [String: String]
    /// Folders that its children find programs in.
    public let searchPath: [String]
    /// What it may write, relative to the workspace.
    public let writes: [WorkspacePath]
    /// Whether it may use unix sockets beyond connected pairs.
    public let unixSockets: Bool
    /// Whom it may reach, as far as the rules about hosts let it too; empty: it has no network.
    public let hosts: [HostPattern]
    /// The rules that let it pass, for whoever asks why a host is not reached.
    public let rules: [String]

    public init(
        command: Command, wrapping: [String], program: String, executable: String, arguments: [String],
        toolchains: [String], environment: [String: String],
        searchPath: [String], writes: [WorkspacePath], unixSockets: Bool = false,
        hosts: [HostPattern] = [], rules: [String] = []
    ) {
        self.command = command
        self.wrapping = wrapping
        self.program = program
        self.executable = executable
        self.arguments = arguments
        self.toolchains = toolchains
        self.environment = environment
        self.searchPath = searchPath
        self.writes = writes
        self.unixSockets = unixSockets
        self.hosts = hosts
        self.rules = rules
    }

    /// What the kernel is given, but for the constant additions of ``ProgramInvocation``.
    public var argv: [String] { wrapping + [executable] + arguments }

    public var json: JSONValue {
        [
            "command": command.json, "program": .string(program), "argv": .array(argv.map(JSONValue.string)),
            "toolchains": .array(toolchains.map(JSONValue.string)),
            "environment": .object(environment.mapValues(JSONValue.string)),
            "writes": .array(writes.map { .string($0.description) }), "unix_sockets": .bool(unixSockets),
            "hosts": .array(hosts.map { .string($0.description) }),
        ]
    }
}
