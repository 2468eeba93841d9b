/// Starts programs for a call: confined, and only those that the gate granted it.
public protocol CommandRunner: Sendable {
    /// Runs one program to its end and everything that it started to theirs.
    ///
    /// - Parameters:
    ///   - command: One of those that the call's access names.
    ///   - patterns: Files of the program's own folder that become artifacts once it has ended. Only for a command that
    ///     does not see the workspace.
    /// - Returns: Also for a program that failed, died by a signal or was ended at a limit.
    /// - Throws: ``ToolFailure`` when it did not run, ``CallInterrupted`` when the call was cancelled.
    func run(_ command: Command, limits: CommandLimits, keeping patterns: [KeepPattern]) async throws -> CommandResult

    /// What ``run(_:limits:keeping:)`` would start, for the plan of a dry run.
    ///
    /// - Throws: ``ToolFailure`` when it would not start.
    func plan(_ command: Command, limits: CommandLimits) throws -> [String: JSONValue]

    /// Makes a commit: everything of it is put in place, or nothing.
    ///
    /// - Throws: ``ToolFailure`` when there is none, with git's own words as far as git was asked.
    func commit(_ order: GitCommitOrder, limits: CommandLimits) async throws -> GitCommitResult

    /// What ``commit(_:limits:)`` would start, and in which repository; for the plan of a dry run.
    ///
    /// - Throws: ``ToolFailure`` where it is known already that there would be none.
    func plan(_ order: GitCommitOrder, limits: CommandLimits) throws -> [String: JSONValue]
}

/// For worlds without repositories.
extension CommandRunner {
    public func commit(_ order: GitCommitOrder, limits: CommandLimits) async throws -> GitCommitResult {
        throw NoCommands.refusal
    }

    public func plan(_ order: GitCommitOrder, limits: CommandLimits) throws -> [String: JSONValue] {
        throw NoCommands.refusal
    }
}

extension CommandRunner {
    public func run(_ command: Command, limits: CommandLimits) async throws -> CommandResult {
        try await run(command, limits: limits, keeping: [])
    }
}

/// What one program may use beyond what holds for all of them.
public struct CommandLimits: Sendable, Hashable {
    public var wallTime: Duration
    /// Bytes of each stream that are kept, half from its beginning and half from its end.
    public var keptOutput: Int

    public init(wallTime: Duration, keptOutput: Int = 1_048_576) {
        self.wallTime = wallTime
        self.keptOutput = keptOutput
    }
}

/// How a program ended.
public struct CommandResult: Sendable, Hashable {
    /// One of its two streams.
    public struct Stream: Sendable, Hashable {
        /// What was kept, as text: bytes that are not UTF-8 are replaced, and a line tells what is left out.
        public var text: String
        /// In bytes, of all that was written.
        public var size: UInt64
        /// Lower-case hexadecimal, of all that was written.
        public var sha256: String
        public var isTruncated: Bool

        public init(text: String, size: UInt64, sha256: String, isTruncated: Bool) {
            self.text = text
            self.size = size
            self.sha256 = sha256
            self.isTruncated = isTruncated
        }
    }

    /// What the program put into folders that it may write to, and must not have put there. At most 100 names each,
    /// relative to the workspace.
    public struct Intrusions: Sendable, Hashable {
        /// Repositories that were taken away, or made no repositories.
        public var removed: [String] = []
        /// FIFOs and devices that were taken away.
        public var specials: [String] = []
        /// New files and folders that a rule keeps from being written.
        public var denied: [String] = []
        /// Folders that could not be looked into.
        public var unseen = 0

        public init() {}

        /// The members that a result has for them; none when there was nothing.
        public var members: [String: JSONValue] {
            var members: [String: JSONValue] = [:]
            for (name, list) in [
                ("removed_repositories", removed), ("removed_special_files", specials),
                ("written_against_policy", denied),
            ] where !list.isEmpty {
                members[name] = .array(list.map(JSONValue.string))
            }
            if unseen > 0 { members["folders_not_checked"] = .integer(unseen) }
            return members
        }
    }

    public var stdout: Stream
    public var stderr: Stream
    /// The exit code; for a program that died by a signal its number below zero, as Python's `subprocess` tells it.
    public var returnCode: Int
    /// The limit that ended it, in words; `nil` when it ended by itself.
    public var limit: String?
    /// How it was confined, see the contract's `confinement`.
    public var confinement: String
    public var intrusions = Intrusions()
    /// What became of the files to be kept; `nil` when none were asked for.
    public var kept: KeptFiles?
    /// Whom it wanted to reach and did not, each once.
    public var refused: [CallConnections.Entry.Refusal] = []

    public init(stdout: Stream, stderr: Stream, returnCode: Int, limit: String? = nil, confinement: String) {
        self.stdout = stdout
        self.stderr = stderr
        self.returnCode = returnCode
        self.limit = limit
        self.confinement = confinement
    }

    /// At most ten; all of them are in the call's record.
    public static func json(_ refused: [CallConnections.Entry.Refusal]) -> JSONValue {
        .array(refused.prefix(10).map { ["message": .string($0.message), "remedy": .string($0.remedy)] })
    }

    /// The members that every result of a command has.
    public var members: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "stdout": .string(stdout.text), "stderr": .string(stderr.text), "returncode": .integer(returnCode),
        ]
        for (name, stream) in [("stdout", stdout), ("stderr", stderr)] where stream.isTruncated {
            members["truncated"] = true
            members[name + "_size"] = .integer(Int(clamping: stream.size))
            members[name + "_sha256"] = .string(stream.sha256)
        }
        if !refused.isEmpty { members["refused_connections"] = Self.json(refused) }
        if let kept { members.merge(kept.members) { own, _ in own } }
        return members.merging(intrusions.members) { own, _ in own }
    }
}

/// For a world in which nothing can be started.
public struct NoCommands: CommandRunner {
    public init() {}

    public func run(
        _ command: Command, limits: CommandLimits, keeping patterns: [KeepPattern]
    ) async throws -> CommandResult { throw Self.refusal }

    public func plan(_ command: Command, limits: CommandLimits) throws -> [String: JSONValue] { throw Self.refusal }

    static let refusal = ToolFailure(
        "commands_unavailable", "no program can be started here",
        remedy: "use the daemon on a machine where execlayer doctor finds a sandbox")
}
