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
    private let runner: any Runner
    private let pool: BlockingPool
    private let time: any TimeSource
    private let logger: Logger

    package init(
        gate: Gate, recorder: Recorder, artifacts: ArtifactStore, runner: any Runner, pool: BlockingPool,
        time: any TimeSource
    ) {
        self.gate = gate
        self.recorder = recorder
        self.artifacts = artifacts
        output = OutputBoard(redactor: recorder.redactor)
        self.runner = runner
        self.pool = pool
        self.time = time
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
                            let closing = try await run(call, from: principal, record)
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
        _ call: ToolCall, from principal: Principal, _ record: CallRecord
    ) async throws(AuditUnavailable) -> Recorder.Closing {
        do {
            let grant = try await gate.admit(call, from: principal)
            // Nobody's sync waits for a call that itself waits for one, or that may take long.
            let isQuick = grant.kind == .plan || grant.admitted.access.isQuick
            if !isQuick { recorder.log.withdraw() }
            defer { if !isQuick { recorder.log.announce() } }
            let ticket = try await recorder.open(grant, for: record)
            let label = CallLabel(
                auditID: record.auditID, principal: record.principal, toolName: ticket.admitted.toolName)
            let kept = artifacts.keeper(for: label)
            let outcome = await runner.run(
                grant, at: CallSite(label: label, artifacts: kept, output: output.observer(of: label)))
            output.ended(label)
            return recorder.closing(ticket, with: outcome, keeping: kept.kept)
        } catch let refusal as Refusal {
            return recorder.closing(record, with: refusal)
        } catch let unavailable as AuditUnavailable {
            throw unavailable
        } catch {
            logger.error("the gate failed", metadata: ["call.id": "\(record.auditID)", "error": "\(error)"])
            return recorder.closing(record, with: .internalFault)
        }
    }
}

extension Refusal {
    /// One bland sentence for what is our fault; the operator's log has the rest.
    static let internalFault = Refusal(
        .error, code: "internal_error", "the daemon could not judge this call", remedy: "see the daemon's log")
}
