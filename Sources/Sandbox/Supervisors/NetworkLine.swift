#if os(Linux)
    internal import CPlatform
    internal import Synchronization

    /// Waits for the listener of one call with a guarded network, and hands it over while the call starts.
    final class NetworkLine: ReactorSource {
        private let line: DescriptorLine
        private let taker: ListenerTaker
        private let reactor: Reactor
        /// `nil` before it waits and once it does no more.
        private let token = Mutex<UInt64?>(nil)

        init(for taker: @escaping ListenerTaker, on reactor: Reactor) throws(DescriptorLine.Failure) {
            line = try DescriptorLine()
            self.taker = taker
            self.reactor = reactor
            let added = token.withLock { token in
                token = reactor.add(line.near, CP_READY_READ, self)
                return token != nil
            }
            guard added else { throw DescriptorLine.Failure(number: 0) }
        }

        func takeFarEnd() -> Int32 { line.takeFarEnd() }

        func ready(_: UInt32, _: UnsafeMutableRawBufferPointer) {
            guard leave() else { return }
            if let listener = line.receive() { taker(listener) }
        }

        /// Nothing is handed over from here on but what is being handed over now. To be called after the call's end.
        func close() {
            guard leave() else { return }
            if let listener = line.receive() { cp_close(listener) }
        }

        /// - Returns: Whether it was waiting until now.
        private func leave() -> Bool {
            token.withLock { token in
                guard let waiting = token else { return false }
                reactor.remove(line.near, waiting)
                token = nil
                return true
            }
        }
    }
#endif
