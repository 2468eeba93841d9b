internal import Foundation

/// Threads that may block: files, hashing, long searches. The cooperative threads of Swift and the event loops of the
/// doors never wait for a disk (SECURITY R44).
///
/// As a task executor it runs whole asynchronous calls: inside ``run(_:)`` synchronous file work is simply called.
package final class BlockingPool: TaskExecutor {
    private let queue: JobQueue

    /// - Parameter width: How many calls may block at once; what comes more waits its turn.
    package init(width: Int, name: String) {
        let queue = JobQueue()
        self.queue = queue
        for number in 0..<width {
            // The threads hold the queue, not the pool; they end when the pool does.
            let thread = Thread { queue.work() }
            thread.name = "\(name)-\(number)"
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    deinit { queue.close() }

    package func enqueue(_ job: consuming ExecutorJob) {
        queue.add(UnownedJob(job), executor: asUnownedTaskExecutor())
    }

    /// Runs the operation, and every nonisolated function it awaits, on the pool's threads.
    package func run<Result: Sendable>(_ operation: () async throws -> Result) async rethrows -> Result {
        try await withTaskExecutorPreference(self) { try await operation() }
    }
}

/// First come, first served.
///
/// `@unchecked Sendable`: every property is read and written only while `condition` is held.
private final class JobQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private var jobs: [(job: UnownedJob, executor: UnownedTaskExecutor)] = []
    private var next = 0
    private var isClosed = false

    func add(_ job: UnownedJob, executor: UnownedTaskExecutor) {
        condition.lock()
        jobs.append((job, executor))
        condition.signal()
        condition.unlock()
    }

    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    func work() {
        while let (job, executor) = take() {
            job.runSynchronously(on: executor)
        }
    }

    private func take() -> (UnownedJob, UnownedTaskExecutor)? {
        condition.lock()
        defer { condition.unlock() }
        while next == jobs.count {
            if isClosed { return nil }
            condition.wait()
        }
        let entry = jobs[next]
        next += 1
        if next == jobs.count || next >= 1_024 {
            jobs.removeFirst(next)
            next = 0
        }
        return entry
    }
}
