/// The daemon's state could not be read or written: nothing was changed, and the same may succeed later.
package struct StoreUnavailable: Error, Sendable, Hashable {
    package static let code = "store_unavailable"
    /// One sentence without a full stop.
    package let message: String
    package let remedy: String

    package init(_ message: String, remedy: String) {
        self.message = message
        self.remedy = remedy
    }
}
