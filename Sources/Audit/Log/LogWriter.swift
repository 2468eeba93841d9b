internal import CPlatform
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
    /// The queue's `isUrgent`, to be seen without the lock.
    private let isAnyoneWaiting = Atomic(false)
    /// About 20 microseconds, a fraction of what it costs to be put to sleep and woken again.
    private static let looks = 400
    private static let courtesies = 200
    /// Callers that are about to queue an urgent job.
    private let announced = Atomic(0)
    /// Urgent jobs that queue, to be seen without the lock.
    private let urgentJobs = Atomic(0)
    private let wake = DispatchSemaphore(value: 0)

    /// - Parameter isUrgent: Whether the job starts a batch by itself; otherwise it goes with the next one.
    func submit(_ job: WriterJob, isUrgent: Bool) throws(AuditUnavailable) {
        enum Fate { case queued, wakes, full, closed }
        let fate = queue.withLock { queue -> Fate in
            if queue.isClosed { return .closed }
            if queue.jobs.count >= Self.mostJobs { return .full }
            queue.jobs.append(job)
            if isUrgent { urgentJobs.add(1, ordering: .relaxed) }
            if isUrgent || queue.jobs.count >= Self.lazyLimit { setUrgent(true, in: &queue) }
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

    /// Somebody will queue an urgent job within a fraction of a millisecond, or ``withdraw()``.
    func announce() { announced.add(1, ordering: .relaxed) }

    /// The job is queued, or does not come so soon.
    func withdraw() { announced.subtract(1, ordering: .relaxed) }

    /// With many callers, those about to queue something get the processor first: their lines then share this sync instead
    /// of waiting for the next. Where nobody else is ready to run, a turn costs less than a microsecond, and all of them
    /// less than a sync.
    private func letOthersGoFirst() {
        var turns = 0
        while turns < Self.courtesies,
            urgentJobs.load(ordering: .relaxed) < announced.load(ordering: .relaxed)
        {
            sched_yield()
            turns += 1
        }
    }

    private func lookOut() {
        var looks = 0
        while looks < Self.looks, !isAnyoneWaiting.load(ordering: .relaxed) {
            cp_spin()
            looks += 1
        }
    }

    private func setUrgent(_ isUrgent: Bool, in queue: inout Queue) {
        queue.isUrgent = isUrgent
        isAnyoneWaiting.store(isUrgent, ordering: .relaxed)
    }

    /// Nothing is taken any more; what queued is still written, then the thread ends.
    func close() {
        let wakes = queue.withLock { queue in
            queue.isClosed = true
            setUrgent(true, in: &queue)
            defer { queue.isThreadWaiting = false }
            return queue.isThreadWaiting
        }
        if wakes { wake.signal() }
    }

    /// - Parameters:
    ///   - process: Called on the thread with everything that queued.
    ///   - ended: Called on the thread after the last batch.
    func start(_ process: sending @escaping ([WriterJob]) -> Void, ended: @escaping @Sendable () -> Void) {
        // Unsafe in name only: it was sent to here, the closure below is its only holder from now on, and that runs once,
        // on the thread that it starts.
        nonisolated(unsafe) let process = process
        let thread = Thread { [self] in
            Thread.current.name = "audit-writer"
            var count = 0
            while let jobs = next(after: count) {
                count = jobs.count
                process(jobs)
            }
            ended()
        }
        thread.start()
    }

    /// - Parameter count: How many jobs the batch before had.
    /// - Returns: `nil` when closed and empty.
    private func next(after count: Int) -> [WriterJob]? {
        if count > 1 { letOthersGoFirst() }
        var hasLookedOut = false
        while true {
            enum Step { case process([WriterJob]), lookOut, wait, end }
            let step = queue.withLock { queue -> Step in
                if queue.isUrgent, !queue.jobs.isEmpty {
                    setUrgent(queue.isClosed, in: &queue)
                    var jobs: [WriterJob] = []
                    jobs.reserveCapacity(queue.jobs.count)
                    swap(&jobs, &queue.jobs)
                    urgentJobs.store(0, ordering: .relaxed)
                    return .process(jobs)
                }
                if queue.isClosed { return .end }
                guard hasLookedOut else { return .lookOut }
                queue.isThreadWaiting = true
                return .wait
            }
            switch step {
            case .process(let jobs): return jobs
            case .end: return nil
            case .lookOut:
                lookOut()
                hasLookedOut = true
            case .wait: wake.wait()
            }
        }
    }
}
