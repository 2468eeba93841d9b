internal import Dispatch
internal import Foundation
internal import Synchronization

/// The queue before the one thread that writes: group commit without a timer. What queues while a sync is under way is
/// the next batch.
final class LogWriter: Sendable {
    private struct Queue {
        var jobs: [WriterJob] = []
        /// Whether somebody waits for one of them.
        var isUrgent = false
        var isThreadWaiting = false
        var isClosed = false
    }

    /// Jobs that may queue without anybody waiting before the thread is woken for them.
    private static let lazyLimit = 128
    /// Beyond this many the log is overloaded: callers are refused instead of taking memory.
    private static let mostJobs = 65_536

    private let queue = Mutex(Queue())
    private let wake = DispatchSemaphore(value: 0)

    /// - Parameter isUrgent: Whether the job starts a batch by itself; otherwise it goes with the next one.
    func submit(_ job: WriterJob, isUrgent: Bool) throws(AuditUnavailable) {
        enum Fate { case queued, wakes, full, closed }
        let fate = queue.withLock { queue -> Fate in
            if queue.isClosed { return .closed }
            if queue.jobs.count >= Self.mostJobs { return .full }
            queue.jobs.append(job)
            if isUrgent || queue.jobs.count >= Self.lazyLimit { queue.isUrgent = true }
            guard queue.isUrgent, queue.isThreadWaiting else { return .queued }
            queue.isThreadWaiting = false
            return .wakes
        }
        switch fate {
        case .queued: return
        case .wakes: wake.signal()
        case .full: throw AuditUnavailable("too many records wait for the audit", remedy: "try again later")
        case .closed:
            throw AuditUnavailable("the audit is closed", remedy: "start the daemon again", isFinal: true)
        }
    }

    /// Nothing is taken any more; what queued is still written, then the thread ends.
    func close() {
        let wakes = queue.withLock { queue in
            queue.isClosed = true
            queue.isUrgent = true
            defer { queue.isThreadWaiting = false }
            return queue.isThreadWaiting
        }
        if wakes { wake.signal() }
    }

    /// - Parameters:
    ///   - process: Called on the thread with everything that queued.
    ///   - ended: Called on the thread after the last batch.
    func start(_ process: sending @escaping ([WriterJob]) -> Void, ended: @escaping @Sendable () -> Void) {
        // The thread is the only one to call it from now on, one call after the other.
        nonisolated(unsafe) let process = process
        let thread = Thread { [self] in
            Thread.current.name = "audit-writer"
            while let jobs = next() { process(jobs) }
            ended()
        }
        thread.start()
    }

    /// - Returns: `nil` when closed and empty.
    private func next() -> [WriterJob]? {
        while true {
            enum Step { case process([WriterJob]), wait, end }
            let step = queue.withLock { queue -> Step in
                if queue.isUrgent, !queue.jobs.isEmpty {
                    queue.isUrgent = queue.isClosed
                    var jobs: [WriterJob] = []
                    jobs.reserveCapacity(queue.jobs.count)
                    swap(&jobs, &queue.jobs)
                    return .process(jobs)
                }
                if queue.isClosed { return .end }
                queue.isThreadWaiting = true
                return .wait
            }
            switch step {
            case .process(let jobs): return jobs
            case .end: return nil
            case .wait: wake.wait()
            }
        }
    }
}
