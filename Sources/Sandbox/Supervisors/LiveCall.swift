#if os(Linux)
    internal import CPlatform
    internal import Synchronization
    internal import ToolKit

    /// A call between its start and its end. Its pipes and timers belong to the reactor's thread; stopping it may be asked
    /// from anywhere. It ends exactly once: when the supervisor has told how and both streams have been read.
    final class LiveCall: Sendable {
        private struct State {
            var captures: [OutputCapture]
            var pipes: [OutputPipe?] = [nil, nil]
            var input: StreamedInputPipe?
            var openStreams = 2
            var counted: UInt64 = 0
            var stop: CallEnd.Stop?
            var ending: CallEnd.Ending?
            var usage = CallEnd.Usage()
            var timer: UInt64?
            var isForced = false
            var continuation: CheckedContinuation<CallEnd, Never>?
        }

        /// How long a call's output waits in its pipes before the reactor listens to them. Most calls are over by then and are
        /// read once, at their end: one wake-up for the reactor instead of three.
        private static let quietTime = Duration.milliseconds(8)
        /// How long a stream may stay open after the call's end: a process being forked elsewhere in the daemon has a copy
        /// of every descriptor for a moment.
        private static let drainTime = Duration.milliseconds(500)
        /// How long a killed call may take to be gone before the supervisor counts as hung.
        private static let endTime = Duration.seconds(5)

        let number: UInt32
        private let limits: CallLimits
        private let watcher: OutputWatcher?
        private let reactor: Reactor
        /// Sends a signal to the call; does nothing once it has ended.
        private let signal: @Sendable (Int32) -> Void
        /// The supervisor does not end a call that it was told to kill.
        private let hung: @Sendable () -> Void
        private let started = cp_monotonic_ns()
        private let state: Mutex<State>

        init(
            number: UInt32, limits: CallLimits, watcher: OutputWatcher?, reactor: Reactor,
            signal: @escaping @Sendable (Int32) -> Void, hung: @escaping @Sendable () -> Void
        ) {
            self.number = number
            self.limits = limits
            self.watcher = watcher
            self.reactor = reactor
            self.signal = signal
            self.hung = hung
            let capture = OutputCapture(kept: limits.keptOutput)
            state = Mutex(State(captures: [capture, capture]))
        }

        func begin(
            _ continuation: CheckedContinuation<CallEnd, Never>, stdout: OutputPipe, stderr: OutputPipe
        ) {
            state.withLock { state in
                state.continuation = continuation
                state.pipes = [stdout, stderr]
                state.openStreams = 2
            }
        }

        /// It has this input until it ends.
        func feed(_ input: StreamedInputPipe?) { state.withLock { $0.input = input } }

        /// From here on the wall time counts.
        func watchClock() {
            setTimer(reactor.after(min(Self.quietTime, limits.wallTime)) { [self] in listen() })
        }

        private func listen() {
            for pipe in state.withLock({ $0.pipes }) { pipe?.listen() }
            setTimer(reactor.at(started &+ limits.wallTime.nanoseconds) { [self] in outOfTime() })
        }

        /// Unless it is over, or has a later deadline because it is being ended.
        private func setTimer(_ timer: UInt64) {
            let isOver = state.withLock { state in
                if state.ending != nil || state.isForced { return true }
                state.timer = timer
                return false
            }
            if isOver { reactor.cancelTimer(timer) }
        }

        // MARK: Stopping

        private func outOfTime() {
            let mayWait = state.withLock { state in
                guard state.ending == nil, !state.isForced else { return false }
                if state.stop == nil { state.stop = .wallTime }
                state.timer = reactor.after(limits.grace) { [self] in force() }
                return true
            }
            if mayWait { signal(15) }
        }

        /// Ends everything the call started, now.
        func stop(_ reason: CallEnd.Stop) {
            state.withLock { if $0.ending == nil, $0.stop == nil { $0.stop = reason } }
            force()
        }

        /// Whether it was told to stop before it began.
        var isStopped: Bool { state.withLock { $0.stop != nil } }

        private func force() {
            let old = state.withLock { state -> UInt64?? in
                guard state.ending == nil, !state.isForced else { return nil }
                state.isForced = true
                let old = state.timer
                state.timer = reactor.after(Self.endTime) { [self] in hung() }
                return .some(old)
            }
            guard let old else { return }
            if let old { reactor.cancelTimer(old) }
            signal(9)
        }

        // MARK: On the reactor's thread

        func took(_ stream: Int, _ bytes: UnsafeRawBufferPointer) {
            let (offset, isFlood) = state.withLock { state in
                let offset = state.captures[stream].totalBytes
                state.captures[stream].take(bytes)
                state.counted += UInt64(bytes.count)
                return (offset, state.counted > limits.countedOutput && state.stop == nil)
            }
            watcher?(stream == 0 ? .stdout : .stderr, offset, bytes)
            if isFlood { stop(.output) }
        }

        func streamEnded(_ stream: Int) {
            finish { state in
                state.pipes[stream] = nil
                state.openStreams -= 1
            }
        }

        /// The supervisor has told how it ended, or has died.
        func ended(
            _ ending: CallEnd.Ending, _ stop: CallEnd.Stop?, wasKilled: Bool, _ usage: CallEnd.Usage,
            _ buffer: UnsafeMutableRawBufferPointer
        ) {
            let isFirst = state.withLock { state in
                guard state.ending == nil else { return false }
                // A limit that the kernel or the supervisor saw is the better answer than ours, which came later.
                if let stop { state.stop = stop }
                // It was through before the signal arrived.
                if state.stop == .cancelled, !wasKilled { state.stop = nil }
                state.usage = usage
                return true
            }
            guard isFirst else { return }
            // The streams end before the call does: what they hold is here already.
            let (open, input) = state.withLock { ($0.pipes, $0.input) }
            input?.close()
            for pipe in open { pipe?.drain(buffer) }
            finish { state in
                state.ending = ending
                let old = state.timer
                state.timer = nil
                if let old { reactor.cancelTimer(old) }
                if state.openStreams > 0 {
                    state.timer = reactor.after(Self.drainTime) { [self] in abandonStreams() }
                }
            }
        }

        private func abandonStreams() {
            for pipe in state.withLock({ $0.pipes }) { pipe?.close() }
            finish { $0.openStreams = 0 }
        }

        private func finish(after change: (inout State) -> Void) {
            let done = state.withLock { state -> (CheckedContinuation<CallEnd, Never>, CallEnd)? in
                change(&state)
                guard state.openStreams <= 0, let ending = state.ending, let continuation = state.continuation else {
                    return nil
                }
                state.continuation = nil
                if let timer = state.timer { reactor.cancelTimer(timer) }
                var end = CallEnd(
                    ending: ending, stop: state.stop,
                    stdout: state.captures[0].captured(reachedEnd: state.pipes[0] == nil),
                    stderr: state.captures[1].captured(reachedEnd: state.pipes[1] == nil))
                end.usage = state.usage
                end.duration = .nanoseconds(cp_monotonic_ns() - started)
                return (continuation, end)
            }
            if let (continuation, end) = done { continuation.resume(returning: end) }
        }
    }
#endif
