internal import Synchronization

/// What this daemon has put on spare keys, from one call to the next.
final class Keyboard: Sendable {
    private let spare = Mutex<SpareKeys?>(nil)

    /// `nil` until somebody has looked.
    var keys: SpareKeys? {
        get { spare.withLock { $0 } }
        set { spare.withLock { $0 = newValue } }
    }
}
