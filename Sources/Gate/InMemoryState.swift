internal import Synchronization
package import ToolKit

/// The in-memory twin of the state stores: for tests, held to the same conformance suite as the durable ones.
package final class InMemoryState: TokenStore, ApprovalStore, LockdownStore, InboxStore, GrantStore {
    private struct Content {
        var tokens: [TokenRecord] = []
        var approvals: [String: Approval] = [:]
        var lockdown = LockdownState()
        /// In the order they came; the place of an item is its cursor.
        var items: [InboxItem] = []
        var grants: [StandingGrant] = []
    }

    private let content = Mutex(Content())
    let keyedCalls = Mutex<[KeyName: KeyedCall]>([:])

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

    // MARK: Inbox

    package func insert(_ item: InboxItem) async throws { content.withLock { $0.items.append(item) } }

    package func item(_ id: String) async throws -> InboxItem? {
        content.withLock { $0.items.first { $0.id == id } }
    }

    package func item(ofRun id: String) async throws -> InboxItem? {
        content.withLock { $0.items.first { $0.execution.runID == id } }
    }

    package func items(_ query: InboxQuery) async throws -> InboxPage {
        content.withLock { content in
            let fitting = content.items.enumerated().reversed().filter { place, item in
                (query.before.map { place < $0 } ?? true) && (!query.isPendingOnly || item.status == .pending)
                    && (query.kind.map { $0 == item.kind } ?? true)
                    && (query.principal.map { $0 == item.principal } ?? true)
            }
            var page: [(offset: Int, element: InboxItem)] = []
            var room = InboxQuery.pageBytes
            for candidate in fitting.prefix(query.limit) {
                let item = candidate.element
                room -= item.storedSize + (item.execution.result.map { JSONWriter.write($0).count } ?? 0)
                guard room >= 0 || page.isEmpty else { break }
                page.append(candidate)
            }
            return InboxPage(
                items: page.map(\.element), next: fitting.count > page.count ? page.last.map(\.offset) : nil)
        }
    }

    package func decide(
        _ id: String, _ decision: InboxItem.Decision, grant: StandingGrant?
    ) async throws -> Bool {
        change(id) { item, content in
            guard item.isOpen(at: decision.at) else { return false }
            item.status = decision.isApproved ? .approved : .denied
            item.decision = decision
            item.execution.state = decision.isApproved ? .queued : .refused
            if let grant { content.grants.append(grant) }
            return true
        } ?? false
    }

    package func begin(_ id: String, auditID: String) async throws -> InboxItem? {
        change(id) { item, _ in
            guard item.status == .approved, item.execution.state == .queued else { return nil }
            item.execution.state = .running
            item.execution.auditID = auditID
            return item
        } ?? nil
    }

    package func finish(_ id: String, state: InboxItem.Execution.State, result: JSONValue?) async throws {
        change(id) { item, _ in
            guard item.status == .approved, !item.isSettled else { return }
            item.execution.state = state
            item.execution.result = result
        }
    }

    package func requeue(_ id: String) async throws {
        change(id) { item, _ in
            guard item.execution.state == .running else { return }
            item.execution.state = .queued
            item.execution.auditID = nil
        }
    }

    package func overdue(at wall: Double, limit: Int) async throws -> [InboxItem] {
        content.withLock { content in
            let overdue = content.items.filter { $0.status == .pending && $0.expiresAt <= wall }
            return Array(overdue.sorted { $0.expiresAt < $1.expiresAt }.prefix(limit))
        }
    }

    package func expire(_ id: String, at wall: Double) async throws -> Bool {
        change(id) { item, _ in
            guard item.status == .pending, item.expiresAt <= wall else { return false }
            item.status = .expired
            item.execution.state = .refused
            return true
        } ?? false
    }

    package func unfinished() async throws -> [InboxItem] {
        content.withLock { content in
            content.items.filter {
                $0.status == .approved && ($0.execution.state == .queued || $0.execution.state == .running)
            }
        }
    }

    package func load(of principal: String) async throws -> InboxLoad {
        content.withLock { content in
            let pending = content.items.filter { $0.status == .pending }
            return InboxLoad(
                items: pending.count, bytes: pending.reduce(0) { $0 + $1.storedSize },
                ofPrincipal: pending.count { $0.principal == principal },
                bytesOfPrincipal: pending.reduce(0) { $0 + ($1.principal == principal ? $1.storedSize : 0) })
        }
    }

    package func removeSettled(createdBefore wall: Double) async throws {
        content.withLock { content in content.items.removeAll { $0.isSettled && $0.createdAt < wall } }
    }

    @discardableResult
    private func change<Result>(_ id: String, _ edit: (inout InboxItem, inout Content) -> Result) -> Result? {
        content.withLock { content in
            guard let place = content.items.firstIndex(where: { $0.id == id }) else { return nil }
            var item = content.items[place]
            defer { content.items[place] = item }
            return edit(&item, &content)
        }
    }

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
