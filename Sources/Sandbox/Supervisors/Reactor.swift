#if os(Linux)
    internal import CPlatform
    internal import Foundation
    internal import Synchronization
    internal import ToolKit

    /// Somebody whose descriptor became ready. Called on the reactor's thread only, with a buffer to read into.
    protocol ReactorSource: AnyObject, Sendable {
        func ready(_ what: UInt32, _ buffer: UnsafeMutableRawBufferPointer)
    }

    /// One thread that waits for every supervisor and every pipe of every call.
    ///
    /// One, not two for each call: 64 calls would need 128 threads and wake each of them for a few bytes; here a call costs
    /// no thread, and what several calls wrote meanwhile is taken with one wake-up. The thread only copies and hashes, in
    /// slices of at most 256 KiB a turn, so one flood does not keep the others waiting. Starting and ending calls need no
    /// wake-up at all: descriptors and deadlines are handed to the kernel from the caller's thread.
    final class Reactor: Sendable {
        private struct Timer {
            var due: Int64
            var fire: @Sendable () -> Void
        }

        private struct State {
            var sources: [UInt64: any ReactorSource] = [:]
            var timers: [UInt64: Timer] = [:]
            var nextToken: UInt64 = 2
            /// When the kernel's timer goes off; a cancelled deadline is left in it.
            var armed = Int64.max
            var isClosed = false
        }

        private static let wakeToken: UInt64 = 0
        private static let timerToken: UInt64 = 1
        private static let bufferSize = 64 << 10

        private let state = Mutex(State())
        private let poll: Int32
        private let wake: Int32
        private let timer: Int32

        init() throws(ToolFailure) {
            poll = cp_poll_open()
            wake = cp_wake_open()
            timer = cp_timer_open()
            let results = [
                poll, wake, timer, cp_poll_add(poll, wake, CP_READY_READ, Self.wakeToken),
                cp_poll_add(poll, timer, CP_READY_READ, Self.timerToken),
            ]
            if let failed = results.first(where: { $0 < 0 }) {
                for descriptor in [poll, wake, timer] where descriptor >= 0 { cp_close(descriptor) }
                throw ToolFailure(
                    "sandbox_unavailable", "the daemon cannot wait for commands (error \(-failed))",
                    remedy: "Raise the daemon's limit of open files and start it again")
            }
            // The thread keeps the reactor until close().
            let thread = Thread { self.work() }
            thread.stackSize = 1 << 20
            thread.start()
        }

        /// Ends the thread. Timers that are set go off first, so that no call is left without its end.
        func close() {
            state.withLock { $0.isClosed = true }
            _ = cp_signal_wake(wake)
        }

        /// - Returns: The token to remove it with, or `nil` when the kernel refuses.
        func add(_ descriptor: Int32, _ what: UInt32, _ source: any ReactorSource) -> UInt64? {
            state.withLock { state in
                let token = state.nextToken
                state.nextToken += 1
                guard !state.isClosed, cp_poll_add(poll, descriptor, what, token) == 0 else { return nil }
                state.sources[token] = source
                return token
            }
        }

        func change(_ descriptor: Int32, _ what: UInt32, _ token: UInt64) {
            _ = cp_poll_change(poll, descriptor, what, token)
        }

        /// Before the descriptor is closed: a process that was just forked may hold a copy, and the kernel would go on
        /// telling of it.
        func remove(_ descriptor: Int32, _ token: UInt64) {
            _ = cp_poll_remove(poll, descriptor)
            state.withLock { _ = $0.sources.removeValue(forKey: token) }
        }

        /// Calls `fire` on the thread once the monotonic clock has come so far.
        func at(_ due: Int64, _ fire: @escaping @Sendable () -> Void) -> UInt64 {
            state.withLock { state in
                let token = state.nextToken
                state.nextToken += 1
                state.timers[token] = Timer(due: due, fire: fire)
                arm(&state, due)
                return token
            }
        }

        func after(_ delay: Duration, _ fire: @escaping @Sendable () -> Void) -> UInt64 {
            at(cp_monotonic_ns() + delay.nanoseconds, fire)
        }

        func cancelTimer(_ token: UInt64) {
            state.withLock { _ = $0.timers.removeValue(forKey: token) }
        }

        private func arm(_ state: inout State, _ due: Int64) {
            guard due < state.armed else { return }
            state.armed = due
            _ = cp_timer_arm(timer, due)
        }

        private func work() {
            Thread.current.name = "sandbox"
            cp_block_pipe_signal()
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 16)
            defer { buffer.deallocate() }
            var events = [cp_ready](repeating: cp_ready(), count: 64)
            while !state.withLock({ $0.isClosed }) {
                let count = cp_poll_wait(poll, &events, events.count)
                // A failing wait cannot be repaired; spinning would only hide it.
                guard count >= 0 else { break }
                for event in events.prefix(Int(count)) {
                    switch event.token {
                    case Self.wakeToken: cp_settle(wake)
                    case Self.timerToken: fireTimers()
                    default: state.withLock { $0.sources[event.token] }?.ready(event.what, buffer)
                    }
                }
            }
            while true {
                let rest = state.withLock { state in
                    defer { state.timers = [:] }
                    return state.timers.values.sorted { $0.due < $1.due }
                }
                guard !rest.isEmpty else { break }
                for timer in rest { timer.fire() }
            }
            for descriptor in [poll, wake, timer] { cp_close(descriptor) }
        }

        private func fireTimers() {
            cp_settle(timer)
            let now = cp_monotonic_ns()
            let due = state.withLock { state in
                let due = state.timers.filter { $0.value.due <= now }
                for token in due.keys { state.timers.removeValue(forKey: token) }
                state.armed = .max
                if let next = state.timers.values.map(\.due).min() { arm(&state, next) }
                return due.values.sorted { $0.due < $1.due }
            }
            for timer in due { timer.fire() }
        }
    }
#endif
