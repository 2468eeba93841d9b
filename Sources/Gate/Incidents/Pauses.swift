internal import Synchronization
package import ToolKit

/// Callers that may run nothing until a person has decided about an incident.
///
/// What is paused is the token's name; labels are no authority. The pause is as lasting as its incident in the inbox, from
/// which it is restored at a start.
package final class Pauses: Sendable {
    package struct Pause: Sendable, Hashable {
        /// Of the incident in the inbox.
        package var itemID: String
        /// One sentence, lower-case start, no full stop.
        package var reason: String
        /// Unix seconds.
        package var since: Double

        package init(itemID: String, reason: String, since: Double) {
            (self.itemID, self.reason, self.since) = (itemID, reason, since)
        }
    }

    /// Code of the refusal of a call whose caller is paused.
    package static let code = "agent_paused"

    /// By principal.
    private let paused = Mutex<[String: Pause]>([:])

    package init() {}

    package func pause(of principal: String) -> Pause? { paused.withLock { $0[principal] } }

    /// Holds from now on.
    ///
    /// - Returns: Whether the caller was not paused before; then nothing changed.
    @discardableResult
    package func begin(_ pause: Pause, of principal: String) -> Bool {
        paused.withLock { paused in
            guard paused[principal] == nil else { return false }
            paused[principal] = pause
            return true
        }
    }

    /// - Parameter itemID: Of the incident that was decided; a pause for another one stays.
    package func end(of principal: String, for itemID: String) {
        paused.withLock { paused in
            if paused[principal]?.itemID == itemID { paused[principal] = nil }
        }
    }

    /// - Throws: ``Refusal`` for a caller that is paused.
    package func require(_ principal: String) throws(Refusal) {
        if let pause = pause(of: principal) { throw Self.refusal(pause) }
    }

    package static func refusal(_ pause: Pause) -> Refusal {
        var refusal = Refusal(
            .policyBlocked, code: code, "this caller is paused: \(pause.reason)",
            remedy: "a person decides about the incident \(pause.itemID) in the inbox")
        refusal.details["incident_id"] = .string(pause.itemID)
        return refusal
    }
}

/// A call that names a honeytoken: not only a no, but an incident, which whoever asked the gate opens.
package struct HoneytokenSighted: Error {
    package let sighting: HoneytokenSighting
}
