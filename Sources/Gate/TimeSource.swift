internal import CPlatform
internal import Foundation

/// The clocks that decisions depend on, so that a test can set them.
package protocol TimeSource: Sendable {
    /// Unix seconds. Anybody may set this clock; it labels, it never decides about approvals.
    var wall: Double { get }
    /// Seconds since the machine started, sleep included; it never jumps (SECURITY R56).
    var sinceBoot: Double { get }
    /// Differs from one start of the machine to the next.
    var bootID: String { get }
}

/// The machine's own clocks.
package struct SystemTime: TimeSource {
    package let bootID: String

    package init() {
        #if os(Linux)
            let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        #else
            let text: String? = nil
        #endif
        // Without a boot id a restart of the daemon counts as one: approvals then end with the process.
        bootID = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? Identifier.make("boot")
    }

    package var wall: Double { Date().timeIntervalSince1970 }
    package var sinceBoot: Double { cp_seconds_since_boot() }
}
