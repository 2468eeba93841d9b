/// A tool could not do what it was asked: the file is missing, the patch does not fit. The call ran, and this is its
/// outcome.
public struct ToolFailure: Error, Sendable, Hashable {
    /// Stable, lower case with underscores; clients match on it.
    public let code: String
    /// One sentence without a full stop and without the values of arguments that may be secret.
    public let message: String
    /// What would let it pass.
    public let remedy: String

    public init(_ code: String, _ message: String, remedy: String) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }
}
