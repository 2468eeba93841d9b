internal import Dispatch
internal import Foundation
internal import Synchronization

/// Threads that may block: files, hashing, long searches. The cooperative threads of Swift and the event loops of the
/// doors never wait for a disk (SECURITY R44).
///
/// As a task executor it runs whole asynchronous calls: inside ``run(_:)`` synchronous file work is simply called.
package final class BlockingPool: TaskExecutor {
    private let queue = JobQueue()

    /// - Parameter width: How many calls may block at once; what comes more waits its turn.
    package init(width: Int, name: String) {
        for number in 0..<width {
            // The threads hold the queue, not the pool; they end when the pool does.
            let thread = Thread { [queue] in
                // Foundation hands the name to the system only for the thread that sets it.
                Thread.current.name = "\(name)-\(number)"
                queue.work()
            }
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    deinit { queue.close() }

    package func enqueue(_ job: consuming ExecutorJob) {
        queue.add(JobQueue.Entry(job: UnownedJob(job), executor: asUnownedTaskExecutor()))
    }

    /// Runs the operation, and every nonisolated function it awaits, on the pool's threads.
    package func run<Result: Sendable>(_ operation: () async throws -> Result) async rethrows -> Result {
        try await withTaskExecutorPreference(self) { try await operation() }
    }
}

/// First come, first served, by the thread that slept last: its stack is still in the processor's cache.
///
/// Waking a thread costs more than most calls, so at most one is being woken at a time, and it wakes the next only when
/// jobs are left; a thread that is done takes what queued meanwhile without sleeping. Whenever there are both jobs and
/// sleepers, one is being woken.
private final class JobQueue: Sendable {
    struct Entry: Sendable {
        let job: UnownedJob
        let executor: UnownedTaskExecutor
    }

    private struct State {
        var entries: [Entry] = []
        var next = 0
        var sleepers: [DispatchSemaphore] = []
        var isWaking = false
        var isClosed = false

        var isEmpty: Bool { next == entries.count }

        mutating func takeFirst() -> Entry {
            let entry = entries[next]
            next += 1
            if next == entries.count || next >= 1_024 {
                entries.removeFirst(next)
                next = 0
            }
            return entry
        }

        /// - Returns: Whom to signal, once the lock is let go.
        mutating func wakeOne() -> DispatchSemaphore? {
            guard !isEmpty, !isWaking, let sleeper = sleepers.popLast() else { return nil }
            isWaking = true
            return sleeper
        }
    }

    private let state = Mutex(State())

    func add(_ entry: Entry) {
        let sleeper = state.withLock { state in
            state.entries.append(entry)
            return state.wakeOne()
        }
        sleeper?.signal()
    }

    func close() {
        let sleepers = state.withLock { state in
            state.isClosed = true
            defer { state.sleepers = [] }
            return state.sleepers
        }
        for sleeper in sleepers { sleeper.signal() }
    }

    func work() {
        let alarm = DispatchSemaphore(value: 0)
        var wasWoken = false
        while true {
            enum Step { case run(Entry, next: DispatchSemaphore?), sleep, end }
            let step = state.withLock { state -> Step in
                if wasWoken { state.isWaking = false }
                if !state.isEmpty { return .run(state.takeFirst(), next: state.wakeOne()) }
                if state.isClosed { return .end }
                state.sleepers.append(alarm)
                return .sleep
            }
            wasWoken = false
            switch step {
            case .run(let entry, let sleeper):
                sleeper?.signal()
                entry.job.runSynchronously(on: entry.executor)
            case .sleep:
                alarm.wait()
                wasWoken = true
            case .end: return
            }
        }
    }
}
