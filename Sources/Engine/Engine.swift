internal import Audit
package import Gate
internal import Logging
package import ToolKit

/// The way of a call: door -> gate -> run -> record -> answer.
///
/// Every door asks ``answer(_:from:through:)``; there is no second path to a tool.
package final class Engine: Sendable {
    package let gate: Gate
    package let recorder: Recorder
    private let runner: any Runner
    private let pool: BlockingPool
    private let time: any TimeSource
    private let logger: Logger

    package init(gate: Gate, recorder: Recorder, runner: any Runner, pool: BlockingPool, time: any TimeSource) {
        self.gate = gate
        self.recorder = recorder
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
        do {
            // On threads that may block: judging a large patch takes as long as a large file. What is left then is to
            // wait for the disk, which needs no thread.
            let closing = try await pool.run { try await run(call, from: principal, record) }
            return try await recorder.close(closing)
        } catch {
            return .unrecorded(record)
        }
    }

    private func run(
        _ call: ToolCall, from principal: Principal, _ record: CallRecord
    ) async throws(AuditUnavailable) -> Recorder.Closing {
        do {
            let grant = try await gate.admit(call, from: principal)
            let ticket = try await recorder.open(grant, for: record)
            let outcome = await runner.run(grant)
            return recorder.closing(ticket, with: outcome)
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
