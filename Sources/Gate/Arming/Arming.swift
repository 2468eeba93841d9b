internal import Synchronization

/// Callers whom a person has let use tools that act for the person, for a short while.
///
/// Only a decision about a single call begins such a period, and it begins when that call does. It ends with its time, on
/// the clock that does not jump, with a lockdown, with a pause, and with the daemon.
package final class Arming: Sendable {
    /// By principal: seconds since boot.
    private let ends = Mutex<[String: Double]>([:])

    package init() {}

    /// - Returns: Seconds, rounded up; `nil` for a caller that is not armed.
    package func left(of principal: String, at sinceBoot: Double) -> Int? {
        guard let end = ends.withLock({ $0[principal] }), end > sinceBoot else { return nil }
        return Int((end - sinceBoot).rounded(.up))
    }

    /// A second decision begins the period anew.
    package func begin(of principal: String, for seconds: Int, at sinceBoot: Double) {
        ends.withLock { ends in
            ends = ends.filter { $0.value > sinceBoot }
            ends[principal] = sinceBoot + Double(seconds)
        }
    }

    package func end(of principal: String) { ends.withLock { $0[principal] = nil } }

    package func endAll() { ends.withLock { $0 = [:] } }
}
