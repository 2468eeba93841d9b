internal import Synchronization
package import ToolKit

extension InMemoryState: RunStore {
    package func insert(_ run: Run) async throws { content.withLock { $0.runs.append(run) } }

    package func run(_ id: String) async throws -> Run? {
        content.withLock { content in content.runs.first { $0.id == id } }
    }

    package func lease(_ id: String, _ lease: Run.Lease) async throws -> Run? {
        content.withLock { content in
            content.move(id, .lease, to: .leased) { $0.lease = lease }
        }
    }

    package func renew(_ id: String, _ lease: Run.Lease) async throws -> Bool {
        content.withLock { content in
            guard let place = content.place(id, token: lease.token), content.runs[place].state.isHeld else {
                return false
            }
            content.runs[place].lease = lease
            return true
        }
    }

    package func giveBack(_ id: String, token: String) async throws -> Bool {
        content.withLock { $0.move(id, token: token, .giveBack, to: .queued) != nil }
    }

    package func park(_ id: String, token: String, item: InboxItem) async throws -> Bool {
        content.withLock { content in
            guard content.move(id, token: token, .park, to: .waiting) != nil else { return false }
            content.runs[content.place(id) ?? 0].show(item)
            content.items.append(item)
            return true
        }
    }

    package func refuse(_ id: String, token: String, result: JSONValue) async throws -> Bool {
        content.withLock { $0.move(id, token: token, .refuse, to: .refused) { $0.result = result } != nil }
    }

    package func begin(_ id: String, token: String, auditID: String) async throws -> Bool {
        content.withLock { content in
            let begun = content.move(id, token: token, .begin, to: .running) { run in
                run.auditID = auditID
                run.beginnings += 1
            }
            return begun != nil
        }
    }

    package func finish(_ id: String, token: String, state: RunState, result: JSONValue) async throws -> Bool {
        content.withLock { content in
            guard content.move(id, token: token, .finish, to: state, { $0.result = result }) != nil else {
                return false
            }
            content.withdrawItem(ofRun: id)
            return true
        }
    }

    package func requeue(_ id: String, token: String) async throws -> Bool {
        content.withLock { $0.move(id, token: token, .requeue, to: .queued) { $0.auditID = nil } != nil }
    }

    package func lose(_ id: String, token: String, item: InboxItem, result: JSONValue) async throws -> Bool {
        content.withLock { content in
            guard content.move(id, token: token, .lose, to: .indeterminate, { $0.result = result }) != nil else {
                return false
            }
            content.runs[content.place(id) ?? 0].show(item)
            content.items.append(item)
            return true
        }
    }

    package func cancel(_ id: String, result: JSONValue, at wall: Double) async throws -> Bool {
        content.withLock { content in
            guard content.move(id, .cancel, to: .cancelled, { $0.result = result }) != nil else { return false }
            content.withdrawItem(ofRun: id)
            return true
        }
    }

    package func held(until wall: Double, limit: Int) async throws -> [Run] {
        content.withLock { content in
            Array(content.runs.filter { $0.state.isHeld && ($0.lease?.expiresAt ?? 0) <= wall }.prefix(limit))
        }
    }

    package func queued(limit: Int) async throws -> [String] {
        content.withLock { content in
            content.runs.filter { $0.state == .queued && $0.approvedItem != nil }.prefix(limit).map(\.id)
        }
    }
}

extension InMemoryState.Content {
    func place(_ id: String, token: String? = nil) -> Int? {
        runs.firstIndex { $0.id == id && (token == nil || $0.lease?.token == token) }
    }

    /// Takes one run along an arrow, if it stands where one begins.
    ///
    /// - Parameter token: Of the worker that has it, or had it last; `nil` where none is asked for.
    @discardableResult
    mutating func move(
        _ id: String, token: String? = nil, _ event: RunEvent, to state: RunState,
        _ edit: (inout Run) -> Void = { _ in }
    ) -> Run? {
        guard let place = place(id, token: token), RunTransition.allows(runs[place].state, event, state) else {
            return nil
        }
        runs[place].state = state
        edit(&runs[place])
        return runs[place]
    }

    mutating func withdrawItem(ofRun id: String) {
        for place in items.indices where items[place].execution.runID == id && items[place].status == .pending {
            items[place].status = .withdrawn
        }
    }
}
