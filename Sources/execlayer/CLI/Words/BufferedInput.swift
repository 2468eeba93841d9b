internal import Synchronization

/// A session whose inputs are read at most once: the standard input has nothing to say a second time.
struct BufferedInput: Sendable {
    let session: Session

    init(_ session: Session) {
        let memory = Memory()
        let read = session.readInput
        self.session = Session(
            terminal: session.terminal, environment: session.environment, currentFolder: session.currentFolder,
            openHome: session.openHome, connect: session.connect,
            readInput: { source in
                if let known = memory.inputs.withLock({ $0[source] }) { return known }
                let bytes = try read(source)
                memory.inputs.withLock { $0[source] = bytes }
                return bytes
            })
    }

    private final class Memory: Sendable {
        /// Owned by the closure above.
        let inputs = Mutex<[InputSource: [UInt8]]>([:])
    }
}
