package import ToolKit

/// Calls a minute for one principal, agent label and tool.
package struct RateLimits: Sendable, Hashable {
    package var low: Int
    package var medium: Int
    package var high: Int
    /// Refused calls of one principal, whatever their tool; a rate of its own.
    package var refusals: Int

    package static let standard = RateLimits(low: 600, medium: 240, high: 60)

    package init(low: Int, medium: Int, high: Int, refusals: Int = 240) {
        self.low = low
        self.medium = medium
        self.high = high
        self.refusals = refusals
    }

    /// `AUTOMATION_RATE_LIMIT_PER_MIN`: one limit for all.
    package init(all limit: Int) { self.init(low: limit, medium: limit, high: limit, refusals: limit) }

    package func perMinute(_ risk: Risk) -> Int {
        switch risk {
        case .low: low
        case .medium: medium
        case .high: high
        }
    }
}
