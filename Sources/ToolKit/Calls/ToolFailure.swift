/// A tool could not do what it was asked: the file is missing, the patch does not fit. The call ran, and this is its
/// outcome.
public struct ToolFailure: Error, Sendable, Hashable {
    /// Stable, lower case with underscores; clients match on it.
    public let code: String
    /// One sentence without a full stop and without the values of arguments that may be secret.
    public let message: String
    /// What would let it pass.
    public let remedy: String
    /// What there is of a result all the same, such as the output of a program that was ended at a limit.
    public var result: JSONValue?
    /// How the call was confined, when it had started something.
    public var confinement: String?
    /// Facts for the caller's program, beside ``code``: members of the answer itself.
    public var details: [String: JSONValue] = [:]

    public init(_ code: String, _ message: String, remedy: String) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }
}
