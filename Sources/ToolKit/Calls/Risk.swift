/// How much a call of a tool can break. Medium and above need approval where the configuration asks for it.
public enum Risk: Int, Sendable, Comparable, CaseIterable {
    case low = 0
    case medium = 1
    case high = 2

    public var name: String {
        switch self {
        case .low: "low"
        case .medium: "medium"
        case .high: "high"
        }
    }

    public static func < (left: Risk, right: Risk) -> Bool { left.rawValue < right.rawValue }
}
