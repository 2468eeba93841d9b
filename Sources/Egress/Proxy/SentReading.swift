internal import Synchronization
internal import ToolKit

/// What a program sends over one connection, as far as it can be read: the piece in which a honeytoken ends does not leave.
/// Inside of TLS nothing is seen.
final class SentReading: Sendable {
    private let watch: HoneytokenWatch?
    private let reading: Mutex<HoneytokenReading?>
    private let seen = Atomic(false)

    init(watch: HoneytokenWatch?) {
        self.watch = watch
        reading = Mutex(watch?.tokens.reading())
    }

    var hasToken: Bool { seen.load(ordering: .relaxed) }

    /// - Returns: Whether the bytes, behind those before, hold no honeytoken.
    func mayLeave(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let watch else { return true }
        let sofar = reading.withLock { reading in
            reading?.add(bytes)
            return reading
        }
        guard let sofar, !sofar.seen.isEmpty else { return true }
        seen.store(true, ordering: .relaxed)
        watch.conclude(sofar, in: .egress)
        return false
    }
}
