/// One thing that an agent can ask for.
///
/// A tool is one file plus one line in the list of built-in tools. It sees the world only through its ``ToolContext``,
/// so it cannot forget the sandbox; doors, help texts and documents read its description and repeat nothing.
public protocol Tool: Sendable {
    associatedtype Arguments: ToolArguments

    /// Lower case with underscores; fixed once published, because clients store it.
    var name: String { get }
    /// Older names. Every one resolves to ``name`` before anything else happens.
    var aliases: [String] { get }
    /// One or two plain sentences.
    var description: String { get }
    var risk: Risk { get }
    var isEnabledByDefault: Bool { get }
    /// Whether a second run of the same call changes nothing that the first has not changed already.
    var isIdempotent: Bool { get }
    var annotations: ToolAnnotations { get }
    /// Looked up at start-up and whenever tools are listed; cheap.
    var availability: Availability { get }
    /// How the programs that it starts are confined here; `nil` when it starts none.
    var confinement: ToolConfinement? { get }
    /// How long one call may take.
    var timeLimit: Duration { get }
    /// Whether a person approves each call, whatever the configuration says.
    var alwaysNeedsApproval: Bool { get }

    /// Whether it acts for the person at this machine: then a person lets each caller use it for a short while, in every
    /// mode, and no standing grant does.
    var needsArming: Bool { get }

    /// What this very call would touch. Pure: it looks at the arguments and nothing else.
    ///
    /// - Throws: ``ToolFailure`` when the arguments contradict themselves, such as a patch that cannot be parsed.
    func access(for arguments: Arguments) throws(ToolFailure) -> Access

    /// What ``call(arguments:in:)`` would do, as an object for the `plan` of a dry run. It may read what the access
    /// covers and changes nothing.
    func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue]

    /// Does it. Runs on a thread that may block; checks ``ToolContext/checkLimits()`` in long loops.
    ///
    /// - Throws: ``ToolFailure`` for whatever the caller can understand. Any other error is a fault of ours.
    func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput
}

extension Tool {
    public var aliases: [String] { [] }
    public var availability: Availability { .available }
    public var confinement: ToolConfinement? { nil }
    public var timeLimit: Duration { .seconds(60) }
    public var needsArming: Bool { false }
    public var alwaysNeedsApproval: Bool { false }
}

/// What a tool answers.
public struct ToolOutput: Sendable, Hashable {
    /// The `result` that clients see; its fields are fixed by the contract.
    public var result: JSONValue
    /// One line for the audit, without file contents.
    public var summary: String
    /// How the programs of the call were confined; `nil` when it started none.
    public var confinement: String?

    public init(_ result: JSONValue, summary: String, confinement: String? = nil) {
        self.result = result
        self.summary = summary
        self.confinement = confinement
    }
}
