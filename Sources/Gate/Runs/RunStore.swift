package import ToolKit

/// Keeps runs, and lets only the arrows of ``RunTransition`` through.
///
/// Every conformer promises: what returned survives a crash; of any number of concurrent calls that would take a run
/// along arrows from the same state, one wins; a lease's token is compared with the one of the latest attempt, so that
/// a worker that was taken for lost changes nothing after another has taken its place.
package protocol RunStore: Sendable {
    /// A new run, `queued`.
    func insert(_ run: Run) async throws

    func run(_ id: String) async throws -> Run?

    /// `queued` to `leased`.
    ///
    /// - Returns: `nil` when it is not queued, or no longer.
    func lease(_ id: String, _ lease: Run.Lease) async throws -> Run?

    /// The time of a lease that is still held, of a run that is leased or runs.
    ///
    /// - Returns: Whether it was.
    func renew(_ id: String, _ lease: Run.Lease) async throws -> Bool

    /// `leased` back to `queued`.
    func giveBack(_ id: String, token: String) async throws -> Bool

    /// `leased` to `waiting`, for a person, with the item in which that person sees it: both or none. The run's call is the
    /// item's from then on: what is shown is what runs.
    func park(_ id: String, token: String, item: InboxItem) async throws -> Bool

    /// `leased` to `refused`: the gate said no.
    func refuse(_ id: String, token: String, result: JSONValue) async throws -> Bool

    /// `leased` to `running` under this audit id. On disk when this returns; nothing may happen before.
    func begin(_ id: String, token: String, auditID: String) async throws -> Bool

    /// `running`, or `indeterminate` and still this worker's, to its end.
    ///
    /// - Parameter state: `done`, `failed` or `cancelled`.
    func finish(_ id: String, token: String, state: RunState, result: JSONValue) async throws -> Bool

    /// `running` back to `queued`: it is known that nothing began, or the call may be repeated.
    func requeue(_ id: String, token: String) async throws -> Bool

    /// `running` to `indeterminate`, with the item in which a person says what happened: both or none. The run's call is the
    /// item's from then on.
    func lose(_ id: String, token: String, item: InboxItem, result: JSONValue) async throws -> Bool

    /// `waiting`, `queued`, `leased` or `indeterminate` to `cancelled`; what still waits in the inbox for it is settled with it.
    func cancel(_ id: String, result: JSONValue, at wall: Double) async throws -> Bool

    /// Runs that are held by a worker whose lease ended by then, oldest first.
    ///
    /// - Parameter wall: Infinity for all that anybody holds.
    func held(until wall: Double, limit: Int) async throws -> [Run]

    /// Ids of runs that are queued and need nobody's word, oldest first: those that a person has let pass. A step of a
    /// task that needs no person is begun by whoever looks after the task.
    func queued(limit: Int) async throws -> [String]
}
