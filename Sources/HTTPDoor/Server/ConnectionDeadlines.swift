internal import NIOCore

/// The deadlines of one connection behind a single timer, which is set anew only when a nearer deadline comes: a
/// connection that is kept alive costs no timer per request.
final class ConnectionDeadlines {
    enum Kind: CaseIterable {
        /// The one of the guard's phase: head, body, idle, last words.
        case phase
        /// The peer takes none of the bytes that wait for it.
        case write
        /// The server is stopping.
        case grace
    }

    /// The deadline of a head that has begun is running.
    var isHeadRunning = false
    private var phase = NIODeadline.distantFuture
    private var write = NIODeadline.distantFuture
    private var grace = NIODeadline.distantFuture
    private var wake: Scheduled<Void>?
    private var wakeAt = NIODeadline.distantFuture

    /// - Parameter amount: From now on; `nil` for no deadline.
    func set(_ kind: Kind, to amount: TimeAmount?, in owner: ConnectionGuard) {
        let deadline = amount.map { NIODeadline.now() + $0 } ?? .distantFuture
        switch kind {
        case .phase: phase = deadline
        case .write: write = deadline
        case .grace: grace = deadline
        }
        arm(owner)
    }

    func cancel() {
        wake?.cancel()
        wake = nil
        wakeAt = .distantFuture
    }

    private func arm(_ owner: ConnectionGuard) {
        let next = min(phase, write, grace)
        guard next < wakeAt, let loop = owner.context?.eventLoop else { return }
        wake?.cancel()
        wakeAt = next
        wake = loop.assumeIsolated().scheduleTask(deadline: next) { [weak owner] in
            guard let owner else { return }
            owner.deadlines.fire(owner)
        }
    }

    private func fire(_ owner: ConnectionGuard) {
        wake = nil
        wakeAt = .distantFuture
        let now = NIODeadline.now()
        if phase <= now {
            phase = .distantFuture
            owner.deadlinePassed(.phase)
        } else if write <= now {
            write = .distantFuture
            owner.deadlinePassed(.write)
        } else if grace <= now {
            grace = .distantFuture
            owner.deadlinePassed(.grace)
        }
        arm(owner)
    }
}
