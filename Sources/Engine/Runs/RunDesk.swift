internal import Audit
package import Gate
internal import Logging
internal import Synchronization
internal import ToolKit

/// The worker inside the daemon: takes runs along the arrows of ``RunTransition``, each begun at most once unless its call
/// may be repeated.
///
/// What may have happened is the audit's to say: a run knows its audit id before it begins, and the audit knows whether
/// anything did.
package final class RunDesk: RunWorking {
    let engine: Engine
    let store: any InboxStore & RunStore
    private let authenticator: Authenticator
    private let policyChanges: PolicyChanges
    private let time: any TimeSource
    let logger = Logger(label: "runs")
    private let workers = Mutex(Workers())
    private let observers = Mutex<[@Sendable (Run) async -> Void]>([])

    /// How long a worker is believed in without a sign of life, in seconds.
    static let leaseTime = 60.0
    private static let renewal = Duration.seconds(20)

    /// What this process works on.
    private struct Workers {
        /// Tokens of attempts under way: not lost, however long they take.
        var tokens: Set<String> = []
        /// By run.
        var tasks: [String: Task<Run?, any Error>] = [:]
        /// Runs that somebody called off in the middle.
        var calledOff: Set<String> = []
        var isStopping = false
    }

    init(engine: Engine, authenticator: Authenticator, policyChanges: PolicyChanges, time: any TimeSource) {
        self.engine = engine
        store = engine.gate.inbox
        self.authenticator = authenticator
        self.policyChanges = policyChanges
        self.time = time
    }

    package func observe(_ observer: @escaping @Sendable (Run) async -> Void) {
        observers.withLock { $0.append(observer) }
    }

    /// Tells of a run of a task that was taken further by somebody who does not look after the task.
    func tell(of run: Run) async {
        guard run.step != nil else { return }
        for observer in observers.withLock({ $0 }) { await observer(run) }
    }

    package func work(on id: String) async throws -> Run? {
        // Whoever asks may hang up: what was begun goes to its end.
        let task = workers.withLock { workers -> Task<Run?, any Error>? in
            if let task = workers.tasks[id] { return task }
            guard !workers.isStopping else { return nil }
            let task = Task { try await self.take(id) }
            workers.tasks[id] = task
            return task
        }
        guard let task else { return try await store.run(id) }
        return try await task.value
    }

    private func take(_ id: String) async throws -> Run? {
        let token = Identifier.make("lse")
        workers.withLock { _ = $0.tokens.insert(token) }
        defer {
            workers.withLock { workers in
                workers.tokens.remove(token)
                workers.tasks[id] = nil
                workers.calledOff.remove(id)
            }
        }
        let lease = Run.Lease(token: token, expiresAt: time.wall + Self.leaseTime)
        let leased = try await Task { try await store.lease(id, lease) }.value
        guard let run = leased else { return try await store.run(id) }
        let hold = RunHold(store, id: id, token: token)
        return await withTaskGroup(of: Run?.self) { group in
            group.addTask { await self.keepHold(hold) }
            group.addTask { await self.perform(run, hold) }
            var ended: Run?
            for await result in group {
                guard let result else { continue }
                ended = result
                group.cancelAll()
            }
            return ended
        }
    }

    private func keepHold(_ hold: RunHold) async -> Run? {
        while (try? await Task.sleep(for: Self.renewal)) != nil {
            do {
                guard try await hold.renew(until: time.wall + Self.leaseTime) else { return nil }
            } catch {
                logger.warning(
                    "a run's lease could not be renewed", metadata: ["run.id": "\(hold.id)", "error": "\(error)"])
            }
        }
        return nil
    }

    /// - Returns: The run as it is afterwards, also when that could not be kept.
    private func perform(_ run: Run, _ hold: RunHold) async -> Run {
        guard !isCalledOff(run.id) else { return await end(run, hold, .back) }
        if run.call.toolName == InboxFiling.policyChange { return await changePolicy(run, hold) }
        if run.call.toolName == Incidents.name { return await letGoOn(run, hold) }
        guard let principal = authenticator.principal(named: run.principal) else {
            return await end(
                run, hold,
                .refused(
                    Answer.failure(
                        "token_ended", "the token that asked for this was revoked or has expired",
                        "ask again with another token")))
        }
        let auditID = Identifier.makeOrdered("aud", at: time.wall)
        let answer = await engine.answer(run, from: principal, auditID: auditID, hold: hold)
        var begun = run
        begun.auditID = auditID
        switch answer.kind {
        case .outcome where answer.code != CallStatus.cancelled.rawValue:
            return await end(begun, hold, .ended(answer.isSuccess ? .done : .failed, answer.json))
        case .outcome where isCalledOff(run.id): return await end(begun, hold, .ended(.cancelled, answer.json))
        // The daemon stops: what may be repeated is, after the next start.
        case .outcome where Task.isCancelled && run.isIdempotent: return await end(run, hold, .again)
        case .outcome: return await end(begun, hold, .ended(.failed, answer.json))
        case .waiting: return await end(run, hold, .parked)
        // It stays queued, and runs when the lockdown ends, the daemon starts anew or the store answers.
        case .refusal(.locked), .refusal(.cancelled): return await end(run, hold, .back)
        case .refusal where answer.code == StoreUnavailable.code: return await end(run, hold, .back)
        // Nor is it ours to end what somebody else has.
        case .refusal where answer.code == Gate.startedBefore.code: return await end(run, hold, .theirs)
        case .refusal: return await end(run, hold, .refused(answer.json))
        // Whether it ran is the audit's to say, once it can be written again.
        case .unrecorded: return await end(begun, hold, .open(answer.json))
        }
    }

    private func changePolicy(_ run: Run, _ hold: RunHold) async -> Run {
        do {
            guard let item = try await store.item(ofRun: run.id) else { return await end(run, hold, .back) }
            try await hold.begin(Identifier.makeOrdered("aud", at: time.wall))
            let (state, result) = await policyChanges.put(item)
            return await end(run, hold, .ended(state, result))
        } catch {
            return await end(run, hold, .back)
        }
    }

    /// The decision itself has lifted the pause.
    private func letGoOn(_ run: Run, _ hold: RunHold) async -> Run {
        do {
            try await hold.begin(Identifier.makeOrdered("aud", at: time.wall))
            let result: JSONValue = [
                "success": true, "status": "ok", "result": ["resumed": .string(run.principal)], "error": nil,
                "dry_run": false,
            ]
            return await end(run, hold, .ended(.done, result))
        } catch {
            return await end(run, hold, .back)
        }
    }

    /// How an attempt came out.
    private enum Ending {
        case ended(RunState, JSONValue)
        case refused(JSONValue)
        case back
        /// It had begun, and may begin anew.
        case again
        case parked
        case theirs
        case open(JSONValue)
    }

    private func end(_ run: Run, _ hold: RunHold, _ ending: Ending) async -> Run {
        var after = run
        do {
            // A daemon that stops has cancelled whoever waits for this; what happened is kept all the same.
            try await Task {
                switch ending {
                case .ended(let state, let result): try await hold.finish(state, result)
                case .refused(let result): try await hold.refuse(result)
                case .back: try await hold.giveBack()
                case .again: try await hold.requeue()
                case .parked, .theirs, .open: break
                }
            }.value
        } catch {
            // The next look finds it unfinished and asks the audit what happened.
            logger.error(
                "how a run ended could not be kept", metadata: ["run.id": "\(run.id)", "error": "\(error)"])
        }
        switch ending {
        case .ended(let state, let result): (after.state, after.result) = (state, result)
        case .refused(let result): (after.state, after.result) = (.refused, result)
        case .back, .again: after.state = .queued
        case .open(let result):
            (after.state, after.result) = (.running, result)
            return after
        case .parked, .theirs: break
        }
        let kept = try? await Task { try await store.run(run.id) }.value
        // What could not be kept is told all the same.
        return kept.flatMap { $0.state.isHeld ? nil : $0 } ?? after
    }

    /// Ends what is under way and begins nothing more, for a daemon that stops; returns when all of it is kept.
    package func stop() async {
        let tasks = workers.withLock { workers in
            workers.isStopping = true
            return Array(workers.tasks.values)
        }
        for task in tasks { task.cancel() }
        for task in tasks { _ = try? await task.value }
    }

    /// As anybody may see it who may see its caller's calls.
    package func run(_ id: String) async throws -> Run? { try await store.run(id) }

    func interrupt(_ id: String) { workers.withLock { $0.tasks[id] }?.cancel() }

    private func isCalledOff(_ id: String) -> Bool { workers.withLock { $0.calledOff.contains(id) } }

    func isUnderWay(_ run: Run) -> Bool {
        workers.withLock { workers in run.lease.map { workers.tokens.contains($0.token) } ?? false }
    }

    package func cancel(_ id: String, reason: String) async throws -> Run? {
        guard let run = try await store.run(id) else { return nil }
        guard !run.state.isFinal else { return run }
        let recorder = engine.recorder
        if let item = try await store.item(ofRun: id), item.status == .pending {
            var after = item
            after.status = .withdrawn
            try await recorder.log.append(
                recorder.change("change:approval", by: "daemon", before: item.recorded, after: after.recorded))
        }
        let result = Answer.failure("cancelled", "cancelled: \(reason)", "ask for it again if it is needed")
        let isKept = try await Task { try await store.cancel(id, result: result, at: time.wall) }.value
        if isKept { return try await store.run(id) }
        // It runs: here, or it is lost and the next look settles it.
        let task = workers.withLock { workers in
            if workers.tasks[id] != nil { workers.calledOff.insert(id) }
            return workers.tasks[id]
        }
        task?.cancel()
        _ = try? await task?.value
        return try await store.run(id)
    }
}
