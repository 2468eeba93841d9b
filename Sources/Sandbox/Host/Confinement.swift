/// How well commands are confined on this host; shown with every run.
package enum Confinement: Sendable, Hashable {
    /// Both walls stand.
    case full
    /// Command tools cannot be used: one sentence why, and what would change that.
    case unavailable(reason: String, remedy: String)

    /// As it stands on the wire.
    package var label: String {
        switch self {
        case .full: "sandbox"
        case .unavailable: "unavailable"
        }
    }
}
