internal import Synchronization
internal import ToolKit

/// The in-memory twin of the state stores: for tests, held to the same conformance suite as the durable ones.
package final class InMemoryState: TokenStore, ApprovalStore, LockdownStore, GrantStore {
    struct Content {
        var tokens: [TokenRecord] = []
        var approvals: [String: Approval] = [:]
        var lockdown = LockdownState()
        /// In the order they came; the place of an item is its cursor. What its run is like, ``runs`` knows.
        var items: [InboxItem] = []
        /// In the order they came.
        var runs: [Run] = []
        var grants: [StandingGrant] = []
    }

    let content = Mutex(Content())
    let keyedCalls = Mutex<[KeyName: KeyedCall]>([:])
    let tasks = Mutex(InMemoryTasks())

    package init() {}

    package func tokens() async throws -> [TokenRecord] { content.withLock { $0.tokens } }

    package func insert(_ token: TokenRecord) async throws { content.withLock { $0.tokens.append(token) } }

    package func revoke(id: String, at wall: Double) async throws {
        content.withLock { content in
            for index in content.tokens.indices where content.tokens[index].id == id {
                content.tokens[index].revokedAt = wall
            }
        }
    }

    package func insert(_ approval: Approval) async throws {
        content.withLock { $0.approvals[approval.id] = approval }
    }

    package func spend(_ id: String, claim: ApprovalClaim) async throws -> ApprovalObjection? {
        content.withLock { content in
            guard let approval = content.approvals[id] else { return .unknown }
            if let objection = approval.objection(to: claim) { return objection }
            content.approvals[id]?.spentAt = claim.wall
            return nil
        }
    }

    package func removeExpired(bootID: String, createdBefore sinceBoot: Double) async throws {
        content.withLock { content in
            content.approvals = content.approvals.filter {
                $0.value.bootID == bootID && $0.value.createdSinceBoot >= sinceBoot
            }
        }
    }

    package func lockdown() async throws -> LockdownState { content.withLock { $0.lockdown } }

    package func save(_ state: LockdownState) async throws { content.withLock { $0.lockdown = state } }

    // MARK: Grants

    package func grants(inForceAt wall: Double) async throws -> [StandingGrant] {
        content.withLock { $0.grants.filter { $0.isInForce(at: wall) } }
    }

    package func use(_ id: String, at wall: Double) async throws -> Bool {
        content.withLock { content in
            guard let place = content.grants.firstIndex(where: { $0.id == id }),
                content.grants[place].isInForce(at: wall)
            else { return false }
            if let uses = content.grants[place].usesLeft { content.grants[place].usesLeft = uses - 1 }
            return true
        }
    }

    package func revokeGrant(_ id: String, at wall: Double) async throws -> StandingGrant? {
        content.withLock { content in
            guard let place = content.grants.firstIndex(where: { $0.id == id }),
                content.grants[place].isInForce(at: wall)
            else { return nil }
            defer { content.grants[place].revokedAt = wall }
            return content.grants[place]
        }
    }
}
