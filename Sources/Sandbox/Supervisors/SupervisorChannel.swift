#if os(Linux)
    internal import CPlatform
    internal import Synchronization

    /// The daemon's end of the socket to one supervisor. Sending never waits: what does not fit is sent when it does.
    final class SupervisorChannel: ReactorSource {
        private struct Outgoing {
            var bytes: ArraySlice<UInt8>
            /// Sent with the first byte, and closed then.
            var descriptors: [Int32]
            /// Of ours, closed once the frame is on its way; the supervisor has them then.
            var closing: [Int32]
        }

        private struct State {
            var socket: Int32
            var token: UInt64 = 0
            var outgoing: [Outgoing] = []
            weak var supervisor: Supervisor?
        }

        private let reactor: Reactor
        private let state: Mutex<State>

        /// Takes the descriptor over.
        init(_ socket: Int32, reactor: Reactor) {
            self.reactor = reactor
            state = Mutex(State(socket: socket))
        }

        deinit { close() }

        func listen(_ supervisor: Supervisor) -> Bool {
            state.withLock { state in
                state.supervisor = supervisor
                guard let token = reactor.add(state.socket, CP_READY_READ, self) else { return false }
                state.token = token
                return true
            }
        }

        /// - Parameters:
        ///   - descriptors: Go along with the frame.
        ///   - closing: Closed in every case, once the frame is gone or cannot go.
        /// - Returns: False when the supervisor is gone, and the frame was not sent.
        @discardableResult
        func send(_ bytes: [UInt8], descriptors: [Int32] = [], closing: [Int32] = []) -> Bool {
            state.withLock { state in
                guard state.socket >= 0 else {
                    for descriptor in closing { cp_close(descriptor) }
                    return false
                }
                state.outgoing.append(Outgoing(bytes: bytes[...], descriptors: descriptors, closing: closing))
                guard state.outgoing.count == 1 else { return true }
                let sent = flush(&state)
                if sent, !state.outgoing.isEmpty {
                    reactor.change(state.socket, CP_READY_READ | CP_READY_WRITE, state.token)
                }
                return sent
            }
        }

        /// - Returns: False when the supervisor is gone.
        private func flush(_ state: inout State) -> Bool {
            while let first = state.outgoing.first {
                let sent = first.bytes.withUnsafeBytes { bytes in
                    cp_send(state.socket, bytes.baseAddress, bytes.count, first.descriptors, first.descriptors.count)
                }
                if sent == -11 { return true }
                guard sent >= 0 else {
                    dropOutgoing(&state)
                    return false
                }
                state.outgoing[0].bytes = first.bytes.dropFirst(Int(sent))
                state.outgoing[0].descriptors = []
                for descriptor in first.closing { cp_close(descriptor) }
                state.outgoing[0].closing = []
                if state.outgoing[0].bytes.isEmpty { state.outgoing.removeFirst() }
            }
            return true
        }

        private func dropOutgoing(_ state: inout State) {
            for frame in state.outgoing { for descriptor in frame.closing { cp_close(descriptor) } }
            state.outgoing = []
        }

        func ready(_ what: UInt32, _ buffer: UnsafeMutableRawBufferPointer) {
            if what & CP_READY_WRITE != 0 {
                state.withLock { state in
                    guard state.socket >= 0 else { return }
                    // A failure here is followed by the end of the stream.
                    if flush(&state), state.outgoing.isEmpty {
                        reactor.change(state.socket, CP_READY_READ, state.token)
                    }
                }
            }
            guard what & (CP_READY_READ | CP_READY_END) != 0 else { return }
            let (socket, supervisor) = state.withLock { ($0.socket, $0.supervisor) }
            guard socket >= 0, let supervisor else { return }
            let got = cp_receive(socket, buffer.baseAddress, buffer.count)
            if got == -11 { return }
            guard got > 0 else { return supervisor.lost(buffer) }
            supervisor.take(UnsafeRawBufferPointer(rebasing: buffer[..<Int(got)]), buffer)
        }

        func close() {
            state.withLock { state in
                guard state.socket >= 0 else { return }
                dropOutgoing(&state)
                reactor.remove(state.socket, state.token)
                cp_close(state.socket)
                state.socket = -1
            }
        }
    }
#endif
