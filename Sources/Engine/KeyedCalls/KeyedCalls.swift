internal import Audit
internal import Gate
internal import Logging
internal import Synchronization
internal import ToolKit

/// Calls with an idempotency key: the first one runs, every repeat gets its answer, whenever it comes.
///
/// A repeat that comes while the first one runs waits for it. One that comes after a crash asks the audit: what never
/// began runs now, and so does what may run twice; of anything else nobody can say what happened, and the answer says so
/// from then on.
final class KeyedCalls: Sendable {
    /// What a call with a key comes to.
    enum Reply: Sendable {
        /// It ran now, or was refused.
        case fresh(Answer)
        /// An earlier call's answer.
        case replay(JSONValue)
        /// The key stands for another call, or the caller has too many.
        case refused(Refusal)
        case unavailable(StoreUnavailable)
    }

    private struct Owner: Hashable {
        let principal: String
        let key: String
    }

    private struct Flight {
        let digest: CallDigest
        let task: Task<Reply, Never>
    }

    private let store: any KeyedCallStore
    private let gate: Gate
    private let recorder: Recorder
    private let flights = Mutex<[Owner: Flight]>([:])
    private let logger = Logger(label: "idempotency")

    init(store: any KeyedCallStore, gate: Gate, recorder: Recorder) {
        self.store = store
        self.gate = gate
        self.recorder = recorder
    }

    /// Judges, runs and records the call; told of its answer before that is on disk, so that none leaves unkept.
    typealias Run = @Sendable (_ willAnswer: @escaping @Sendable (Answer) async -> Void) async -> Answer

    func reply(to record: CallRecord, key: String, running run: @escaping Run) async -> Reply {
        let owner = Owner(principal: record.principal, key: key)
        let digest = gate.digest(ofKeyed: record.call)
        let (flight, isFirst) = flights.withLock { flights -> (Flight, Bool) in
            if let flight = flights[owner] { return (flight, false) }
            // Whoever sent it may hang up: they come back with the key.
            let task = Task { [self] in
                let reply = await fly(record, key, digest, run)
                forget(owner)
                return reply
            }
            let flight = Flight(digest: digest, task: task)
            flights[owner] = flight
            return (flight, true)
        }
        guard flight.digest == digest else { return .refused(.keyConflict) }
        let first = await flight.task.value
        guard !isFirst, case .fresh(let answer) = first else { return first }
        // What came to nothing says nothing about this one, which may bring an approval of its own.
        guard Self.isKept(answer) else { return await reply(to: record, key: key, running: run) }
        return .replay(answer.json)
    }

    private func forget(_ owner: Owner) { flights.withLock { $0[owner] = nil } }

    private func fly(_ record: CallRecord, _ key: String, _ digest: CallDigest, _ run: @escaping Run) async -> Reply {
        let call = KeyedCall(
            principal: record.principal, key: key, digest: digest, auditID: record.auditID,
            createdAt: record.receivedAt)
        do {
            if let held = try await store.claim(call) {
                guard held.digest == digest else { return .refused(.keyConflict) }
                if let answer = held.answer { return .replay(answer) }
                if let answer = try await lost(held) {
                    try await store.keep(answer, for: held)
                    return .replay(answer)
                }
                guard try await store.restart(held, as: call.auditID) else {
                    throw StoreUnavailable(
                        "another daemon answered this call meanwhile", remedy: "repeat the call with the same key")
                }
            }
        } catch is KeyedCallLimit {
            return .refused(.tooManyKeys)
        } catch let unavailable as StoreUnavailable {
            return .unavailable(unavailable)
        } catch {
            logger.error("a key cannot be looked up", metadata: ["error": "\(error)"])
            return .unavailable(
                StoreUnavailable("the key cannot be looked up", remedy: "see the daemon's log, then repeat the call"))
        }
        let answer = await run { [self] answer in
            guard Self.isKept(answer) else { return }
            await attempt("the answer of a call with a key could not be kept") {
                try await store.keep(answer.json, for: call)
            }
        }
        // One that could not be recorded may have run: then the audit has its intent, and the next repeat finds that.
        if case .refusal = answer.kind, !Self.isKept(answer) {
            await attempt("the key of a call that did not run could not be given back") {
                try await store.release(call)
            }
        }
        return .fresh(answer)
    }

    /// Outcomes and what policy says are final; a missing approval, a full bucket or a lockdown is not.
    private static func isKept(_ answer: Answer) -> Bool {
        switch answer.kind {
        case .outcome, .waiting, .refusal(.policyBlocked): true
        case .refusal, .unrecorded: false
        }
    }

    /// The answer of an attempt that ended without one.
    ///
    /// - Returns: `nil` when the call may run now.
    private func lost(_ held: KeyedCall) async throws -> JSONValue? {
        // A second item would let the call run twice.
        if let item = try await gate.inbox.item(InboxFiling.itemID(ofCall: held.auditID)) {
            return RecoveredAnswer.json(of: item, auditID: held.auditID)
        }
        guard let entry = try await recorder.log.entry(held.auditID),
            entry["kind"]?.stringValue != LineKind.refusal.rawValue
        else { return nil }
        let isRepeatable =
            entry["tool_name"]?.stringValue.flatMap { gate.catalog.entry(named: $0, allowsInternal: true) }?
            .tool.isIdempotent ?? false
        if isRepeatable { return nil }
        return RecoveredAnswer.json(of: entry)
    }

    private func attempt(_ complaint: Logger.Message, _ operation: () async throws -> Void) async {
        do {
            try await operation()
        } catch {
            logger.error(complaint, metadata: ["error": "\(error)"])
        }
    }
}
