package import Audit
internal import Synchronization
package import ToolKit

/// Where the output of running programs can be watched.
///
/// While nobody watches it costs one load for each piece of output. Somebody who is too slow loses pieces, which the
/// offsets show; the programs never wait.
package final class OutputBoard: Sendable {
    private let redactor: Redactor
    private let watchers = Atomic(0)
    private let queues = Mutex<[ObjectIdentifier: OutputQueue]>([:])

    /// - Parameter redactor: Takes known secrets out of what is shown, as out of every answer (SECURITY R37).
    package init(redactor: Redactor) { self.redactor = redactor }

    /// Sees output from now on, also that of calls that run already.
    ///
    /// - Parameters:
    ///   - principal: Only of this caller's calls; `nil`: of all.
    ///   - capacity: Bytes that wait for a slow watcher; what comes on top is left out.
    ///   - callCapacity: The same for each call.
    package func watch(
        principal: String? = nil, capacity: Int = 1 << 20, callCapacity: Int = .max
    ) -> OutputWatch {
        let queue = OutputQueue(principal: principal, capacity: capacity, callCapacity: callCapacity)
        queues.withLock { $0[ObjectIdentifier(queue)] = queue }
        watchers.add(1, ordering: .sequentiallyConsistent)
        return OutputWatch(queue, redactor: redactor) { [weak self] in self?.leave(queue) }
    }

    private func leave(_ queue: OutputQueue) {
        guard queues.withLock({ $0.removeValue(forKey: ObjectIdentifier(queue)) }) != nil else { return }
        watchers.subtract(1, ordering: .sequentiallyConsistent)
        queue.close()
    }

    func observer(of call: CallLabel) -> any OutputObserver { Observer(board: self, call: call) }

    /// Whether anybody watches.
    package var isWatched: Bool { watchers.load(ordering: .relaxed) > 0 }

    /// Nothing more comes of this call.
    func ended(_ call: CallLabel) { each { $0.end(of: call) } }

    private func each(_ body: (OutputQueue) -> Void) {
        guard isWatched else { return }
        for queue in queues.withLock({ Array($0.values) }) { body(queue) }
    }

    private struct Observer: OutputObserver {
        let board: OutputBoard
        let call: CallLabel

        func wrote(_ bytes: UnsafeRawBufferPointer, to stream: CommandStream, at offset: UInt64) {
            board.each { $0.add(bytes, of: call, stream, at: offset) }
        }
    }
}

/// A piece of output on its way to a watcher.
package struct OutputEvent: Sendable, Hashable {
    package let auditID: String
    package let principal: String
    package let toolName: String
    package let stream: CommandStream
    /// Where it stands in the stream, in bytes. One that lies behind the end of the piece before shows a gap.
    package let offset: UInt64
    /// Bytes of the stream that the text stands for: what is no UTF-8 or a secret is replaced, so the text may be of
    /// another length.
    package let length: Int
    package let text: String
}
