/// Why a text is not the strict JSON that this system accepts (SECURITY R45).
public struct JSONSyntaxError: Error, Sendable, Hashable {
    /// One clause without a full stop, fit for a client: `duplicate member "a"`.
    public let reason: String
    /// Where the reader stopped, in bytes from the start.
    public let offset: Int
    /// The same place for people: both count from 1, columns in bytes.
    public let line: Int
    public let column: Int
}

extension JSONSyntaxError: CustomStringConvertible {
    public var description: String { "\(reason) at line \(line), column \(column)" }
}
