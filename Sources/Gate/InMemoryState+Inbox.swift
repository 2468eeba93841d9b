internal import Synchronization
package import ToolKit

extension InMemoryState: InboxStore {
    package func insert(_ item: InboxItem, isIdempotent: Bool) async throws {
        content.withLock { content in
            content.items.append(item)
            content.runs.append(item.run(isIdempotent: isIdempotent))
        }
    }

    package func item(_ id: String) async throws -> InboxItem? {
        content.withLock { content in content.items.first { $0.id == id }.map(content.complete) }
    }

    package func item(ofRun id: String) async throws -> InboxItem? {
        content.withLock { content in content.items.last { $0.execution.runID == id }.map(content.complete) }
    }

    package func items(_ query: InboxQuery) async throws -> InboxPage {
        content.withLock { content in
            let fitting = content.items.enumerated().reversed().filter { place, item in
                (query.before.map { place < $0 } ?? true) && (!query.isPendingOnly || item.status == .pending)
                    && (query.kind.map { $0 == item.kind } ?? true)
                    && (query.principal.map { $0 == item.principal } ?? true)
            }
            var page: [(place: Int, item: InboxItem)] = []
            var room = InboxQuery.pageBytes
            for candidate in fitting.prefix(query.limit) {
                let item = content.complete(candidate.element)
                room -= item.storedSize + (item.execution.result.map { JSONWriter.write($0).count } ?? 0)
                guard room >= 0 || page.isEmpty else { break }
                page.append((candidate.offset, item))
            }
            return InboxPage(
                items: page.map(\.item), next: fitting.count > page.count ? page.last.map(\.place) : nil)
        }
    }

    package func decide(
        _ id: String, _ decision: InboxItem.Decision, grant: StandingGrant?, result: JSONValue?
    ) async throws -> Bool {
        content.withLock { content in
            guard let place = content.items.firstIndex(where: { $0.id == id }),
                content.items[place].isOpen(at: decision.at),
                let run = content.runs.firstIndex(where: { $0.id == content.items[place].execution.runID })
            else { return false }
            let end = decision.runState
            guard RunTransition.allows(content.runs[run].state, decision.event, end) else { return false }
            content.runs[run].state = end
            if end == .queued {
                content.runs[run].approvedItem = id
                content.runs[run].result = nil
                content.runs[run].auditID = nil
            } else if let result {
                content.runs[run].result = result
            }
            content.items[place].status = decision.isApproved ? .approved : .denied
            content.items[place].decision = decision
            if let grant { content.grants.append(grant) }
            return true
        }
    }

    package func overdue(at wall: Double, limit: Int) async throws -> [InboxItem] {
        content.withLock { content in
            let overdue = content.items.filter { $0.status == .pending && $0.expiresAt <= wall }
            return overdue.sorted { $0.expiresAt < $1.expiresAt }.prefix(limit).map(content.complete)
        }
    }

    package func expire(_ id: String, at wall: Double) async throws -> Bool {
        content.withLock { content in
            guard let place = content.items.firstIndex(where: { $0.id == id }),
                content.items[place].status == .pending, content.items[place].expiresAt <= wall
            else { return false }
            content.items[place].status = .expired
            content.move(content.items[place].execution.runID, .deny, to: .refused)
            return true
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
        content.withLock { content in
            content.items.removeAll { item in
                let run = content.runs.first { $0.id == item.execution.runID }
                return item.createdAt < wall && item.status != .pending && run?.state.isFinal ?? true
            }
            content.runs.removeAll { run in
                run.createdAt < wall && run.step == nil && run.state.isFinal
                    && !content.items.contains { $0.execution.runID == run.id }
            }
        }
    }
}

extension InMemoryState.Content {
    /// The item with its run as it is now.
    func complete(_ item: InboxItem) -> InboxItem {
        guard let run = runs.first(where: { $0.id == item.execution.runID }) else { return item }
        var item = item
        item.execution = InboxItem.Execution(run)
        return item
    }
}
