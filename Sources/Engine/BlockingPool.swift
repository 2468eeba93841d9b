internal import CPlatform
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
/// jobs are left; a thread that is done takes what queued meanwhile without sleeping, and looks out for more for some
/// microseconds before it sleeps. Whenever there are both jobs and sleepers, one is awake and on its way to take one.
private final class JobQueue: Sendable {
    struct Entry: Sendable {
        let job: UnownedJob
        let executor: UnownedTaskExecutor
    }

    private struct State {
        var entries: [Entry] = []
        var next = 0
        var sleepers: [DispatchSemaphore] = []
        /// Whether a thread without a job is awake: one that was woken, or one that looks out.
        var isAnyoneLooking = false
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
            guard !isEmpty, !isAnyoneLooking, let sleeper = sleepers.popLast() else { return nil }
            isAnyoneLooking = true
            return sleeper
        }
    }

    private let state = Mutex(State())
    /// How many jobs wait: what the thread that looks out can see without the lock.
    private let waiting = Atomic(0)
    /// About 20 microseconds, a fraction of what it costs to be put to sleep and woken again.
    private static let looks = 400

    func add(_ entry: Entry) {
        let sleeper = state.withLock { state in
            state.entries.append(entry)
            waiting.add(1, ordering: .relaxed)
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
        var wasLooking = false
        var mayLookOut = false
        while true {
            enum Step { case run(Entry, next: DispatchSemaphore?), lookOut, sleep, end }
            let step = state.withLock { state -> Step in
                if wasLooking { state.isAnyoneLooking = false }
                if !state.isEmpty {
                    waiting.subtract(1, ordering: .relaxed)
                    return .run(state.takeFirst(), next: state.wakeOne())
                }
                if state.isClosed { return .end }
                if mayLookOut, !state.isAnyoneLooking {
                    state.isAnyoneLooking = true
                    return .lookOut
                }
                state.sleepers.append(alarm)
                return .sleep
            }
            wasLooking = false
            switch step {
            case .run(let entry, let sleeper):
                sleeper?.signal()
                entry.job.runSynchronously(on: entry.executor)
                mayLookOut = true
            case .lookOut:
                lookOut()
                wasLooking = true
                mayLookOut = false
            case .sleep:
                alarm.wait()
                wasLooking = true
            case .end: return
            }
        }
    }

    private func lookOut() {
        var looks = 0
        while looks < Self.looks, waiting.load(ordering: .relaxed) == 0 {
            cp_spin()
            looks += 1
        }
    }
}
