internal import Audit
package import Gate
internal import Logging
internal import Synchronization
package import ToolKit

/// The way of a call: door -> gate -> run -> record -> answer.
///
/// Every door asks ``answer(_:from:through:)``; there is no second path to a tool.
package final class Engine: Sendable {
    package let gate: Gate
    package let recorder: Recorder
    package let artifacts: ArtifactStore
    /// Where the output of running programs can be watched.
    package let output: OutputBoard
    package let running = RunningCalls()
    package let filing: InboxFiling
    package let incidents: Incidents
    /// Keeps what calls do to the workspace; `nil` where nothing is kept.
    package let effects: EffectDesk?
    private let runner: any Runner
    private let keyedCalls: KeyedCalls
    private let pool: BlockingPool
    private let time: any TimeSource
    private let logger: Logger

    package init(
        gate: Gate, recorder: Recorder, artifacts: ArtifactStore, keys: any KeyedCallStore, runner: any Runner,
        pool: BlockingPool, time: any TimeSource, effects: EffectDesk? = nil
    ) {
        self.effects = effects
        self.gate = gate
        self.recorder = recorder
        self.artifacts = artifacts
        output = OutputBoard(redactor: recorder.redactor)
        self.runner = runner
        self.pool = pool
        self.time = time
        keyedCalls = KeyedCalls(store: keys, gate: gate, recorder: recorder)
        filing = InboxFiling(gate: gate, recorder: recorder, runner: runner, time: time)
        incidents = Incidents(gate: gate, recorder: recorder, time: time)
        logger = Logger(label: "engine")
    }

    /// Judges, runs and records one call.
    ///
    /// - Parameters:
    ///   - principal: Who asks, as the authenticator recognised them.
    ///   - door: Which door it came through, for the record.
    /// - Returns: What to tell the caller; its outcome is on disk by then, or the answer says that it is not.
    package func answer(_ call: ToolCall, from principal: Principal, through door: String) async -> Answer {
        let record = CallRecord(call: call, principal: principal.name, door: door, at: time.wall)
        let admit: @Sendable () async throws -> Admission = { [gate, filing, effects] in
            do {
                return .run(try await gate.admit(call, from: principal))
            } catch let awaited as ApprovalAwaited {
                let item = try await filing.file(awaited, of: call, auditID: record.auditID, from: principal)
                await effects?.hold(item.call, until: item.expiresAt)
                return .wait(item)
            }
        }
        // Who may not call at all, and nobody during a lockdown, learns what a key stands for.
        guard let key = call.idempotencyKey, !gate.lockdown.state.isActive, (try? principal.require(.runTools)) != nil
        else { return await answer(record, admit) }
        let toolName =
            gate.catalog.entry(named: call.toolName, allowsInternal: call.isInternal)?.name ?? call.toolName
        let reply = await keyedCalls.reply(to: record, key: key) { [self] willAnswer in
            await answer(record, willAnswer: willAnswer, admit)
        }
        let closing: Recorder.Closing
        switch reply {
        case .fresh(let answer): return answer
        case .replay(let first):
            // Nothing runs, so it takes from the rate of calls that do not.
            let limited = gate.limited(.keyConflict, of: call, from: principal)
            closing =
                limited.isCounted
                ? recorder.closing(record, with: limited, of: toolName)
                : recorder.closing(record, replaying: first, of: toolName)
        case .refused(let refusal):
            closing = recorder.closing(
                record, with: gate.limited(refusal, of: call, from: principal), of: toolName)
        case .unavailable(let store): closing = recorder.closing(record, with: Refusal(store), of: toolName)
        }
        return await withCheckedContinuation { continuation in
            recorder.close(closing, for: record) { continuation.resume(returning: $0) }
        }
    }

    /// Code of the refusal of a call whose key stands for another one.
    package static let keyConflict = "idempotency_conflict"

    /// Judges, begins, runs and records a run for the worker that holds it.
    ///
    /// - Parameters:
    ///   - principal: Who asked for it.
    ///   - auditID: Made by the worker, who keeps it with the run before anything begins.
    ///   - hold: The worker's hold on the run.
    func answer(_ run: Run, from principal: Principal, auditID: String, hold: RunHold) async -> Answer {
        let record = CallRecord(
            call: run.call, principal: principal.name, door: run.step == nil ? "inbox" : "task", at: time.wall,
            auditID: auditID, run: run)
        return await answer(record) { [gate, filing] in
            do {
                // No conditional expression: a grant cannot be copied out of one.
                if run.approvedItem != nil {
                    let grant = try await gate.admit(run, from: principal)
                    try await hold.begin(auditID)
                    return .run(grant)
                }
                let grant = try await gate.admit(run.call, from: principal)
                try await hold.begin(auditID)
                return .run(grant)
            } catch let awaited as ApprovalAwaited {
                return .wait(try await filing.file(awaited, of: run, from: principal, hold: hold))
            }
        }
    }

    /// What the gate made of a call.
    private enum Admission: ~Copyable {
        case run(Grant)
        case wait(InboxItem)
    }

    /// - Parameter willAnswer: Told of the answer before it is on disk.
    private func answer(
        _ record: CallRecord, willAnswer: (@Sendable (Answer) async -> Void)? = nil,
        _ admit: @escaping @Sendable () async throws -> Admission
    ) async -> Answer {
        let work = Work()
        recorder.log.announce()
        // On threads that may block: judging a large patch takes as long as a large file. It is a task of its own, because
        // it ends when the last line is queued: whoever waits for the answer is woken by the audit's thread, and no
        // thread of the pool in between.
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                work.start(
                    Task(executorPreference: pool) { [self] in
                        defer { recorder.log.withdraw() }
                        do throws(AuditUnavailable) {
                            let closing = try await run(record, work, admit)
                            await willAnswer?(closing.answer)
                            recorder.close(closing, for: record) { continuation.resume(returning: $0) }
                        } catch {
                            continuation.resume(returning: .unrecorded(record))
                        }
                    })
            }
        } onCancel: {
            work.cancel()
        }
    }

    /// Does what may block for a door, on the threads that calls run on.
    package func blocking<Result: Sendable>(
        _ operation: @Sendable () throws -> Result
    ) async throws -> Result {
        try await pool.run { try operation() }
    }

    /// The task of a call, for whoever gives up waiting for it.
    private final class Work: Sendable {
        private let state = Mutex<(task: Task<Void, Never>?, isCancelled: Bool)>((nil, false))

        func start(_ task: Task<Void, Never>) {
            let isCancelled = state.withLock { state in
                state.task = task
                return state.isCancelled
            }
            if isCancelled { task.cancel() }
        }

        func cancel() {
            let task = state.withLock { state in
                state.isCancelled = true
                return state.task
            }
            task?.cancel()
        }
    }

    private func run(
        _ record: CallRecord, _ work: Work, _ admit: () async throws -> Admission
    ) async throws(AuditUnavailable) -> Recorder.Closing {
        do {
            switch try await admit() {
            case .wait(let item): return recorder.closing(record, waitingFor: item)
            case .run(let grant): return try await run(grant, record, work)
            }
        } catch let sighted as HoneytokenSighted {
            return await close(record, with: sighted)
        } catch let refusal as Refusal {
            return recorder.closing(record, with: refusal, of: gate.catalog.entry(named: record.call.toolName)?.name)
        } catch let unavailable as AuditUnavailable {
            throw unavailable
        } catch let unavailable as StoreUnavailable {
            return recorder.closing(record, with: Refusal(unavailable))
        } catch is CancellationError {
            return recorder.closing(
                record,
                with: Refusal(
                    .cancelled, code: "cancelled", "cancelled: the call was given up before it began",
                    remedy: "repeat the call"))
        } catch {
            logger.error("the gate failed", metadata: ["call.id": "\(record.auditID)", "error": "\(error)"])
            return recorder.closing(record, with: .internalFault)
        }
    }

    private func run(
        _ grant: consuming Grant, _ record: CallRecord, _ work: Work
    ) async throws -> Recorder.Closing {
        // Nobody's sync waits for a call that itself waits for one, or that may take long.
        let isQuick = grant.kind == .plan || grant.admitted.access.isQuick
        if !isQuick { recorder.log.withdraw() }
        defer { if !isQuick { recorder.log.announce() } }
        let ticket = try await recorder.open(grant, for: record)
        if ticket.kind == .run, ticket.admitted.beginsArming { try await arm(record) }
        let label = CallLabel(
            auditID: record.auditID, principal: record.principal, toolName: ticket.admitted.toolName)
        let kept = artifacts.keeper(for: label)
        let account = CallEffects(grant.kind == .preview ? .preview : .run)
        defer { account.settle() }
        let agentID = record.call.agentID
        let watch = gate.plantedTokens.map { tokens in
            HoneytokenWatch(for: tokens) { [incidents] in incidents.pause(for: $0, at: label, agentID: agentID) }
        }
        let observer = output.observer(of: label)
        let site = CallSite(
            label: label, artifacts: kept, output: watch?.observing(observer) ?? observer, effects: account,
            watch: watch)
        let outcome = await run(grant, at: site, record, work)
        output.ended(label)
        let sighted = await conclude(watch, outcome, of: record.principal)
        let effects = await effects?.keep(account.current, of: ticket, outcome) ?? KeptAccount()
        return recorder.closing(
            ticket, with: effects.outcome ?? outcome, keeping: kept.kept, effects: effects,
            connections: site.connections, sighted: sighted,
            armed: ticket.admitted.access.usesDesktop ? gate.armedSecondsLeft(of: record.principal) ?? 0 : nil)
    }

    /// Recorded first; what cannot be recorded arms nobody.
    private func arm(_ record: CallRecord) async throws {
        let seconds = gate.configuration.current.desktopArmedSeconds
        _ = try await recorder.log.append(
            recorder.change(
                "change:desktop", by: record.principal, before: .null,
                after: [
                    "armed": .string(record.principal), "seconds": .integer(seconds),
                    "audit_id": .string(record.auditID),
                ]))
        gate.arm(record.principal)
        // What ends it may have come while the record was made.
        if gate.lockdown.state.isActive || gate.pauses.pause(of: record.principal) != nil {
            gate.arming.end(of: record.principal)
        }
    }

    /// What the call's honeytoken watch has seen, after a look at the answer; an incident is in the inbox then.
    private func conclude(
        _ watch: HoneytokenWatch?, _ outcome: Outcome, of principal: String
    ) async -> HoneytokenAccount {
        guard let watch else { return HoneytokenAccount() }
        // Output was looked at while it came; its answer may be cut. What was too long for that is looked at here.
        let streams: Set<String> = watch.endOfOutput() ? ["stdout", "stderr"] : []
        switch outcome {
        case .succeeded(let output): watch.see(output.result, in: .output, without: streams)
        case .planned(let plan): watch.see(.object(plan), in: .output)
        case .failed(let failure):
            watch.see(failure.message, in: .output)
            if let result = failure.result { watch.see(result, in: .output, without: streams) }
            watch.see(.object(failure.details), in: .output)
        case .interrupted, .faulted: break
        }
        guard !watch.sightings.isEmpty || watch.isListing else { return HoneytokenAccount() }
        if !watch.sightings.isEmpty { await incidents.file() }
        return HoneytokenAccount(of: watch, incidentID: gate.pauses.pause(of: principal)?.itemID)
    }

    /// A call that names a honeytoken: nothing of it ran.
    private func close(_ record: CallRecord, with sighted: HoneytokenSighted) async -> Recorder.Closing {
        let label = CallLabel(
            auditID: record.auditID, principal: record.principal, toolName: record.call.toolName)
        let refusal = await incidents.open(sighted, at: label, agentID: record.call.agentID)
        return recorder.closing(record, with: refusal, of: gate.catalog.entry(named: record.call.toolName)?.name)
    }

    private func run(
        _ grant: consuming Grant, at site: CallSite, _ record: CallRecord, _ work: Work
    ) async -> Outcome {
        guard grant.kind != .plan else { return await runner.run(grant, at: site) }
        running.enter(record.auditID) { work.cancel() }
        defer { running.leave(record.auditID) }
        // A lockdown that began after the gate's look finds the call in the list, or the call finds the lockdown.
        guard !gate.lockdown.state.isActive else { return .interrupted(.cancelled) }
        return await runner.run(grant, at: site)
    }
}

extension Refusal {
    init(_ unavailable: StoreUnavailable) {
        self.init(.error, code: StoreUnavailable.code, unavailable.message, remedy: unavailable.remedy)
    }

    static let tooManyKeys = Refusal(
        .rateLimited, code: "too_many_keys", "too many answers are kept for idempotency keys of this caller",
        remedy: "send the call without a key, or wait: a key is forgotten seven days after its call")

    static let keyConflict = Refusal(
        .invalid, code: Engine.keyConflict, "this idempotency_key stands for another call",
        remedy: "send another key with another call")

    /// One bland sentence for what is our fault; the operator's log has the rest.
    static let internalFault = Refusal(
        .error, code: "internal_error", "the daemon could not judge this call", remedy: "see the daemon's log")
}
