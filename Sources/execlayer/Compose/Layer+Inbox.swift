internal import Engine
internal import Gate
internal import Store
internal import Audit
internal import Logging
internal import Synchronization
internal import ToolKit

extension Layer {
    /// How long settled items of the inbox are kept, in seconds.
    private static let inboxMemory = 90 * 86_400.0

    private static let resumeInterval = Duration.seconds(10)

    /// Takes up what was approved before the last stop, and again what could not be begun or kept for want of the store.
    func resumeInbox() async {
        repeat { await desk.resume() } while (try? await Task.sleep(for: Self.resumeInterval)) != nil
    }

    /// Ends what nobody decided in time, and forgets what was settled long ago.
    func tickInbox() async {
        await engine.incidents.file()
        do {
            try await desk.expire()
            try await state.removeSettled(createdBefore: time.wall - Self.inboxMemory)
            try await state.removePlaybookRuns(begunBefore: time.wall - BudgetLedger.memory)
            try await state.removeBudgets(usedBefore: time.wall - BudgetLedger.memory)
            try await state.removeKeys(createdBefore: time.wall - KeyedCall.lifetime)
        } catch {
            Logger(label: "inbox").warning("the inbox could not be tidied", metadata: ["error": "\(error)"])
        }
    }
}

/// Entries of the audit for those who watch. The audit tells of its lines from its first moment on, which is before
/// anybody can hold it.
final class EntrySource: Sendable {
    private let held = Mutex<AuditLog?>(nil)

    var log: AuditLog? {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }

    func entry(_ auditID: String) async -> JSONValue? { try? await log?.indexedEntry(auditID) }
}
