#if os(Linux)
    internal import CPlatform
    internal import Synchronization

    /// What the launcher, bubblewrap and the supervisor had to say, bounded: only the first words name the cause.
    final class LogTail: ReactorSource {
        private static let kept = 4_096

        private struct State {
            var descriptor: Int32
            var token: UInt64 = 0
            var bytes: [UInt8] = []
        }
        private let reactor: Reactor
        private let state: Mutex<State>

        /// Takes the descriptor over.
        init(_ descriptor: Int32, on reactor: Reactor) {
            self.reactor = reactor
            state = Mutex(State(descriptor: descriptor))
            let token = reactor.add(descriptor, CP_READY_READ, self)
            state.withLock { state in
                if let token {
                    state.token = token
                } else {
                    cp_close(descriptor)
                    state.descriptor = -1
                }
            }
        }

        func ready(_: UInt32, _ buffer: UnsafeMutableRawBufferPointer) { take(buffer) }

        func take(_ buffer: UnsafeMutableRawBufferPointer) {
            state.withLock { state in
                guard state.descriptor >= 0 else { return }
                let got = cp_read(state.descriptor, buffer.baseAddress, buffer.count)
                if got == -11 { return }
                guard got > 0 else { return close(&state) }
                state.bytes.append(contentsOf: buffer.prefix(min(Int(got), Self.kept - state.bytes.count)))
            }
        }

        func close() { state.withLock { close(&$0) } }

        private func close(_ state: inout State) {
            guard state.descriptor >= 0 else { return }
            reactor.remove(state.descriptor, state.token)
            cp_close(state.descriptor)
            state.descriptor = -1
        }

        /// One line, printable characters only.
        var text: String {
            let bytes = state.withLock { $0.bytes }
            return String(decoding: bytes.map { (0x20...0x7E).contains($0) ? $0 : 0x20 }, as: UTF8.self)
                .split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
    }
#endif
