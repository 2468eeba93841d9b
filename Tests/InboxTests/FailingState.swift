internal import Gate
internal import Synchronization
internal import ToolKit

/// State in memory of which one write fails: before anything of it is kept, or after all of it is.
final class FailingState: InboxStore, RunStore, GrantStore {
    struct Fault: Sendable, Hashable {
        /// Counted from 1.
        let write: Int
        let isKept: Bool
    }

    let state = InMemoryState()
    private let course = Mutex<(fault: Fault?, writes: Int)>((nil, 0))

    func fail(_ fault: Fault?) { course.withLock { $0 = (fault, 0) } }

    /// Since the last call of ``fail(_:)``.
    var writes: Int { course.withLock { $0.writes } }

    private func write<Value>(_ body: () async throws -> Value) async throws -> Value {
        let fault = course.withLock { course -> Fault? in
            course.writes += 1
            return course.fault?.write == course.writes ? course.fault : nil
        }
        guard let fault else { return try await body() }
        if fault.isKept { _ = try await body() }
        throw StoreUnavailable("the state database cannot be written", remedy: "wait")
    }

    func insert(_ item: InboxItem, isIdempotent: Bool) async throws {
        try await write { try await state.insert(item, isIdempotent: isIdempotent) }
    }

    func item(_ id: String) async throws -> InboxItem? { try await state.item(id) }
    func item(ofRun id: String) async throws -> InboxItem? { try await state.item(ofRun: id) }
    func items(_ query: InboxQuery) async throws -> InboxPage { try await state.items(query) }

    func decide(
        _ id: String, _ decision: InboxItem.Decision, grant: StandingGrant?, result: JSONValue?
    ) async throws -> Bool {
        try await write { try await state.decide(id, decision, grant: grant, result: result) }
    }

    func overdue(at wall: Double, limit: Int) async throws -> [InboxItem] {
        try await state.overdue(at: wall, limit: limit)
    }

    func expire(_ id: String, at wall: Double) async throws -> Bool {
        try await write { try await state.expire(id, at: wall) }
    }

    func load(of principal: String) async throws -> InboxLoad { try await state.load(of: principal) }

    func removeSettled(createdBefore wall: Double) async throws {
        try await write { try await state.removeSettled(createdBefore: wall) }
    }

    func grants(inForceAt wall: Double) async throws -> [StandingGrant] { try await state.grants(inForceAt: wall) }
    func use(_ id: String, at wall: Double) async throws -> Bool {
        try await write { try await state.use(id, at: wall) }
    }

    func revokeGrant(_ id: String, at wall: Double) async throws -> StandingGrant? {
        try await write { try await state.revokeGrant(id, at: wall) }
    }

    // MARK: Runs

    func insert(_ run: Run) async throws { try await write { try await state.insert(run) } }
    func run(_ id: String) async throws -> Run? { try await state.run(id) }
    func lease(_ id: String, _ lease: Run.Lease) async throws -> Run? {
        try await write { try await state.lease(id, lease) }
    }

    func renew(_ id: String, _ lease: Run.Lease) async throws -> Bool {
        try await write { try await state.renew(id, lease) }
    }

    func giveBack(_ id: String, token: String) async throws -> Bool {
        try await write { try await state.giveBack(id, token: token) }
    }

    func park(_ id: String, token: String, item: InboxItem) async throws -> Bool {
        try await write { try await state.park(id, token: token, item: item) }
    }

    func refuse(_ id: String, token: String, result: JSONValue) async throws -> Bool {
        try await write { try await state.refuse(id, token: token, result: result) }
    }

    func begin(_ id: String, token: String, auditID: String) async throws -> Bool {
        try await write { try await state.begin(id, token: token, auditID: auditID) }
    }

    func finish(_ id: String, token: String, state end: RunState, result: JSONValue) async throws -> Bool {
        try await write { try await state.finish(id, token: token, state: end, result: result) }
    }

    func requeue(_ id: String, token: String) async throws -> Bool {
        try await write { try await state.requeue(id, token: token) }
    }

    func lose(_ id: String, token: String, item: InboxItem, result: JSONValue) async throws -> Bool {
        try await write { try await state.lose(id, token: token, item: item, result: result) }
    }

    func cancel(_ id: String, result: JSONValue, at wall: Double) async throws -> Bool {
        try await write { try await state.cancel(id, result: result, at: wall) }
    }

    func held(until wall: Double, limit: Int) async throws -> [Run] {
        try await state.held(until: wall, limit: limit)
    }

    func queued(limit: Int) async throws -> [String] { try await state.queued(limit: limit) }
}
