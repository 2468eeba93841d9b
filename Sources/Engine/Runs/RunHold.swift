internal import Gate
internal import ToolKit

/// A worker's hold on a run, by the token of its attempt. Each step counts only while nobody else has taken it.
struct RunHold: Sendable {
    private let store: any RunStore
    let id: String
    let token: String

    init(_ store: any RunStore, id: String, token: String) {
        self.store = store
        self.id = id
        self.token = token
    }

    /// On disk when this returns; nothing happens before.
    ///
    /// - Throws: ``Refusal`` when the hold is lost.
    func begin(_ auditID: String) async throws {
        guard try await store.begin(id, token: token, auditID: auditID) else { throw Gate.startedBefore }
    }

    /// - Throws: ``Refusal`` when the hold is lost.
    func park(_ item: InboxItem) async throws {
        guard try await store.park(id, token: token, item: item) else { throw Gate.startedBefore }
    }

    func giveBack() async throws { _ = try await store.giveBack(id, token: token) }

    func refuse(_ result: JSONValue) async throws { _ = try await store.refuse(id, token: token, result: result) }

    func finish(_ state: RunState, _ result: JSONValue) async throws {
        _ = try await store.finish(id, token: token, state: state, result: result)
    }

    func requeue() async throws { _ = try await store.requeue(id, token: token) }

    func lose(_ item: InboxItem, _ result: JSONValue) async throws {
        guard try await store.lose(id, token: token, item: item, result: result) else { throw Gate.startedBefore }
    }

    func renew(until wall: Double) async throws -> Bool {
        try await store.renew(id, Run.Lease(token: token, expiresAt: wall))
    }
}
