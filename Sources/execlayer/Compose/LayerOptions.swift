internal import Desktop
internal import Foundation
internal import Gate

/// What the composition needs to know, whoever asks for it: the daemon or a verb that works without one.
struct LayerOptions: Sendable {
    var home: String
    var workspace: String
    var isWorkspaceForced = false
    /// `EXECUTION_TOKEN`.
    var operatorToken: String?
    var rateLimits = RateLimits.standard
    /// `AUTOMATION_ALLOWED_DOMAINS`.
    var allowedDomains = AllowedDomains.none
    /// What this process's surroundings say of a desktop.
    var displays = DisplayChoice(environment: ProcessInfo.processInfo.environment)
    /// Told how far the index of the audit has caught up, in lines.
    var onIndexed: (@Sendable (_ done: Int, _ total: Int) -> Void)?
}
