package import Gate

/// Takes runs along the arrows of ``RunTransition``.
package protocol RunWorking: Sendable {
    /// Takes a queued run to where it stops: its end, a person's decision, or back in the queue when the daemon may not
    /// run anything at the moment (a lockdown, a full disk, a stop).
    ///
    /// - Returns: The run as it is afterwards; the run as it is when somebody else has it; `nil` for an unknown one.
    /// - Throws: `StoreUnavailable`.
    func work(on id: String) async throws -> Run?

    /// Calls off a run: one that has not begun never will; one that runs is ended, and its worker records how.
    ///
    /// - Returns: The run as it is afterwards; `nil` for an unknown one.
    /// - Throws: `StoreUnavailable`.
    func cancel(_ id: String, reason: String) async throws -> Run?

    /// Names somebody who is told of every run of a task that others have taken further: decided by a person, worked on
    /// after an approval or a restart. It may be told twice, and of nothing new.
    func observe(_ observer: @escaping @Sendable (Run) async -> Void)
}
