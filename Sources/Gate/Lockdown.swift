internal import Synchronization
internal import ToolKit

/// The big red switch: while it is on, nothing runs.
package struct LockdownState: Sendable, Hashable {
    package var isActive: Bool
    package var reason: String?
    /// Unix seconds of the last change to active.
    package var since: Double?

    package init(isActive: Bool = false, reason: String? = nil, since: Double? = nil) {
        self.isActive = isActive
        self.reason = reason
        self.since = since
    }
}

/// Keeps the state over restarts.
package protocol LockdownStore: Sendable {
    func lockdown() async throws -> LockdownState
    func save(_ state: LockdownState) async throws
}

package final class Lockdown: Sendable {
    private let store: any LockdownStore
    private let time: any TimeSource
    private let current: Mutex<LockdownState>
    private let changes = AsyncTurn()

    package init(store: any LockdownStore, time: any TimeSource) async throws {
        self.store = store
        self.time = time
        current = Mutex(try await store.lockdown())
    }

    package var state: LockdownState { current.withLock { $0 } }

    /// - Parameters:
    ///   - started: Called as soon as nothing new is let in, before anything is written down.
    ///   - record: Writes the change into the audit. A lockdown starts even when that fails, because stopping must always
    ///     be possible; it ends only when it can be recorded.
    package func set(
        active: Bool, reason: String?, started: () -> Void = {},
        recording record: (LockdownState, LockdownState) async throws -> Void
    ) async throws -> LockdownState {
        try await changes.take {
            let before = state
            let after = LockdownState(
                isActive: active, reason: active ? reason : nil,
                since: active ? (before.isActive ? before.since : time.wall) : nil)
            if active {
                current.withLock { $0 = after }
                started()
                do {
                    try await store.save(after)
                } catch {
                    // It is on, and the record says so; a restart would not know of it.
                    try await record(before, after)
                    throw error
                }
                try await record(before, after)
            } else {
                try await record(before, after)
                do {
                    try await store.save(after)
                } catch {
                    // It is still on, and the record says that, too; when even that fails, the one who asked hears it.
                    try? await record(after, before)
                    throw error
                }
                current.withLock { $0 = after }
            }
            return after
        }
    }
}
