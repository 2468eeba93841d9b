internal import NIOCore

/// Runs the tasks of a connection on the event loop that the connection lives on: reading a request and writing its
/// answer change no thread. What takes long leaves the loop: calls run on the engine's pool, large bodies are read on the
/// cooperative threads (SECURITY R44).
final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
