internal import Synchronization
internal import ToolKit

/// The grants in force, asked for every call that would need a person.
package final class StandingGrants: Sendable {
    private let store: any GrantStore
    private let time: any TimeSource
    /// Owner: this object. The store decides; this only saves asking it for nothing.
    private let known: Mutex<[StandingGrant]>

    package init(store: any GrantStore, time: any TimeSource) async throws {
        self.store = store
        self.time = time
        known = Mutex(try await store.grants(inForceAt: time.wall))
    }

    /// In force now, oldest first.
    package var current: [StandingGrant] {
        let now = time.wall
        return known.withLock { $0.filter { $0.isInForce(at: now) } }
    }

    /// One that a decision has made and the store holds.
    package func add(_ grant: StandingGrant) { known.withLock { $0.append(grant) } }

    /// - Returns: The grant that covers the call, without taking a use.
    func covering(_ call: GrantCandidate) -> StandingGrant? { candidates(call).first }

    /// Takes one use of a grant that covers the call.
    ///
    /// - Returns: Its id; `nil` when none covers it.
    func use(for call: GrantCandidate) async throws -> String? {
        for grant in candidates(call) {
            guard try await store.use(grant.id, at: time.wall) else {
                forget(grant.id)
                continue
            }
            known.withLock { known in
                guard let place = known.firstIndex(where: { $0.id == grant.id }) else { return }
                if let uses = known[place].usesLeft { known[place].usesLeft = uses - 1 }
                if known[place].usesLeft == 0 { known.remove(at: place) }
            }
            return grant.id
        }
        return nil
    }

    /// - Parameter record: Writes the end into the audit; when it throws, the grant stays.
    /// - Returns: The grant as it was; `nil` when there is none in force of that id.
    package func revoke(
        _ id: String, recording record: (StandingGrant) async throws -> Void
    ) async throws -> StandingGrant? {
        guard let grant = current.first(where: { $0.id == id }) else { return nil }
        try await record(grant)
        // Forgotten last: a store that fails leaves it in the list, where it can be revoked again.
        let revoked = try await store.revokeGrant(id, at: time.wall)
        forget(id)
        return revoked ?? grant
    }

    private func forget(_ id: String) { known.withLock { $0.removeAll { $0.id == id } } }

    /// Those that end by time first: they cost nobody a use.
    private func candidates(_ call: GrantCandidate) -> [StandingGrant] {
        let now = time.wall
        let fitting = known.withLock { known in
            known.filter { grant in
                grant.rule.toolName == call.toolName && grant.isInForce(at: now)
                    && call.asking.isSubset(of: grant.asking)
                    && !(call.refusesOwn && grant.createdBy == call.principal)
            }
        }
        return fitting.filter {
            $0.rule.covers(
                call.arguments, schema: call.schema, principal: call.principal, agentID: call.agentID,
                effect: call.effect)
        }.sorted { ($0.usesLeft == nil ? 0 : 1) < ($1.usesLeft == nil ? 0 : 1) }
    }
}

/// A call that looks for a grant.
struct GrantCandidate {
    let toolName: String
    let arguments: [String: JSONValue]
    let schema: ArgumentSchema
    let principal: String
    let agentID: String?
    /// Rules of the policy that ask about it.
    let asking: Set<String>
    /// Whether nobody may use a grant of their own.
    let refusesOwn: Bool
    /// What it puts onto the workspace, and the call that this came of.
    var effect: EffectFacts?
    var origin: Access.Origin?
}
