internal import CPlatform
internal import Foundation

/// SIGTERM and SIGINT as a stream of one element: the first asks the daemon to stop, a second one ends the process.
struct StopSignals: Sendable {
    let stream: AsyncStream<Void>

    /// - Throws: ``HomeProblem`` when the system has no descriptors left.
    init() throws(HomeProblem) {
        let descriptor = cp_open_stop_signals()
        guard descriptor >= 0 else {
            throw HomeProblem(
                message: "signals cannot be received: \(String(cString: strerror(errno)))",
                remedy: "raise the limit of open files")
        }
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        self.stream = stream
        // A thread of its own, because it waits for as long as the daemon runs.
        let waiting = Thread {
            var byte: UInt8 = 0
            while read(descriptor, &byte, 1) < 0, errno == EINTR {}
            continuation.yield()
            continuation.finish()
        }
        waiting.stackSize = 64 << 10
        waiting.start()
    }
}
