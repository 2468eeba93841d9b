internal import Synchronization

/// How busy the processors were since the last reading; the first answers since boot.
final class ProcessorMeter: Sendable {
    private struct Reading {
        var busy = 0
        var total = 0
    }

    private struct State {
        var last = Reading()
        var percent: Double?
    }

    /// A shorter time, in ticks of all processors, says nothing; the last answer is repeated.
    private static let shortest = 10

    private let state = Mutex(State())

    /// - Parameter statistics: The text of `/proc/stat`.
    /// - Returns: 0 to 100, `nil` when the text has no such line.
    func percent(_ statistics: String) -> Double? {
        guard let now = Self.reading(statistics) else { return nil }
        return state.withLock { state in
            let total = now.total - state.last.total
            let busy = now.busy - state.last.busy
            if total >= Self.shortest || state.percent == nil {
                state.percent = total > 0 ? min(100, max(0, Double(busy) * 100 / Double(total))) : 0
                state.last = now
            }
            return state.percent
        }
    }

    static func count(in statistics: String) -> Int {
        statistics.split(separator: "\n").count { $0.hasPrefix("cpu") && $0.dropFirst(3).first?.isNumber == true }
    }

    /// `cpu user nice system idle iowait irq softirq steal …`; guest time is part of user time.
    private static func reading(_ statistics: String) -> Reading? {
        guard let line = statistics.split(separator: "\n").first(where: { $0.hasPrefix("cpu ") }) else { return nil }
        let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { Int($0) }
        guard ticks.count >= 4 else { return nil }
        let total = ticks.reduce(0) { $0 &+ $1 }
        let idle = ticks[3] &+ (ticks.count > 4 ? ticks[4] : 0)
        return Reading(busy: total &- idle, total: total)
    }
}
