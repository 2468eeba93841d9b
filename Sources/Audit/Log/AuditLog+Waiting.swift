internal import Dispatch
internal import Synchronization

extension AuditLog {
    /// As `append`, for a thread that may block and holds something that must not be let go meanwhile, such as the turn
    /// to change a file. Never call it on a cooperative thread.
    package func appendAndWait(_ record: AuditRecord) throws(AuditUnavailable) {
        let waiting = Waiting()
        try writer.submit(
            WriterJob(work: .records([EncodedRecord(record)])) { waiting.end(with: $0) }, isUrgent: true)
        try waiting.failure()
    }
}

private final class Waiting: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let result = Mutex<AuditUnavailable?>(nil)

    func end(with outcome: Result<WriterJob.Done, AuditUnavailable>) {
        if case .failure(let failure) = outcome { result.withLock { $0 = failure } }
        done.signal()
    }

    func failure() throws(AuditUnavailable) {
        done.wait()
        if let failure = result.withLock({ $0 }) { throw failure }
    }
}
