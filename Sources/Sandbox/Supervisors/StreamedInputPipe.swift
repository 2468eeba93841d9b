#if os(Linux)
    internal import CPlatform
    internal import Synchronization

    /// Feeds a call what its ``CallInput`` is told, until the call ends. Writes on the reactor's thread only, where a pipe
    /// that nobody reads any more is an error and no signal.
    final class StreamedInputPipe: ReactorSource {
        private struct State {
            var descriptor: Int32
            var token: UInt64 = 0
            var rest: [UInt8] = []
            /// How much of ``rest`` is gone already.
            var start = 0
        }

        private let input: CallInput
        private let reactor: Reactor
        private let state: Mutex<State>

        /// Takes the descriptor over, also when it answers `nil`.
        init?(_ descriptor: Int32, of input: CallInput, on reactor: Reactor) {
            self.input = input
            self.reactor = reactor
            state = Mutex(State(descriptor: descriptor))
            guard let token = reactor.add(descriptor, 0, self) else {
                cp_close(descriptor)
                return nil
            }
            state.withLock { $0.token = token }
            input.attach { [weak self] in self?.add($0) }
        }

        private func add(_ bytes: [UInt8]) {
            state.withLock { state in
                guard state.descriptor >= 0 else { return }
                state.rest += bytes
                reactor.change(state.descriptor, CP_READY_WRITE, state.token)
            }
        }

        func ready(_ what: UInt32, _: UnsafeMutableRawBufferPointer) {
            let put = state.withLock { state -> Int in
                guard state.descriptor >= 0 else { return 0 }
                let put = state.rest.withUnsafeBytes { bytes in
                    let open = UnsafeRawBufferPointer(rebasing: bytes[state.start...])
                    return open.isEmpty ? 0 : cp_write(state.descriptor, open.baseAddress, open.count)
                }
                if put == -11 { return 0 }
                guard put >= 0, put > 0 || what & CP_READY_END == 0 else {
                    close(&state)
                    return 0
                }
                state.start += Int(put)
                if state.start == state.rest.count {
                    (state.rest, state.start) = ([], 0)
                    reactor.change(state.descriptor, 0, state.token)
                }
                return Int(put)
            }
            if put > 0 { input.took(put) }
        }

        /// The program finds the end of its input.
        func close() {
            input.end()
            state.withLock { close(&$0) }
        }

        private func close(_ state: inout State) {
            guard state.descriptor >= 0 else { return }
            reactor.remove(state.descriptor, state.token)
            cp_close(state.descriptor)
            state.descriptor = -1
            state.rest = []
        }
    }
#endif
