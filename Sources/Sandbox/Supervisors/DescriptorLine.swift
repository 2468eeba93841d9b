#if os(Linux)
    internal import CPlatform
    internal import Synchronization

    /// A socket of one call alone, over which its first process sends one descriptor before it starts the program.
    final class DescriptorLine: Sendable {
        struct Failure: Error { var number: Int32 }

        /// Open as long as this object is.
        let near: Int32
        /// -1 once it was given away.
        private let far: Mutex<Int32>

        init() throws(Failure) {
            var ends: [Int32] = [-1, -1]
            let error = cp_socket_pair(&ends)
            guard error == 0 else { throw Failure(number: -error) }
            near = ends[0]
            far = Mutex(ends[1])
        }

        deinit {
            cp_close(near)
            let far = far.withLock { $0 }
            if far >= 0 { cp_close(far) }
        }

        /// The end that the call gets. Whoever takes it closes it.
        func takeFarEnd() -> Int32 {
            far.withLock { far in
                defer { far = -1 }
                return far
            }
        }

        /// What was sent, if anything was. Whoever asks owns it.
        func receive() -> Int32? {
            let descriptor = cp_receive_descriptor(near)
            return descriptor >= 0 ? descriptor : nil
        }

        /// The folder that was sent; `nil` for a call that did not come so far. To be asked once, after the call's end: then
        /// it was sent or never will be.
        func folder() -> LentFolder? { receive().map(LentFolder.init(owning:)) }
    }
#endif
