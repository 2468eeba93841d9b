import Machine
import Synchronization

/// The steps of an apply in the order in which they came.
final class Steps: Sendable {
    private let seen = Mutex<[ApplyStep]>([])

    func add(_ step: ApplyStep) { seen.withLock { $0.append(step) } }
    var all: [ApplyStep] { seen.withLock { $0 } }
}

/// Counts from 0.
final class Numbers: Sendable {
    private let value = Mutex(-1)

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
