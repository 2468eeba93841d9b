/// Ends the work on a run for a daemon that stops; the worker keeps how far it came.
package protocol RunInterrupting: Sendable {
    func stopWork(on id: String)
}

extension RunDesk: RunInterrupting {
    package func stopWork(on id: String) { interrupt(id) }
}
