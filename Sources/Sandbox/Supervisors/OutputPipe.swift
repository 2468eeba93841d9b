#if os(Linux)
    internal import CPlatform
    internal import Synchronization

    /// The reading end of one stream of one call.
    final class OutputPipe: ReactorSource {
        /// Of 64 KiB each; then the others have their turn.
        private static let readsPerTurn = 4

        private let call: LiveCall
        private let stream: Int
        private let reactor: Reactor
        /// -1 once it is closed. Opened by the caller's thread, closed by the reactor's.
        private let descriptor: Mutex<(descriptor: Int32, token: UInt64?)>

        /// Takes the descriptor over.
        init(_ descriptor: Int32, _ stream: Int, of call: LiveCall, on reactor: Reactor) {
            self.call = call
            self.stream = stream
            self.reactor = reactor
            self.descriptor = Mutex((descriptor, nil))
        }

        /// From here on it is read as it comes. On the reactor's thread.
        func listen() {
            descriptor.withLock { state in
                guard state.descriptor >= 0, state.token == nil else { return }
                state.token = reactor.add(state.descriptor, CP_READY_READ, self)
            }
        }

        func ready(_ what: UInt32, _ buffer: UnsafeMutableRawBufferPointer) {
            read(Self.readsPerTurn, untilEmpty: what & CP_READY_END != 0, buffer)
        }

        /// Takes what is there. A pipe holds 64 KiB, so when nobody writes any more this is little.
        func drain(_ buffer: UnsafeMutableRawBufferPointer) { read(64, untilEmpty: true, buffer) }

        private func read(_ turns: Int, untilEmpty: Bool, _ buffer: UnsafeMutableRawBufferPointer) {
            let descriptor = descriptor.withLock { $0.descriptor }
            guard descriptor >= 0 else { return }
            for _ in 0..<turns {
                let got = cp_read(descriptor, buffer.baseAddress, buffer.count)
                if got == -11 { return }
                guard got > 0 else {
                    if close() { call.streamEnded(stream) }
                    return
                }
                call.took(stream, UnsafeRawBufferPointer(rebasing: buffer[..<Int(got)]))
                if got < buffer.count, !untilEmpty { return }
            }
        }

        /// - Returns: Whether it was open.
        @discardableResult
        func close() -> Bool {
            descriptor.withLock { state in
                guard state.descriptor >= 0 else { return false }
                if let token = state.token { reactor.remove(state.descriptor, token) }
                cp_close(state.descriptor)
                state.descriptor = -1
                return true
            }
        }
    }

    /// Feeds a call's standard input as fast as it is read.
    final class InputPipe: ReactorSource {
        private let reactor: Reactor
        private struct State {
            var descriptor: Int32
            var token: UInt64 = 0
            var rest: ArraySlice<UInt8>
        }
        private let state: Mutex<State>

        /// Takes the descriptor over, also when it answers `nil`.
        init?(_ descriptor: Int32, _ rest: ArraySlice<UInt8>, on reactor: Reactor) {
            self.reactor = reactor
            state = Mutex(State(descriptor: descriptor, rest: rest))
            guard let token = reactor.add(descriptor, CP_READY_WRITE, self) else {
                cp_close(descriptor)
                return nil
            }
            state.withLock { $0.token = token }
        }

        func ready(_: UInt32, _: UnsafeMutableRawBufferPointer) {
            state.withLock { state in
                guard state.descriptor >= 0 else { return }
                let put = state.rest.withUnsafeBytes { cp_write(state.descriptor, $0.baseAddress, $0.count) }
                if put == -11 { return }
                if put > 0 { state.rest = state.rest.dropFirst(Int(put)) }
                // A program that does not read its input to the end is no failure.
                guard put <= 0 || state.rest.isEmpty else { return }
                reactor.remove(state.descriptor, state.token)
                cp_close(state.descriptor)
                state.descriptor = -1
            }
        }
    }
#endif
