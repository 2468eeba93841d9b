package import ToolKit

/// Keeps which keys stand for which calls, and their first answers.
///
/// Every conformer promises: what returned survives a crash, and of any number of concurrent ``claim(_:)`` calls for one
/// key of one principal at most one returns `nil`.
package protocol KeyedCallStore: Sendable {
    /// Takes the key for this call.
    ///
    /// - Returns: What holds the key already; `nil` when it is this call's now.
    /// - Throws: ``KeyedCallLimit`` when the principal has as many keys or as much behind them as is kept for one.
    func claim(_ call: KeyedCall) async throws -> KeyedCall?

    /// Lets another attempt stand for a key whose attempt ended without an answer and is known to have had no effect,
    /// or none that a second one would change.
    ///
    /// - Parameter auditID: Of the new attempt.
    /// - Returns: Whether `call` was still what held the key, without an answer.
    func restart(_ call: KeyedCall, as auditID: String) async throws -> Bool

    /// Keeps the first answer. A second one changes nothing.
    func keep(_ answer: JSONValue, for call: KeyedCall) async throws

    /// Gives the key back: nothing ran under it, and the same call may be tried again. One with an answer stays.
    func release(_ call: KeyedCall) async throws

    /// Forgets keys that were taken before this time and have an answer, unless their call still waits in the inbox or
    /// runs, or was decided or ran out of time no earlier than this.
    func removeKeys(createdBefore wall: Double) async throws
}
