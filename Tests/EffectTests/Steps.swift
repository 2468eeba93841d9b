import Machine
import Synchronization

/// The steps of an apply in the order in which they came.
final class Steps: Sendable {
    private let seen = Mutex<[ApplyStep]>([])

    func add(_ step: ApplyStep) { seen.withLock { $0.append(step) } }
    var all: [ApplyStep] { seen.withLock { $0 } }
}
