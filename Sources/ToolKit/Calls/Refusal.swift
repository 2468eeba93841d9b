/// The gate said no, and nothing ran.
public struct Refusal: Error, Sendable, Hashable {
    /// What the audit keeps as the call's status.
    public let status: CallStatus
    /// Stable, lower case with underscores; clients match on it.
    public let code: String
    /// One sentence without a full stop, free of argument values.
    public let message: String
    /// What would let the call pass.
    public let remedy: String
    /// For `rate_limited`: when a call of this kind passes again.
    public var retryAfterMilliseconds: Int?
    /// Fields at fault, for invalid arguments.
    public var problems: [ArgumentProblem]
    /// Whether the gate counted it instead of having it recorded as a line of its own.
    public var isCounted = false
    /// Facts for the caller's program: members of the answer itself.
    public var details: [String: JSONValue] = [:]

    public init(
        _ status: CallStatus, code: String, _ message: String, remedy: String, retryAfterMilliseconds: Int? = nil,
        problems: [ArgumentProblem] = []
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.remedy = remedy
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.problems = problems
    }
}
