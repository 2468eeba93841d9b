/// The way out of one call's own network: what accepts there and judges whom a program may reach.
public protocol NetworkPassage: Sendable {
    /// Takes a listening socket over that lies in the call's network. Returns at once; may be called from any thread, and
    /// also after ``close()``.
    func serve(_ listener: Int32)

    /// Ends every connection. When it returns each of them is in the call's ledger.
    func close() async

    /// What was refused, each once; complete after ``close()``.
    var refusals: [CallConnections.Entry.Refusal] { get }
}

/// Makes the way out for a program, whose ``PinnedCommand/hosts`` say whom it may reach.
public typealias NetworkWay = @Sendable (PinnedCommand) -> any NetworkPassage
